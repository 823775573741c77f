//! Answers.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use connect_api::JsonSchema;

use crate::herder::HerderError;

pub(crate) const JSON: &str = "application/json";

/// An answer with its whole body.
pub(crate) type Reply = Response<Bytes>;

/// The body of every answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorMessage {
    /// The HTTP status.
    pub error_code: u16,
    /// What was wrong.
    pub message: String,
}

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Whether the answer says that it is JSON. Kafka Connect does not say so where its HTTP layer answers.
    typed: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), typed: true, headers: Vec::new() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// What the HTTP layer says of a request that no endpoint takes.
    pub(crate) fn http(status: StatusCode) -> Self {
        let message = format!("HTTP {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        Self { typed: false, ..Self::new(status, message) }
    }

    /// The same, and says that it is JSON.
    pub(crate) fn typed(mut self) -> Self {
        self.typed = true;
        self
    }

    pub(crate) fn allow(self, methods: &str) -> Self {
        self.header(ALLOW, methods)
    }

    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.header(RETRY_AFTER, &seconds.to_string())
    }

    pub(crate) fn challenges(self, all: &[&'static str]) -> Self {
        all.iter().fold(self, |failure, challenge| failure.header(WWW_AUTHENTICATE, challenge))
    }

    fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    pub(crate) fn reply(self) -> Reply {
        let body = ErrorMessage { error_code: self.status.as_u16(), message: self.message };
        let mut reply = json(self.status, &body);
        if !self.typed {
            reply.headers_mut().remove(CONTENT_TYPE);
        }
        for (name, value) in self.headers {
            reply.headers_mut().append(name, value);
        }
        reply
    }
}

impl From<HerderError> for Failure {
    fn from(error: HerderError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, error.to_string())
    }
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Reply {
    match serde_json::to_vec(body) {
        Ok(bytes) => text(status, JSON, bytes),
        // No type here has maps whose keys are not strings, which is all that can go wrong.
        Err(error) => {
            text(StatusCode::INTERNAL_SERVER_ERROR, JSON, format!("{{\"error_code\":500,\"message\":\"{error}\"}}"))
        }
    }
}

/// An answer in JSON to what went well.
pub(crate) fn ok(body: &impl Serialize) -> Reply {
    json(StatusCode::OK, body)
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = status;
    reply
}

/// An answer of any type.
pub(crate) fn text(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}
