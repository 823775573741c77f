//! From what a client sends to a configuration.

use connect_api::config::ConfigErrors;

use super::super::{ConfigInput, ConnectorConfig, HerderError, Result};

/// The whole configuration of a connector of this name.
///
/// # Errors
/// Keys without a value, another name, and a name with blanks around it, which the connector would not have.
pub(super) fn whole(name: &str, mut config: ConfigInput) -> Result<ConnectorConfig> {
    if name != name.trim() {
        return Err(HerderError::bad_request(format!("the name {name:?} has blanks around it; use {:?}", name.trim())));
    }
    match config.get("name") {
        Some(Some(other)) if other != name => return Err(other_name(name, other)),
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
/// Another name, or none.
pub(super) fn patched(name: &str, config: &ConnectorConfig, patch: ConfigInput) -> Result<ConnectorConfig> {
    if patch.get("name") == Some(&None) {
        let mut errors = ConfigErrors::new();
        errors.add("name", None, "cannot be removed");
        return Err(HerderError::config(errors));
    }
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
