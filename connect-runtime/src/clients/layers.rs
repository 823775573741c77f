//! Properties on top of each other, and who is to blame for one that is wrong.

use std::collections::BTreeMap;

use connect_api::config::ConfigErrors;

use super::connection::{is_connection, unread};

type Properties = BTreeMap<String, String>;

/// Prefixes of a connector's keys that are properties of its clients.
const OVERRIDES: [&str; 3] = ["producer.override.", "consumer.override.", "admin.override."];

/// Whether a connector's key is a property of its clients.
pub(crate) fn is_override(key: &str) -> bool {
    OVERRIDES.iter().any(|prefix| key.starts_with(prefix))
}

/// Properties of one client, later layers winning.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers {
    merged: Properties,
    /// The prefix that a key has where it was written.
    origins: BTreeMap<String, &'static str>,
}

impl Layers {
    /// A layer of the properties below `prefix`.
    pub(super) fn prefixed(self, properties: &Properties, prefix: &'static str) -> Self {
        let under = properties.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        self.layer(under.map(|(key, value)| (&key[prefix.len()..], value)), prefix)
    }

    /// A layer of properties that are written below `prefix`.
    pub(super) fn stripped(self, properties: &Properties, prefix: &'static str) -> Self {
        self.layer(properties.iter().map(|(key, value)| (key.as_str(), value)), prefix)
    }

    /// A layer of what a worker's properties say about connections. Its client id is its own.
    pub(super) fn connection(self, worker: &Properties) -> Self {
        let about = worker.iter().filter(|(key, _)| is_connection(key) && *key != "client.id");
        self.layer(about.map(|(key, value)| (key.as_str(), value)), "")
    }

    fn layer<'a>(mut self, entries: impl Iterator<Item = (&'a str, &'a String)>, prefix: &'static str) -> Self {
        for (key, value) in entries {
            self.merged.insert(key.to_owned(), value.clone());
            self.origins.insert(key.to_owned(), prefix);
        }
        self
    }

    /// A value for a key that no layer has.
    pub(super) fn or(mut self, key: &str, value: impl Into<String>) -> Self {
        self.merged.entry(key.to_owned()).or_insert_with(|| value.into());
        self
    }

    pub(super) fn properties(&self) -> &Properties {
        &self.merged
    }

    pub(super) fn into_properties(self) -> Properties {
        self.merged
    }

    /// The key as it was written.
    pub(super) fn written(&self, key: &str) -> String {
        format!("{}{key}", self.origins.get(key).copied().unwrap_or_default())
    }

    /// The errors under the keys as they were written.
    pub(super) fn blame(&self, errors: ConfigErrors) -> ConfigErrors {
        let mut blamed = ConfigErrors::new();
        for error in errors {
            blamed.add(self.written(&error.key), error.value, error.message);
        }
        blamed
    }

    /// What an operator should hear of keys below `prefix` that nobody reads.
    pub(super) fn unread<C: connect_api::config::Config>(&self, prefix: &str) -> Vec<String> {
        let written = self.origins.iter().filter(|(_, origin)| **origin == prefix);
        written.filter_map(|(key, _)| Some(format!("key \"{prefix}{key}\" {}", unread::<C>(key)?))).collect()
    }
}
