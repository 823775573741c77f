//! The configuration.

use connect_api::{Deserialize, JsonSchema, Schema, SchemaBuilder, Serialize, Type, logical};

use crate::date_format::DateFormat;

connect_api::config! {
    /// Configuration of [`TimestampConverter`](super::TimestampConverter).
    #[derive(Clone)]
    pub struct TimestampConverterConfig {
        /// Name of the field that holds the time; empty when the whole key or value is one.
        #[serde(default)]
        #[schemars(extend("x-verbatim" = true, "x-importance" = "high"))]
        pub field: String,
        /// What the time becomes.
        #[serde(rename = "target.type")]
        pub target_type: TimestampType,
        /// How text is read and written: a pattern of Java's `SimpleDateFormat`. Required for the target `string`.
        #[serde(default = "no_format")]
        #[schemars(extend("x-verbatim" = true))]
        pub format: DateFormat,
        /// The unit of numbers, read or written.
        #[serde(rename = "unix.precision", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub unix_precision: UnixPrecision,
        /// Whether fields that are null get their schema's default.
        #[serde(rename = "replace.null.with.default", default = "yes")]
        pub replace_null_with_default: bool,
    }
}

fn no_format() -> DateFormat {
    "".parse().expect("a pattern of nothing")
}

const fn yes() -> bool {
    true
}

/// A form of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde")]
#[schemars(crate = "connect_api::schemars")]
pub enum TimestampType {
    /// Text.
    #[serde(rename = "string")]
    String,
    /// A number since 1970-01-01 UTC.
    #[serde(rename = "unix")]
    Unix,
    /// Connect's day.
    Date,
    /// Connect's time of day.
    Time,
    /// Connect's moment.
    Timestamp,
}

impl TimestampType {
    /// The schema of times in this form.
    pub(super) fn schema(self, optional: bool) -> SchemaBuilder {
        let builder = match self {
            Self::String => Schema::builder(Type::String),
            Self::Unix => Schema::builder(Type::Int64),
            Self::Date => logical::date(),
            Self::Time => logical::time(),
            Self::Timestamp => logical::timestamp(),
        };
        if optional { builder.optional() } else { builder }
    }
}

/// A unit of numbers since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnixPrecision {
    Seconds,
    #[default]
    Milliseconds,
    Microseconds,
    Nanoseconds,
}
