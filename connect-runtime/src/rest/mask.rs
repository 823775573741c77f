//! Secrets that are written in configurations: never shown, and kept when what is shown comes back.

#[cfg(test)]
mod tests;

use super::api::Api;
use super::reply::Failure;
use crate::herder::{ConfigInput, ConnectorConfig};
use crate::providers::words;
use crate::secrets::{HIDDEN, Secrets, parts};

/// What is not shown of the configurations of one class.
pub(crate) struct Mask {
    off: bool,
    secrets: Secrets,
}

impl Mask {
    /// The mask for a connector's class.
    pub(crate) fn of(api: &Api, class: Option<&str>) -> Self {
        Self { off: api.config.show_secrets, secrets: Secrets::of(api.herder.worker().plugins(), class) }
    }

    /// The mask for the configuration of a connector that is there; for any configuration when it is not.
    pub(crate) fn of_connector(api: &Api, name: &str) -> (Self, ConnectorConfig) {
        let stored = api.herder.config(name).unwrap_or_default();
        (Self::of(api, stored.get("connector.class").map(String::as_str)), stored)
    }

    /// A value as it may be shown.
    pub(crate) fn value(&self, key: &str, value: &str) -> String {
        if self.off { value.to_owned() } else { self.secrets.shown(key, value) }
    }

    /// A configuration as it may be shown.
    pub(crate) fn config(&self, config: &ConnectorConfig) -> ConnectorConfig {
        config.iter().map(|(key, value)| (key.clone(), self.value(key, value))).collect()
    }

    /// A text about a connector without the secrets of its configuration.
    pub(crate) fn text(&self, config: &ConnectorConfig, text: &str) -> String {
        if self.off { text.to_owned() } else { words(&parts(text), &self.secrets.values(config), HIDDEN) }
    }

    /// A configuration that came back: where it reads as the present one is shown, it means the present value.
    ///
    /// # Errors
    /// `[hidden]` where there is nothing it could stand for.
    pub(crate) fn restore(&self, mut given: ConfigInput, stored: &ConnectorConfig) -> Result<ConfigInput, Failure> {
        if self.off {
            return Ok(given);
        }
        for (key, value) in &mut given {
            let Some(text) = value.as_deref().filter(|text| text.contains(HIDDEN)) else { continue };
            match stored.get(key).filter(|stored| self.value(key, stored) == text.trim()) {
                Some(stored) => *value = Some(stored.clone()),
                None => {
                    let why = format!(
                        "{key}: {HIDDEN} stands for a secret that is there already, and there is none it could stand for; \
                         give the value, or a variable such as ${{file:/path:key}}"
                    );
                    return Err(Failure::bad_request(why));
                }
            }
        }
        Ok(given)
    }
}
