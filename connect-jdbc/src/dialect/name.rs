//! Identifiers: how they are written into statements and read out of configurations.

use std::borrow::Cow;
use std::fmt;

use connect_api::{Error, Result};

/// How identifiers stand in statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quoting {
    /// The character around and, doubled, within.
    pub(crate) quote: char,
    /// `quote.sql.identifiers`: whether plain names are quoted too.
    pub(crate) always: bool,
}

impl Quoting {
    /// An identifier as a statement has it. Whatever the text is, the result is one identifier: a quote character in it
    /// is doubled, and a name that is not plain is quoted even where plain ones are not.
    pub(crate) fn ident(self, name: &str) -> Cow<'_, str> {
        if !self.always && is_plain(name) {
            return Cow::Borrowed(name);
        }
        let mut quoted = String::with_capacity(name.len() + 2);
        quoted.push(self.quote);
        for at in name.chars() {
            quoted.push(at);
            if at == self.quote {
                quoted.push(at);
            }
        }
        quoted.push(self.quote);
        Cow::Owned(quoted)
    }

    /// Identifiers, separated by commas.
    pub(crate) fn list<'a>(self, names: impl IntoIterator<Item = &'a str>) -> String {
        let names: Vec<_> = names.into_iter().map(|name| self.ident(name)).collect();
        names.join(",")
    }

    /// A table's full name as a statement has it.
    pub(crate) fn table(self, name: &TableName) -> String {
        let parts: Vec<_> = name.parts().map(|part| self.ident(part)).collect();
        parts.join(".")
    }
}

/// Whether a name needs no quotes in any dialect: letters, digits and underscores, no digit first.
fn is_plain(name: &str) -> bool {
    let plain = |at: char| at == '_' || at.is_ascii_alphanumeric();
    name.chars().all(plain) && name.starts_with(|at: char| !at.is_ascii_digit())
}

/// The name of a table, with as many qualifiers as are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TableName {
    /// The database, in front of a schema.
    pub(crate) catalog: Option<String>,
    /// PostgreSQL's schema, MySQL's database.
    pub(crate) schema: Option<String>,
    /// The bare name.
    pub(crate) table: String,
}

impl TableName {
    /// A bare name.
    pub(crate) fn bare(table: impl Into<String>) -> Self {
        Self { catalog: None, schema: None, table: table.into() }
    }

    /// A name within a schema (or MySQL's database).
    pub(crate) fn of(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self { catalog: None, schema: Some(schema.into()), table: table.into() }
    }

    /// Reads `table`, `schema.table` or `catalog.schema.table`. A part may be quoted, and then hold dots, and its own
    /// quote character doubled.
    ///
    /// # Errors
    /// A config error when a part is empty, there are more than three, or a quote is not closed.
    pub(crate) fn parse(text: &str, quote: char) -> Result<Self> {
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut chars = text.chars().peekable();
        while let Some(at) = chars.next() {
            if at == '.' {
                parts.push(std::mem::take(&mut part));
            } else if at == quote && part.is_empty() {
                loop {
                    match chars.next() {
                        None => return Err(wrong(text, "has a quote that is not closed")),
                        Some(inner) if inner != quote => part.push(inner),
                        Some(_) if chars.next_if_eq(&quote).is_some() => part.push(quote),
                        Some(_) => break,
                    }
                }
                if chars.peek().is_some_and(|next| *next != '.') {
                    return Err(wrong(text, "has something behind a closing quote"));
                }
            } else {
                part.push(at);
            }
        }
        parts.push(part);
        if parts.iter().any(String::is_empty) {
            return Err(wrong(text, "has an empty part"));
        }
        let count = parts.len();
        let mut parts = parts.into_iter().rev();
        let mut next = || parts.next();
        match (next(), next(), next()) {
            (Some(table), schema, catalog) if count <= 3 => Ok(Self { catalog, schema, table }),
            _ => Err(wrong(text, "has more than the three parts catalog.schema.table")),
        }
    }

    /// What is known of it, outermost first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        [self.catalog.as_deref(), self.schema.as_deref(), Some(&*self.table)].into_iter().flatten()
    }
}

fn wrong(text: &str, what: &str) -> Error {
    Error::config(format!("the table name {text:?} {what}"))
}

/// The parts, unquoted, with dots between: the name that offsets, patterns and messages know a table by.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts().enumerate() {
            write!(f, "{}{part}", if index > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}
