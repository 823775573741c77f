//! What a field is, as far as a column is concerned.

use std::sync::Arc;

use connect_api::{Error, Result, Schema, Type, logical};

use super::config::Precision;
use super::debezium::types::Semantic;

/// What a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Boolean,
    String,
    Bytes,
    /// With its scale.
    Decimal(i32),
    Date,
    Time,
    Timestamp,
    /// An int64 or string that holds a time since 1970.
    Epoch(Precision),
    /// A type that Debezium has a name for.
    Semantic(Semantic),
    /// Of one of the kinds without parts.
    Array(Box<Kind>),
}

impl Kind {
    /// The kind of a schema.
    ///
    /// # Errors
    /// A data error for a type that no column can have.
    pub(super) fn of(schema: &Arc<Schema>) -> Result<Self> {
        if let Some(kind) = Self::logical(schema) {
            return Ok(kind);
        }
        Ok(match schema.ty() {
            Type::Int8 => Self::Int8,
            Type::Int16 => Self::Int16,
            Type::Int32 => Self::Int32,
            Type::Int64 => Self::Int64,
            Type::Float32 => Self::Float32,
            Type::Float64 => Self::Float64,
            Type::Boolean => Self::Boolean,
            Type::String => Self::String,
            Type::Bytes => Self::Bytes,
            Type::Array => match schema.value_schema().map(Self::of) {
                Some(Ok(Self::Array(_))) | None => return Err(unsupported(schema)),
                Some(element) => Self::Array(Box::new(element?)),
            },
            Type::Map | Type::Struct => return Err(unsupported(schema)),
        })
    }

    fn logical(schema: &Schema) -> Option<Self> {
        Some(match schema.name()? {
            logical::DECIMAL => {
                Self::Decimal(schema.parameter("scale").and_then(|scale| scale.parse().ok()).unwrap_or(0))
            }
            logical::DATE => Self::Date,
            logical::TIME => Self::Time,
            logical::TIMESTAMP => Self::Timestamp,
            _ => return None,
        })
    }
}

fn unsupported(schema: &Schema) -> Error {
    Error::data(format!("a field of type {schema} has no column type; transforms can take it apart or leave it out"))
        .with_class("org.apache.kafka.connect.errors.ConnectException")
}
