//! The one error type of connectors, transforms and converters.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::config::ConfigErrors;

/// The answer of everything a connector does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// What the caller should do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration is wrong: tell the user; trying again without a change is of no use.
    Config,
    /// The same call may succeed later: try it again after a while.
    Retriable,
    /// The data is bad: this record will never pass; the connector's tolerance decides.
    Data,
    /// The task cannot go on.
    Fatal,
}

/// An error with a kind, a message for people, and optionally a cause, a wish when to try again, and the
/// records of a batch that failed.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Source>,
    retry_after: Option<Duration>,
    records: Vec<(usize, Error)>,
    class: Option<&'static str>,
    context: Option<String>,
    details: Vec<(&'static str, String)>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
            retry_after: None,
            records: Vec::new(),
            class: None,
            context: None,
            details: Vec::new(),
        }))
    }

    /// The configuration is wrong.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Try again later.
    pub fn retriable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Retriable, message)
    }

    /// The data is bad.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// The task cannot go on.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Fatal, message)
    }

    /// Some records of the slice given to [`SinkTask::put`](crate::SinkTask::put) failed; **the records not
    /// listed were delivered**, or are held by the task until its `flush`, if it has one. Indexes refer to that slice.
    ///
    /// Each record is treated by the kind of its own error: retriable ones are put again, after those that were
    /// taken (where order matters, list the first of them and all that follow it), bad ones follow
    /// `errors.tolerance`, and a fatal one fails the task.
    ///
    /// An empty list says that nothing failed, which is no error; it yields a fatal error that says so.
    pub fn records(failed: impl IntoIterator<Item = (usize, Error)>) -> Self {
        let mut records: Vec<_> = failed.into_iter().collect();
        records.sort_by_key(|(index, _)| *index);
        let Some((first, error)) = records.first() else {
            return Self::fatal("Error::records was given no failed record");
        };
        let message = format!("{} records failed; the first, number {first} of the batch: {error}", records.len());
        let worst = |kind: ErrorKind| records.iter().any(|(_, e)| e.kind() == kind);
        let kind = if worst(ErrorKind::Fatal) || worst(ErrorKind::Config) {
            ErrorKind::Fatal
        } else if worst(ErrorKind::Data) {
            ErrorKind::Data
        } else {
            ErrorKind::Retriable
        };
        let mut error = Self::new(kind, message);
        error.0.records = records;
        error
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says in front of the message where it happened: `error.context("line 3")` reads `line 3: message`.
    #[must_use]
    pub fn context(mut self, place: impl fmt::Display) -> Self {
        self.0.context = Some(match self.0.context.take() {
            Some(inner) => format!("{place}: {inner}"),
            None => place.to_string(),
        });
        self
    }

    /// Asks for the next attempt not before this time. Only a retriable error is tried again.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Names the Java class that dead letter consumers know this error by.
    /// Without it the kind decides, as [`class_name`](Self::class_name) says.
    #[must_use]
    pub fn with_class(mut self, class: &'static str) -> Self {
        self.0.class = Some(class);
        self
    }

    /// Says a part of the error by itself, for programs: what the target calls it, which table or field it is about.
    /// A dead letter has it as the header `__connect.errors.detail.` and the name; of a name that is given twice the
    /// last value counts.
    #[must_use]
    pub fn with_detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.details.retain(|(known, _)| *known != name);
        self.0.details.push((name, value.into()));
        self
    }

    /// Names and values of [`with_detail`](Self::with_detail), in the order in which they were given.
    pub fn details(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.details.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// What to do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the call may be repeated.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        self.0.kind == ErrorKind::Retriable
    }

    /// The wish of [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn retry_delay(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The failed records of [`records`](Self::records), sorted by index; empty for any other error.
    #[must_use]
    pub fn failed_records(&self) -> &[(usize, Error)] {
        &self.0.records
    }

    /// Takes the failed records out.
    #[must_use]
    pub fn into_failed_records(mut self) -> Vec<(usize, Error)> {
        std::mem::take(&mut self.0.records)
    }

    /// The exception class of Kafka Connect that stands for this error in dead letter headers and traces.
    #[must_use]
    pub fn class_name(&self) -> &'static str {
        self.0.class.unwrap_or(match self.0.kind {
            ErrorKind::Config => "org.apache.kafka.common.config.ConfigException",
            ErrorKind::Retriable => "org.apache.kafka.connect.errors.RetriableException",
            ErrorKind::Data => "org.apache.kafka.connect.errors.DataException",
            ErrorKind::Fatal => "org.apache.kafka.connect.errors.ConnectException",
        })
    }

    /// The error and its causes in the shape of a Java stack trace: `Class: message`, then `Caused by: ...`.
    #[must_use]
    pub fn trace(&self) -> String {
        let mut text = format!("{}: {self}", self.class_name());
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            text.push_str("\nCaused by: ");
            if let Some(error) = error.downcast_ref::<Error>() {
                text.push_str(error.class_name());
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(context) = &self.0.context {
            write!(f, "{context}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<ConfigErrors> for Error {
    fn from(errors: ConfigErrors) -> Self {
        Self::config(errors.to_string())
    }
}
