//! What went wrong in a database, and what follows from it.

use std::error::Error as StdError;
use std::fmt;

use connect_api::{Error, ErrorKind};

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The connection is dead, or none can be had: open another one.
    Connection,
    /// The same statement may succeed: a deadlock, a lock, a database that is starting or full.
    Transient,
    /// A value does not fit its column, or a constraint refuses the row: another row may pass.
    Data,
    /// A table or column is not what was believed: look at the catalogue again.
    Schema,
    /// An address, a name, a password or a setting is wrong.
    Config,
    /// Nothing will help: no permission, a statement that is not understood.
    Fatal,
}

/// An error of a database. No value of a record is in its message unless the database put it there.
pub(crate) struct Fault {
    class: Class,
    /// SQLSTATE, or the vendor's code where there is none.
    code: String,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Fault {
    /// A fault of our own making.
    pub(crate) fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, code: String::new(), message: message.into(), source: None }
    }

    /// A database's word; the message is without code.
    pub(crate) fn of(class: Class, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { class, code: code.into(), message: message.into(), source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says in front of the message what was being done.
    #[must_use]
    pub(crate) fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// What kind of trouble it is.
    pub(crate) const fn class(&self) -> Class {
        self.class
    }

    /// SQLSTATE or the vendor's code; empty when there is none.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The class that a standard SQLSTATE stands for, where a database has no codes of its own for it.
    pub(crate) fn class_of_sqlstate(state: &str) -> Class {
        match state {
            // Serialization failures and deadlocks; locks not had; statements cancelled by the server's limits.
            "40001" | "40P01" | "40003" | "55P03" | "55006" | "57014" => Class::Transient,
            // A cached plan whose table has changed.
            "0A000" => Class::Schema,
            // Wrong password, no such database or role.
            "28000" | "28P01" | "3D000" => Class::Config,
            // Undefined table, column or schema; a table that somebody else has just made; a missing constraint.
            "42P01" | "42S02" | "42703" | "42S22" | "3F000" | "42P07" | "42701" => Class::Schema,
            _ => match state.get(..2).unwrap_or_default() {
                "08" | "57" => Class::Connection,
                "53" | "58" => Class::Transient,
                // "cannot affect row a second time" (21000) comes of two rows with one key.
                "21" | "22" | "23" | "44" => Class::Data,
                _ => Class::Fatal,
            },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.code.is_empty() {
            write!(f, " [{}]", self.code)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.class)
    }
}

impl StdError for Fault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let (kind, class) = match fault.class {
            Class::Connection | Class::Transient => (ErrorKind::Retriable, None),
            // A driver's exception, which is what a Java connector would have wrapped.
            Class::Data => (ErrorKind::Data, Some("java.sql.SQLException")),
            Class::Config => (ErrorKind::Config, None),
            Class::Schema | Class::Fatal => (ErrorKind::Fatal, None),
        };
        let error = Self::new(kind, fault.to_string());
        let error = match class {
            Some(class) => error.with_class(class),
            None => error,
        };
        match fault.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}
