//! Vectors of header text and of schema projection.

use connect_api::bytes::BytesMut;
use connect_api::values::Values;
use connect_api::{Datum, HeaderConverter, Written};
use connect_converters::SimpleHeaderConverter;
use serde_json::{Value as Json, json};

use super::error_name;
use super::notation::{datum, schema, shown, tag, type_of, untag};

pub(super) fn parse(vector: &Json) -> (String, String) {
    let expected = format!("{} {}", vector["t"].as_str().unwrap_or("?"), vector["v"]);
    let datum = Values::default().parse(vector["in"].as_str().unwrap());
    (expected, described(&datum))
}

fn described(datum: &Datum) -> String {
    let schema = datum.schema.as_deref();
    format!("{} {}", type_of(schema), tag(schema, &datum.value))
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
