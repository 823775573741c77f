//! Reading properties and collecting what is wrong with them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use connect_tls::{SslErrors, Tls};

/// One property that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireConfigError {
    /// Name of the property.
    pub key: String,
    /// What is wrong and what was possible; never the value of a secret.
    pub message: String,
}

impl fmt::Display for WireConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// Everything that is wrong with the properties of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireConfigErrors(pub Vec<WireConfigError>);

impl fmt::Display for WireConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WireConfigErrors {}

/// Properties, and the mistakes found in them so far.
pub(super) struct Keys<'a> {
    properties: &'a BTreeMap<String, String>,
    mistakes: Vec<WireConfigError>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(properties: &'a BTreeMap<String, String>) -> Self {
        Self { properties, mistakes: Vec::new() }
    }

    pub(super) fn finish<T>(self, config: T) -> Result<T, WireConfigErrors> {
        if self.mistakes.is_empty() { Ok(config) } else { Err(WireConfigErrors(self.mistakes)) }
    }

    pub(super) fn wrong(&mut self, key: &str, message: String) {
        self.mistakes.push(WireConfigError { key: key.to_owned(), message });
    }

    /// The `ssl.*` keys.
    pub(super) fn tls(&mut self) -> Option<Tls> {
        let properties = self.properties;
        match Tls::read(&|key| properties.get(key).map(String::as_str)) {
            Ok(tls) => Some(tls),
            Err(SslErrors(errors)) => {
                errors.into_iter().for_each(|error| self.wrong(&error.key, error.message));
                None
            }
        }
    }

    /// The value as it stands, without the blanks around it.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.properties.get(key).map(|value| value.trim())
    }

    /// A value that says something.
    pub(super) fn filled(&self, key: &str) -> Option<&'a str> {
        self.text(key).filter(|value| !value.is_empty())
    }

    /// Whole values keep their blanks: passwords.
    pub(super) fn secret(&self, key: &str) -> Option<&'a str> {
        self.properties.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// One of `possible`, in any case; the first mistake counts as the default.
    pub(super) fn one_of<'p>(&mut self, key: &str, default: &'p str, possible: &[&'p str]) -> &'p str {
        let Some(value) = self.text(key) else { return default };
        if let Some(found) = possible.iter().find(|one| one.eq_ignore_ascii_case(value)) {
            return found;
        }
        self.wrong(key, format!("{value:?} is not possible; possible: {}", possible.join(", ")));
        default
    }

    pub(super) fn number(&mut self, key: &str, default: i64, least: i64, most: i64) -> i64 {
        let Some(value) = self.text(key) else { return default };
        match value.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.wrong(key, format!("{value:?} is not a whole number from {least} to {most}"));
                default
            }
        }
    }

    pub(super) fn millis(&mut self, key: &str, default: i64) -> Duration {
        Duration::from_millis(self.number(key, default, 0, i64::from(i32::MAX)).unsigned_abs())
    }

    /// As Kafka's: negative means never.
    pub(super) fn millis_or_never(&mut self, key: &str, default: i64) -> Duration {
        let millis = self.number(key, default, i64::from(i32::MIN), i64::from(i32::MAX));
        let never = Duration::from_secs(100 * 365 * 24 * 3600);
        u64::try_from(millis).map_or(never, Duration::from_millis)
    }

    /// As Kafka's: -1 leaves it to the system.
    pub(super) fn buffer(&mut self, key: &str, default: i64) -> Option<u32> {
        u32::try_from(self.number(key, default, -1, i64::from(i32::MAX))).ok()
    }
}
