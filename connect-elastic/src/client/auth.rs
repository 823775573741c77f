//! Who a client says it is.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use connect_api::config::Secret;
use hyper::header::HeaderValue;

/// What goes into the `Authorization` header of every request.
#[derive(Debug, Clone)]
pub(crate) struct Auth(Option<Secret<HeaderValue>>);

impl Auth {
    /// Nobody.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// A user with a password. `None` when no header can hold it, which base64 prevents.
    pub(crate) fn basic(user: &str, password: &str) -> Option<Self> {
        Self::of(&format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
    }

    /// An API key, encoded or as `id:key`.
    pub(crate) fn api_key(key: &str) -> Option<Self> {
        let encoded = if key.contains(':') { BASE64_STANDARD.encode(key) } else { key.to_owned() };
        Self::of(&format!("ApiKey {encoded}"))
    }

    /// A bearer token.
    pub(crate) fn bearer(token: &str) -> Option<Self> {
        Self::of(&format!("Bearer {token}"))
    }

    fn of(text: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(text).ok()?;
        value.set_sensitive(true);
        Some(Self(Some(Secret::new(value))))
    }

    /// The header's value.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        self.0.as_ref().map(|value| value.expose().clone())
    }

    /// Whether there is one.
    pub(crate) const fn is_set(&self) -> bool {
        self.0.is_some()
    }
}
