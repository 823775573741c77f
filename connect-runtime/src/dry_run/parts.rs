//! The parts of a record, which are shown when a step changes them.

use bytes::BytesMut;
use connect_api::{Converter, Datum, RawHeaders, Record, Schema, Value, Written};
use serde_json::Value as Json;

use super::Shared;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Topic,
    Partition,
    Timestamp,
    Key,
    KeySchema,
    Value,
    ValueSchema,
    Headers,
}

impl Part {
    pub(super) const ALL: [Self; 8] = [
        Self::Topic,
        Self::Partition,
        Self::Timestamp,
        Self::Key,
        Self::KeySchema,
        Self::Value,
        Self::ValueSchema,
        Self::Headers,
    ];

    pub(super) fn differs(self, before: &Record, after: &Record) -> bool {
        match self {
            Self::Topic => before.topic != after.topic,
            Self::Partition => before.partition != after.partition,
            Self::Timestamp => before.timestamp != after.timestamp,
            Self::Key => before.key.value != after.key.value,
            Self::KeySchema => before.key.schema != after.key.schema,
            Self::Value => before.value.value != after.value.value,
            Self::ValueSchema => before.value.schema != after.value.schema,
            Self::Headers => before.headers != after.headers,
        }
    }

    /// The parts that differ.
    pub(super) fn changes(before: &Record, after: &Record) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|part| part.differs(before, after))
    }
}

impl Shared {
    /// A value as JSON, and its schema if it has one.
    pub(super) fn json(&self, datum: &Datum) -> (Json, Option<Json>) {
        let converter = if datum.schema.is_some() { &self.with_schemas } else { &self.without };
        let mut bytes = BytesMut::new();
        let written = Converter::write(converter, "", &mut RawHeaders::new(), datum, &mut bytes);
        let json = match written {
            Ok(Written::Bytes) => serde_json::from_slice(&bytes).ok(),
            Ok(Written::Null) => return (Json::Null, None),
            Err(_) => None,
        };
        match (json, &datum.schema) {
            (Some(json), None) => (json, None),
            (Some(Json::Object(mut envelope)), Some(_)) => {
                let mut take = |name| envelope.get_mut(name).map(Json::take).unwrap_or_default();
                (take("payload"), Some(take("schema")))
            }
            // What no converter would take is shown all the same.
            (_, schema) => {
                let value = if datum.value.is_null() { Json::Null } else { datum.value.to_string().into() };
                (value, schema.as_ref().map(|schema| schema_text(schema).into()))
            }
        }
    }
}

/// A schema in a line: `struct Name {a: int32, b: string?}`, `[int32]`, `{string: int64}`, `Timestamp`.
pub(super) fn schema_text(schema: &Schema) -> String {
    let mut text = String::new();
    let parts = |schema: Option<&std::sync::Arc<Schema>>| schema.map_or("?".into(), |schema| schema_text(schema));
    match schema.ty() {
        connect_api::Type::Struct => {
            let fields = schema.fields().iter().map(|field| format!("{}: {}", field.name, schema_text(&field.schema)));
            let name = schema.name().map_or_else(String::new, |name| format!(" {name}"));
            text += &format!("struct{name} {{{}}}", fields.collect::<Vec<_>>().join(", "));
        }
        connect_api::Type::Array => text += &format!("[{}]", parts(schema.value_schema())),
        connect_api::Type::Map => {
            text += &format!("{{{}: {}}}", parts(schema.key_schema()), parts(schema.value_schema()));
        }
        ty => match schema.name() {
            Some(name) => text += name.strip_prefix("org.apache.kafka.connect.data.").unwrap_or(name),
            None => text += ty.name(),
        },
    }
    if let Some(version) = schema.version().filter(|_| schema.ty() == connect_api::Type::Struct) {
        text += &format!(" v{version}");
    }
    if schema.is_optional() {
        text += "?";
    }
    if let Some(default) = schema.default_value().filter(|default| !matches!(default, Value::Null)) {
        text += &format!(" = {default}");
    }
    text
}
