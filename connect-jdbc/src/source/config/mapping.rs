//! `regex:[c1|c2]` and `regex:column`: which columns tell the new rows of which tables.

use std::borrow::Cow;

use connect_api::schemars::{Schema, SchemaGenerator, json_schema};
use connect_api::serde::de::Error as _;
use connect_api::serde::{Deserializer, Serializer};
use connect_api::{Deserialize, JsonSchema, Serialize};
use regex::Regex;

/// Tables by a pattern, which a full name without quotes must match as a whole.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let regex = Regex::new(&format!("^(?:{text})$")).map_err(|error| {
            // The expression's own complaint without the picture of the place that comes with it.
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("not a regular expression: {reason}")
        })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Whether it matches the whole of a name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }
}

/// The timestamp columns of the tables that a pattern matches.
#[derive(Debug, Clone, PartialEq)]
pub struct TimestampColumns {
    /// Which tables.
    pub tables: Pattern,
    /// At least one column.
    pub columns: Vec<String>,
}

/// The incrementing column of the tables that a pattern matches.
#[derive(Debug, Clone, PartialEq)]
pub struct IncrementingColumn {
    /// Which tables.
    pub tables: Pattern,
    /// The column.
    pub column: String,
}

impl TimestampColumns {
    fn new(text: &str) -> Result<Self, String> {
        let (pattern, columns) = halves(text)?;
        let inner = columns.strip_prefix('[').and_then(|columns| columns.strip_suffix(']'));
        let Some(inner) = inner else {
            return Err("expected the columns in brackets, as in regex:[first|second]".into());
        };
        let columns: Vec<String> = inner.split('|').map(|column| column.trim().to_owned()).collect();
        if columns.iter().any(String::is_empty) {
            return Err("a column has no name".into());
        }
        Ok(Self { tables: Pattern::new(pattern)?, columns })
    }
}

impl IncrementingColumn {
    fn new(text: &str) -> Result<Self, String> {
        let (pattern, column) = halves(text)?;
        if column.is_empty() {
            return Err("the column has no name".into());
        }
        Ok(Self { tables: Pattern::new(pattern)?, column: column.to_owned() })
    }
}

/// The pattern and what follows the only colon.
fn halves(text: &str) -> Result<(&str, &str), String> {
    match text.split_once(':') {
        Some((pattern, rest)) if !rest.contains(':') => Ok((pattern.trim(), rest.trim())),
        _ => Err("expected exactly one colon, between a pattern of tables and their columns".into()),
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A type that a configuration writes as text.
macro_rules! as_text {
    ($($name:ident, $self:ident => $text:expr;)+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&$self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" })
            }
        }
    )+};
}

as_text! {
    Pattern, self => self.text;
    TimestampColumns, self => format!("{}:[{}]", self.tables.text, self.columns.join("|"));
    IncrementingColumn, self => format!("{}:{}", self.tables.text, self.column);
}
