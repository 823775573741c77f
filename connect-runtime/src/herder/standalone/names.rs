//! From what a client sends to a configuration.

use connect_api::config::ConfigErrors;

use super::super::{ConfigInput, ConnectorConfig, HerderError, Result};

/// The whole configuration of a connector of this name.
///
/// # Errors
/// Keys without a value, and another name.
pub(super) fn whole(name: &str, mut config: ConfigInput) -> Result<ConnectorConfig> {
    match config.get("name") {
        Some(Some(other)) if other.trim() != name.trim() => return Err(other_name(name, other)),
        Some(Some(_)) => {}
        _ => {
            config.insert("name".into(), Some(name.to_owned()));
        }
    }
    let mut errors = ConfigErrors::new();
    let mut whole = ConnectorConfig::new();
    for (key, value) in config {
        match value {
            Some(value) => {
                whole.insert(key, value);
            }
            None => errors.add(key, None, "has no value (null)"),
        }
    }
    errors.into_result().map_err(HerderError::config)?;
    Ok(whole)
}

/// A configuration with some keys changed; those without a value are removed.
///
/// # Errors
/// Another name.
pub(super) fn patched(name: &str, config: &ConnectorConfig, patch: ConfigInput) -> Result<ConnectorConfig> {
    let mut patched: ConfigInput = config.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    for (key, value) in patch {
        match value {
            Some(_) => patched.insert(key, value),
            None => patched.remove(&key),
        };
    }
    whole(name, patched)
}

fn other_name(name: &str, other: &str) -> HerderError {
    HerderError::bad_request(format!("the configuration has the name {other:?}, the connector is {name:?}"))
}
