//! Mappings made of schemas.

use connect_api::{Error, Result, Schema, Type, Value, logical};
use serde_json::{Map, Value as Json, json};

/// The body that gives an index the fields of a schema.
///
/// # Errors
/// A data error when the schema is of no struct or map.
pub(crate) fn of_schema(schema: &Schema, compact: bool) -> Result<Json> {
    if !matches!(schema.ty(), Type::Struct | Type::Map) {
        return Err(Error::data(format!(
            "no mapping can be made of a value of type {schema}; schema.ignore=true makes none"
        )));
    }
    Ok(field(schema, compact))
}

fn field(schema: &Schema, compact: bool) -> Json {
    let mut mapping = match schema.name() {
        Some(logical::DECIMAL) => json!({ "type": "double" }),
        Some(logical::DATE | logical::TIME | logical::TIMESTAMP) => json!({ "type": "date" }),
        _ => match schema.ty() {
            Type::Boolean => json!({ "type": "boolean" }),
            Type::Int8 => json!({ "type": "byte" }),
            Type::Int16 => json!({ "type": "short" }),
            Type::Int32 => json!({ "type": "integer" }),
            Type::Int64 => json!({ "type": "long" }),
            Type::Float32 => json!({ "type": "float" }),
            Type::Float64 => json!({ "type": "double" }),
            Type::String => {
                return json!({ "type": "text", "fields": { "keyword": { "type": "keyword", "ignore_above": 256 } } });
            }
            Type::Bytes => return json!({ "type": "binary" }),
            Type::Array => return schema.value_schema().map_or_else(|| json!({}), |part| field(part, compact)),
            Type::Map => return map(schema, compact),
            Type::Struct => {
                let fields = schema.fields().iter().map(|part| (part.name.to_string(), field(&part.schema, compact)));
                return json!({ "properties": fields.collect::<Map<_, _>>() });
            }
        },
    };
    let default = schema.default_value().filter(|value| !value.is_null()).and_then(null_value);
    if let (Some(default), Some(object)) = (default, mapping.as_object_mut()) {
        object.insert("null_value".to_owned(), default);
    }
    mapping
}

/// A map whose keys become fields says nothing of them; one that becomes an array has two.
fn map(schema: &Schema, compact: bool) -> Json {
    let (Some(keys), Some(values)) = (schema.key_schema(), schema.value_schema()) else {
        return json!({ "type": "object", "dynamic": true });
    };
    if compact && keys.ty() == Type::String {
        return json!({ "type": "object", "dynamic": true });
    }
    json!({ "properties": { "key": field(keys, compact), "value": field(values, compact) } })
}

fn null_value(value: &Value) -> Option<Json> {
    match value {
        Value::Boolean(truth) => Some(json!(truth)),
        Value::Decimal(decimal) => Some(json!(decimal.to_f64())),
        Value::Instant(ms) => Some(json!(ms)),
        Value::Float32(_) | Value::Float64(_) => value.as_f64().map(|number| json!(number)),
        _ => value.as_i64().map(|number| json!(number)),
    }
}

/// What of the wanted mapping an index has not; `None` when it has all of it.
pub(crate) fn missing(wanted: &Json, has: &Json) -> Option<Json> {
    let wanted = wanted.get("properties")?.as_object()?;
    let known = has.get("properties").and_then(Json::as_object);
    let mut new = Map::new();
    for (name, field) in wanted {
        match known.and_then(|known| known.get(name)) {
            None => drop(new.insert(name.clone(), field.clone())),
            Some(known) => {
                if let Some(deeper) = missing(field, known) {
                    new.insert(name.clone(), deeper);
                }
            }
        }
    }
    (!new.is_empty()).then(|| json!({ "properties": new }))
}
