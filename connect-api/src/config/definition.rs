//! A config type as Connect's `ConfigDef` rows.

use serde::Serialize;

use super::Config;

/// The type of a key in Connect's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum ConfigType {
    Boolean,
    String,
    Int,
    Short,
    Long,
    Double,
    List,
    Class,
    Password,
}

/// How much a key matters; tools sort by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Importance {
    High,
    Medium,
    Low,
}

/// How wide a form should draw the field of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Width {
    None,
    Short,
    Medium,
    Long,
}

/// One key of a config: Connect's `ConfigKeyInfo`, with the same JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigKey {
    /// The key.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub config_type: ConfigType,
    /// Whether a config without it is refused.
    pub required: bool,
    /// What it is when absent; `None` also for a key that may be left out and then has no value.
    pub default_value: Option<String>,
    /// How much it matters.
    pub importance: Importance,
    /// What it does.
    pub documentation: String,
    /// The group a form shows it in.
    pub group: Option<String>,
    /// How wide a form draws it.
    pub width: Width,
    /// What a form calls it.
    pub display_name: String,
    /// Keys whose meaning depends on this one.
    pub dependents: Vec<String>,
    /// Its place in the group; -1 without a group.
    #[serde(rename = "order")]
    pub order_in_group: i32,
    /// The values a form may offer. Not part of the JSON: there they belong to the value.
    #[serde(skip)]
    pub recommended: Vec<String>,
}

impl ConfigKey {
    /// A key that may be left out, has no default, and belongs to no group: what Connect calls a bare `define`.
    pub fn new(name: impl Into<String>, config_type: ConfigType) -> Self {
        let name = name.into();
        Self {
            display_name: name.clone(),
            name,
            config_type,
            required: false,
            default_value: None,
            importance: Importance::Medium,
            documentation: String::new(),
            group: None,
            width: Width::None,
            dependents: Vec::new(),
            order_in_group: -1,
            recommended: Vec::new(),
        }
    }
}

/// The rows of a config type, in the order its fields are declared.
pub fn definitions<C: Config>() -> Vec<ConfigKey> {
    Vec::new()
}
