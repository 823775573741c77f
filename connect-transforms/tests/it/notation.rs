//! How test rows and vectors write schemas, values and records. The vectors of `connect-worker` are read by it, too.

use std::sync::Arc;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, Decimal, Field, Record, Result, Schema, Struct, Value,
};
use connect_converters::{JsonConverter, JsonConverterConfig};
use serde_json::{Value as Json, json};

/// One that keeps nulls and writes decimals as numbers, as vectors do.
fn json_converter() -> JsonConverter {
    let decimal_format = "NUMERIC".to_owned();
    let config = JsonConverterConfig { decimal_format, replace_null_with_default: false, ..Default::default() };
    <JsonConverter as ConverterPlugin>::new(config, ConverterKind::Value).unwrap()
}

fn read(schema: &Json, payload: &Json) -> Datum {
    try_read(schema, payload).unwrap()
}

fn try_read(schema: &Json, payload: &Json) -> Result<Datum> {
    let envelope = json!({"schema": schema, "payload": payload}).to_string();
    Converter::read(&json_converter(), "t", &Vec::new(), Some(&Bytes::from(envelope)))
}

/// The schema that this JSON describes.
pub(crate) fn schema(json: &Json) -> Arc<Schema> {
    // As the elements of an empty array, since there may be no value of the schema at hand.
    let array = read(&json!({"type": "array", "items": json}), &json!([]));
    Arc::clone(array.schema.unwrap().value_schema().unwrap())
}

/// A value with the schema that the JSON describes, or without one when that is null.
pub(crate) fn datum(described: &Json, value: &Json) -> Datum {
    if described.is_null() {
        return untag(value).into();
    }
    Datum { schema: Some(schema(described)), value: of(described, value) }
}

/// A value of the schema that this JSON describes. A field that is `"UNSET"` has none, even where it must have one.
fn of(described: &Json, value: &Json) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    if described["type"] != "struct" {
        // Kafka keeps the name of a logical type on what is none any more.
        let mut plain = described.clone();
        plain["name"] = Json::Null;
        return try_read(described, value).unwrap_or_else(|_| read(&plain, value)).value;
    }
    let fields = described["fields"].as_array().unwrap().iter();
    let values: Vec<_> = fields
        .map(|field| match &value[field["field"].as_str().unwrap()] {
            Json::String(text) if text == "UNSET" => Value::Null,
            value => of(field, value),
        })
        .collect();
    Struct::unchecked(&schema(described), values).into()
}

/// A value that says its type: `{"i8": 1}`.
pub(crate) fn untag(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => (*truth).into(),
        Json::String(text) => text.as_str().into(),
        Json::Object(object) => {
            let (tag, value) = object.iter().next().unwrap();
            let int = || value.as_i64().unwrap();
            match tag.as_str() {
                "i8" => i8::try_from(int()).unwrap().into(),
                "i16" => i16::try_from(int()).unwrap().into(),
                "i32" => i32::try_from(int()).unwrap().into(),
                "i64" => int().into(),
                "f32" => value.to_string().parse::<f32>().unwrap().into(),
                "f64" => value.as_f64().unwrap().into(),
                "dec" => value.as_str().unwrap().parse::<Decimal>().unwrap().into(),
                "date" => Value::Instant(int()),
                "bytes" => of(&json!({"type": "bytes"}), value),
                "list" => value.as_array().unwrap().iter().map(untag).collect::<Vec<_>>().into(),
                "map" => {
                    let entries = value.as_object().unwrap().iter();
                    entries.map(|(key, value)| (key.as_str().into(), untag(value))).collect::<Vec<_>>().into()
                }
                "pairs" => {
                    let entries = value.as_array().unwrap().iter();
                    entries.map(|pair| (untag(&pair[0]), untag(&pair[1]))).collect::<Vec<_>>().into()
                }
                _ => panic!("no tag {tag:?}"),
            }
        }
        _ => panic!("no tag: {json}"),
    }
}

/// A value that says its type, or a plain one when the schema says it.
pub(crate) fn tag(schema: Option<&Schema>, value: &Value) -> Json {
    let tagged = |tag: &str, plain: Json| if schema.is_some() { plain } else { json!({tag: plain}) };
    let part = |part: Option<&Arc<Schema>>| part.cloned();
    let keys = part(schema.and_then(Schema::key_schema));
    let values = part(schema.and_then(Schema::value_schema));
    let float = || serde_json::from_str::<Json>(&value.to_string()).unwrap();
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => (*truth).into(),
        Value::String(text) => (**text).into(),
        Value::Int8(n) => tagged("i8", (*n).into()),
        Value::Int16(n) => tagged("i16", (*n).into()),
        Value::Int32(n) => tagged("i32", (*n).into()),
        Value::Int64(n) => tagged("i64", (*n).into()),
        Value::Float32(n) if n.is_finite() => tagged("f32", float()),
        Value::Float32(n) => tagged("f32", n.to_string().into()),
        Value::Float64(n) if n.is_finite() => tagged("f64", float()),
        Value::Float64(n) => tagged("f64", n.to_string().into()),
        Value::Decimal(decimal) => tagged("dec", decimal.to_string().into()),
        Value::Instant(ms) => tagged("date", (*ms).into()),
        Value::Bytes(_) => tagged("bytes", value.to_string().into()),
        Value::Array(elements) => {
            tagged("list", elements.iter().map(|element| tag(values.as_deref(), element)).collect())
        }
        Value::Map(entries) if entries.iter().all(|(key, _)| key.as_str().is_some()) => {
            let member = |(key, value): &(Value, Value)| (key.to_string(), tag(values.as_deref(), value));
            tagged("map", Json::Object(entries.iter().map(member).collect()))
        }
        Value::Map(entries) => {
            let pair =
                |(key, value): &(Value, Value)| json!([tag(keys.as_deref(), key), tag(values.as_deref(), value)]);
            tagged("pairs", entries.iter().map(pair).collect())
        }
        Value::Struct(structure) => {
            let fields = structure.schema().fields().iter().zip(structure.values());
            let member = |(field, value): (&Field, &Value)| (field.name.to_string(), tag(Some(&field.schema), value));
            tagged("struct", Json::Object(fields.map(member).collect()))
        }
        other => panic!("no tag for {}", other.kind()),
    }
}

/// All of a datum in one line: its schema in full, and its value with the order of maps taken out.
pub(crate) fn shown(datum: &Datum) -> String {
    let value = canonical(&tag(datum.schema.as_deref(), &datum.value));
    let Some(schema) = &datum.schema else { return value.to_string() };
    let array = Datum::new(Schema::array(Arc::clone(schema)).build().unwrap(), Vec::<Value>::new());
    let mut out = BytesMut::new();
    let written = Converter::write(&json_converter(), "t", &mut Vec::new(), &array, &mut out);
    let _bytes = written.unwrap_or_else(|error| panic!("a schema cannot be written: {error}"));
    let envelope: Json = serde_json::from_slice(&out).unwrap();
    format!("{value} of {}", envelope["schema"]["items"])
}

/// What a transform can change of a record.
pub(crate) fn described(record: &Record) -> String {
    let headers: Vec<_> =
        record.headers.iter().map(|header| format!("{}={}", header.key, shown(&header.value))).collect();
    format!(
        "topic {} partition {:?} timestamp {:?} key {} value {} headers [{}]",
        record.topic,
        record.partition,
        record.timestamp,
        shown(&record.key),
        shown(&record.value),
        headers.join(", ")
    )
}

/// The same with the members of all objects in the order of their names.
fn canonical(json: &Json) -> Json {
    match json {
        Json::Array(elements) => elements.iter().map(canonical).collect(),
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, value)| (name.clone(), canonical(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(members.into_iter().collect())
        }
        plain => plain.clone(),
    }
}
