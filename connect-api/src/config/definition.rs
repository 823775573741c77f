//! A config type as Connect's `ConfigDef` rows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::Config;
use super::assemble::default_text;
use super::kind::{IntegerRange, Kind, Type};
use super::shape::{Field, Shape, text};

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
///
/// Documentation comes from the field's doc comment. The rest can be said with
/// `#[schemars(extend("x-importance" = "high", "x-group" = "Connection", "x-display-name" = "URL", "x-width" = "long",
/// "x-order" = 1, "x-dependents" = ["user"], "x-recommended" = ["a", "b"], "x-type" = "class"))]`. Without it a key is
/// of high importance when it is required and of medium importance otherwise, and the keys of a group are numbered as
/// they are declared.
pub fn definitions<C: Config>() -> Vec<ConfigKey> {
    Shape::of::<C>().definitions()
}

impl Shape {
    pub(super) fn definitions(&self) -> Vec<ConfigKey> {
        let mut seen = BTreeSet::new();
        let mut last_in_group: BTreeMap<String, i32> = BTreeMap::new();
        // Two variants of an enum may have a field of the same name: one row.
        let fields = self.fields.iter().filter(|field| seen.insert(field.key.as_str()));
        fields
            .map(|field| {
                let mut row = field.definition();
                if let Some(group) = &row.group {
                    let last = last_in_group.entry(group.clone()).or_insert(0);
                    if row.order_in_group < 0 {
                        row.order_in_group = last.saturating_add(1);
                    }
                    *last = row.order_in_group;
                }
                row
            })
            .collect()
    }
}

impl Field {
    fn definition(&self) -> ConfigKey {
        let word = |name: &str| self.attributes.get(name).and_then(Value::as_str);
        let words = |name: &str| self.attributes.get(name).and_then(Value::as_array);
        let texts = |name: &str| words(name).into_iter().flatten().map(text).collect::<Vec<_>>();
        // A variant's field and a field of a struct that may be absent are needed only then.
        let required = self.required && self.scope.cases.is_empty() && self.scope.prefix.is_none();
        let own_type = word("x-type").and_then(ConfigType::named).filter(|_| !self.ty.secret);
        let recommended = match &self.ty.kind {
            _ if words("x-recommended").is_some() => texts("x-recommended"),
            Kind::Enum(values) => values.iter().map(text).collect(),
            _ => Vec::new(),
        };
        ConfigKey {
            required,
            default_value: default_text(self),
            importance: match word("x-importance").map(str::to_ascii_lowercase).as_deref() {
                Some("high") => Importance::High,
                Some("medium") => Importance::Medium,
                Some("low") => Importance::Low,
                _ if required => Importance::High,
                _ => Importance::Medium,
            },
            documentation: word("description").unwrap_or_default().to_owned(),
            group: word("x-group").map(str::to_owned),
            width: match word("x-width").map(str::to_ascii_lowercase).as_deref() {
                Some("short") => Width::Short,
                Some("medium") => Width::Medium,
                Some("long") => Width::Long,
                _ => Width::None,
            },
            display_name: word("x-display-name").unwrap_or(&self.key).to_owned(),
            dependents: texts("x-dependents"),
            order_in_group: self
                .attributes
                .get("x-order")
                .and_then(Value::as_i64)
                .and_then(|order| i32::try_from(order).ok())
                .unwrap_or(-1),
            recommended,
            ..ConfigKey::new(&self.key, own_type.unwrap_or_else(|| ConfigType::of(&self.ty)))
        }
    }
}

impl ConfigType {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "BOOLEAN" => ConfigType::Boolean,
            "STRING" => ConfigType::String,
            "INT" => ConfigType::Int,
            "SHORT" => ConfigType::Short,
            "LONG" => ConfigType::Long,
            "DOUBLE" => ConfigType::Double,
            "LIST" => ConfigType::List,
            "CLASS" => ConfigType::Class,
            "PASSWORD" => ConfigType::Password,
            _ => return None,
        })
    }

    fn of(ty: &Type) -> Self {
        if ty.secret {
            return ConfigType::Password;
        }
        match &ty.kind {
            Kind::Boolean => ConfigType::Boolean,
            Kind::Integer(range) => ConfigType::of_integer(*range, ty.bounds(*range)),
            Kind::Number => ConfigType::Double,
            Kind::List(_) => ConfigType::List,
            Kind::Text | Kind::Enum(_) | Kind::AnyOf(_) | Kind::Json => ConfigType::String,
        }
    }

    /// The narrowest of Java's types that holds every value; SHORT only for a Rust type that is as narrow.
    fn of_integer(range: IntegerRange, (min, max): (i128, i128)) -> Self {
        if range.min >= i16::MIN.into() && range.max <= i16::MAX.into() {
            ConfigType::Short
        } else if min >= i32::MIN.into() && max <= i32::MAX.into() {
            ConfigType::Int
        } else {
            ConfigType::Long
        }
    }
}

impl std::fmt::Display for ConfigType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ConfigType::Boolean => "BOOLEAN",
            ConfigType::String => "STRING",
            ConfigType::Int => "INT",
            ConfigType::Short => "SHORT",
            ConfigType::Long => "LONG",
            ConfigType::Double => "DOUBLE",
            ConfigType::List => "LIST",
            ConfigType::Class => "CLASS",
            ConfigType::Password => "PASSWORD",
        })
    }
}

impl std::fmt::Display for Importance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Importance::High => "HIGH",
            Importance::Medium => "MEDIUM",
            Importance::Low => "LOW",
        })
    }
}
