//! Why a herder did not do what it was asked.

use std::fmt;
use std::time::Duration;

use connect_api::Error;
use connect_api::config::ConfigErrors;

/// What kind of answer an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HerderErrorKind {
    /// There is no such connector, task or status.
    NotFound,
    /// There is such a connector already, or the state of things forbids it now: try again later.
    Conflict,
    /// What was asked for is wrong, and will stay so.
    BadRequest,
    /// It is switched off.
    Forbidden,
    /// A stage did not end in time. What was asked for may still be done.
    Timeout,
    /// Anything else: a broker's refusal, a store that cannot be written.
    Internal,
}

/// Why a herder did not do what it was asked.
#[derive(Debug, Clone)]
pub struct HerderError {
    kind: HerderErrorKind,
    message: String,
    errors: Option<ConfigErrors>,
    stage: Option<(&'static str, Duration)>,
}

impl HerderError {
    /// An error of this kind.
    pub fn new(kind: HerderErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), errors: None, stage: None }
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(HerderErrorKind::NotFound, message)
    }

    /// What was asked for is wrong.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(HerderErrorKind::BadRequest, message)
    }

    /// Something failed that whoever asked has no part in.
    #[must_use]
    pub fn internal(error: &Error) -> Self {
        Self::new(HerderErrorKind::Internal, format!("{error:#}"))
    }

    /// A configuration with mistakes.
    #[must_use]
    pub fn config(errors: ConfigErrors) -> Self {
        let message = format!(
            "the connector's configuration is invalid: {errors}\nPUT /connector-plugins/{{type}}/config/validate shows \
             them key by key"
        );
        Self { errors: Some(errors), ..Self::bad_request(message) }
    }

    /// A stage that lasts for too long.
    #[must_use]
    pub fn timeout(what: &str, stage: &'static str, since: Duration) -> Self {
        let since = Duration::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        let message = format!("{what} did not end in time: it is in stage {stage:?} since {since:?}");
        Self { stage: Some((stage, since)), ..Self::new(HerderErrorKind::Timeout, message) }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> HerderErrorKind {
        self.kind
    }

    /// The HTTP status that Kafka Connect answers with.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.kind {
            HerderErrorKind::NotFound => 404,
            HerderErrorKind::Conflict => 409,
            HerderErrorKind::BadRequest => 400,
            HerderErrorKind::Forbidden => 403,
            HerderErrorKind::Timeout | HerderErrorKind::Internal => 500,
        }
    }

    /// What is wrong with a configuration, by key; none when that is not the reason.
    #[must_use]
    pub const fn config_errors(&self) -> Option<&ConfigErrors> {
        self.errors.as_ref()
    }

    /// Of a [`Timeout`](HerderErrorKind::Timeout): the stage that did not end, and how long it had lasted.
    #[must_use]
    pub const fn stage(&self) -> Option<(&'static str, Duration)> {
        self.stage
    }
}

impl fmt::Display for HerderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HerderError {}
