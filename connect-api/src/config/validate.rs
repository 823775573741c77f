//! A config checked key by key, as Connect's `validate` endpoint answers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::errors::HIDDEN;
use super::shape::Shape;
use super::{Config, ConfigErrors, ConfigKey};

/// The value of one key: Connect's `ConfigValueInfo`, with the same JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigValue {
    /// The key.
    pub name: String,
    /// What was given, else the default; `[hidden]` for a secret.
    pub value: Option<String>,
    /// What a form may offer.
    pub recommended_values: Vec<String>,
    /// What is wrong with it; empty when nothing is.
    pub errors: Vec<String>,
    /// Whether the key has a meaning together with the other values.
    pub visible: bool,
}

/// A definition and its value: Connect's `ConfigInfo`, with the same JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigInfo {
    /// The definition; `None` for a key that the type does not define.
    pub definition: Option<ConfigKey>,
    /// The value.
    pub value: ConfigValue,
}

/// Checks `props` against the type and gives one row per key, with the errors on the rows they belong to.
pub fn validate<C: Config>(props: &BTreeMap<String, String>) -> Vec<ConfigInfo> {
    let errors = super::parse::<C>(props).err().unwrap_or_default();
    validation_rows::<C>(props, &errors)
}

/// One row per key with `errors` on the rows they belong to, however they were found.
///
/// A connector may find more errors than [`validate`] does, since it may ask the system it talks to. The rows of the
/// type's keys come in the order of their declaration; keys that only an error names follow, without a definition.
pub fn validation_rows<C: Config>(props: &BTreeMap<String, String>, errors: &ConfigErrors) -> Vec<ConfigInfo> {
    let shape = Shape::of::<C>();
    let messages = |key: &str| errors.of(key).map(ToString::to_string).collect::<Vec<_>>();
    let mut rows: Vec<ConfigInfo> = shape
        .definitions()
        .into_iter()
        .map(|key| {
            let mut places = shape.fields.iter().filter(|field| field.key == key.name);
            let value = match props.get(&key.name) {
                Some(_) if shape.is_secret(&key.name) => Some(HIDDEN.to_owned()),
                Some(given) => Some(given.trim().to_owned()),
                None => key.default_value.clone(),
            };
            let value = ConfigValue {
                value,
                recommended_values: key.recommended.clone(),
                errors: messages(&key.name),
                visible: places.any(|field| shape.applies(&field.scope, props, false)),
                name: key.name.clone(),
            };
            ConfigInfo { definition: Some(key), value }
        })
        .collect();
    for error in errors {
        if rows.iter().any(|row| row.value.name == error.key) {
            continue;
        }
        let value = match shape.is_secret(&error.key) {
            true => props.get(&error.key).map(|_| HIDDEN.to_owned()),
            // What the error shows, not what was given: whoever made the error knew whether it may be shown.
            false => error.value.clone(),
        };
        let errors = messages(&error.key);
        let value =
            ConfigValue { name: error.key.clone(), value, recommended_values: Vec::new(), errors, visible: true };
        rows.push(ConfigInfo { definition: None, value });
    }
    rows
}
