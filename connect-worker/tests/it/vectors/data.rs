//! Vectors of header text and of schema projection.

use connect_api::bytes::BytesMut;
use connect_api::values::Values;
use connect_api::{Datum, HeaderConverter, Schema, Type, Written, logical};
use connect_converters::SimpleHeaderConverter;
use serde_json::{Value as Json, json};

use super::notation::{schema, shown, tag, untag};
use super::{datum, error_name};

pub(super) fn parse(vector: &Json) -> (String, String) {
    let expected = format!("{} {}", vector["t"].as_str().unwrap_or("?"), vector["v"]);
    let datum = Values::default().parse(vector["in"].as_str().unwrap());
    (expected, described(&datum))
}

fn described(datum: &Datum) -> String {
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

/// Where Kafka reads the first token and drops what follows it, we take the whole text as a string.
pub(super) fn is_cut_off(vector: &Json, expected: &str, actual: &str) -> bool {
    let Some(text) = vector["in"].as_str().filter(|_| vector["op"] == "parse") else { return false };
    let first = text.split([':', ',', '{', '}', '[', ']', '"']).next().unwrap_or_default();
    first.len() < text.len()
        && actual == format!("string {}", json!(text))
        && expected == described(&Values::default().parse(first))
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
