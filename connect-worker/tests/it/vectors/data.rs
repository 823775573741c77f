//! Vectors of header text and of schema projection.

use connect_api::bytes::BytesMut;
use connect_api::values::Values;
use connect_api::{HeaderConverter, Schema, Type, Written, logical};
use connect_converters::SimpleHeaderConverter;
use serde_json::{Value as Json, json};

use super::notation::{schema, shown, tag, untag};
use super::{datum, error_name};

pub(super) fn parse(vector: &Json) -> (String, String) {
    let expected = format!("{} {}", vector["t"].as_str().unwrap_or("?"), vector["v"]);
    (expected, parsed(vector["in"].as_str().unwrap()))
}

/// What a text looks like: its type and its value.
pub(super) fn parsed(text: &str) -> String {
    let datum = Values::default().parse(text);
    let schema = datum.schema.as_deref();
    format!("{} {}", type_of(schema), tag(schema, &datum.value))
}

/// The type in short: `map<string,?>`, `Decimal(2)`.
fn type_of(schema: Option<&Schema>) -> String {
    let Some(schema) = schema else { return "?".into() };
    let value = || type_of(schema.value_schema().map(AsRef::as_ref));
    match (schema.name(), schema.ty()) {
        (Some(logical::DECIMAL), _) => format!("Decimal({})", schema.parameter(logical::SCALE).unwrap_or("?")),
        (Some(name), _) => name.rsplit('.').next().unwrap_or(name).into(),
        (None, Type::Array) => format!("array<{}>", value()),
        (None, Type::Map) => format!("map<{},{}>", type_of(schema.key_schema().map(AsRef::as_ref)), value()),
        (None, ty) => ty.name().into(),
    }
}

pub(super) fn print(vector: &Json) -> (String, String) {
    let mut bytes = BytesMut::new();
    let value = untag(&vector["in"]).into();
    let written = HeaderConverter::write(&SimpleHeaderConverter::default(), "t", "k", &value, &mut bytes);
    assert_eq!(written.unwrap(), Written::Bytes);
    (vector["out"].as_str().unwrap().into(), String::from_utf8(bytes.into()).unwrap())
}

pub(super) fn project(vector: &Json) -> (String, String) {
    let projected = datum(&vector["from"]).project(&schema(&vector["to"]));
    let expected = match vector["err"].as_str() {
        Some(error) => error.to_owned(),
        None => shown(&datum(&json!({"s": vector["to"], "v": vector["out"]}))),
    };
    (expected, projected.map_or_else(|error| error_name(&error), |datum| shown(&datum)))
}
