//! Where we differ from Kafka: what we answer to a vector, if Kafka's answer is such. `None` where nothing was decided.

use std::sync::Arc;

use connect_api::values::Values;
use connect_api::{Datum, Decimal, Record, Struct, Value, logical};
use serde_json::{Value as Json, json};

use super::data::parsed;
use super::datum;
use super::notation::{described, shown};
use super::transforms::{record, transformed};

/// What the names of logical types begin with.
const LOGICAL: &str = "org.apache.kafka.connect.data.";

/// A strict reader refuses JSON that is not of the schema's type, and what follows it; Kafka makes something of it.
pub(super) fn refused(vector: &Json, expected: &str) -> Option<String> {
    let mut values = serde_json::Deserializer::from_str(vector["in"].as_str()?).into_iter::<Json>();
    let first = values.next()?.ok()?;
    let (schema, payload) = match vector["cfg"]["schemas.enable"].as_str() {
        Some("false") => (&Json::Null, &first),
        _ => (&first["schema"], &first["payload"]),
    };
    let lenient = vector["cfg"]["lenient"] == "true";
    let refused = expected != "DataException" && !lenient && (values.next().is_some() || !fits(schema, payload));
    refused.then(|| "DataException".to_owned())
}

/// Whether JSON is of the schema's type. Null, and what Kafka refuses too, is left to it.
fn fits(schema: &Json, json: &Json) -> bool {
    let whole =
        |bits: u32| json.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() < 2f64.powi(63 - bits.cast_signed()));
    let part = |name: &str| schema[name].clone();
    let all = |schema: &Json| json.as_array().is_some_and(|parts| parts.iter().all(|part| fits(schema, part)));
    if json.is_null() {
        return true;
    }
    if let Some(name) = schema["name"].as_str().and_then(|name| name.strip_prefix(LOGICAL)) {
        return name != "Timestamp" || json.is_i64();
    }
    match (schema["type"].as_str(), json) {
        (None, Json::Array(parts)) => parts.iter().all(|part| fits(schema, part)),
        (None, Json::Object(members)) => members.values().all(|member| fits(schema, member)),
        (None, json) => !json.is_u64() || json.is_i64(),
        (Some("int8"), _) => json.as_i64().is_some_and(|n| i8::try_from(n).is_ok()) || whole(56),
        (Some("int16"), _) => json.as_i64().is_some_and(|n| i16::try_from(n).is_ok()) || whole(48),
        (Some("int32"), _) => json.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) || whole(32),
        (Some("int64"), _) => json.is_i64() || whole(0),
        (Some("float"), Json::Number(n)) => n.as_f64().is_some_and(|n| n.abs() <= f32::MAX.into()),
        (Some("float" | "double"), _) => json.is_number() || is_special(json),
        (Some("boolean"), _) => json.is_boolean(),
        (Some("string" | "bytes"), _) => json.is_string(),
        (Some("array"), _) => all(&part("items")),
        (Some("struct"), _) => {
            let fields = schema["fields"].as_array().into_iter().flatten();
            fields.filter_map(|field| Some(fits(field, &json[field["field"].as_str()?]))).all(|fits| fits)
        }
        (Some("map"), Json::Object(members)) => members.values().all(|member| fits(&part("values"), member)),
        _ => true,
    }
}

fn is_special(json: &Json) -> bool {
    matches!(json.as_str(), Some("NaN" | "Infinity" | "-Infinity"))
}

/// Kafka writes floats that are no numbers as strings, and reads them as 0.
pub(super) fn special(vector: &Json, _: &str) -> Option<String> {
    fn restore(read: &Json, out: &mut Json) -> bool {
        match (read, out) {
            (Json::Array(read), Json::Array(out)) => {
                read.iter().zip(out).fold(false, |any, (read, out)| restore(read, out) || any)
            }
            (Json::Object(read), Json::Object(out)) => {
                let member =
                    |any, (name, read): (&String, _)| out.get_mut(name).is_some_and(|out| restore(read, out)) || any;
                read.iter().fold(false, member)
            }
            (read, out) if is_special(read) && *out == json!(0.0) => {
                *out = read.clone();
                true
            }
            _ => false,
        }
    }
    let read: Json = (vector["op"] == "json.de").then(|| serde_json::from_str(vector["in"].as_str()?).ok())??;
    let mut out = vector["out"].clone();
    restore(&read["payload"], out.get_mut("v")?).then(|| shown(&datum(&out)))
}

/// What Kafka may have read of a text, before it dropped the rest.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    let delimiters = text.match_indices([':', ',', '{', '}', '[', ']', '"']);
    let ends = delimiters.flat_map(|(at, delimiter)| [at, at + delimiter.len()]);
    ends.filter(|end| !text[*end..].trim().is_empty()).map(|end| &text[..end])
}

/// Where Kafka reads a value and drops what follows it, we take the whole text as a string.
pub(super) fn cut_off(vector: &Json, expected: &str) -> Option<String> {
    if is(vector, "InsertHeader") {
        let text = vector["cfg"]["value.literal"].as_str()?;
        let mut out = vector["out"].clone();
        let header = out["h"].as_array_mut()?.last_mut()?;
        let inserted = shown(&datum(&json!({"s": header[1], "v": header[2]})));
        let cut = beginnings(text).any(|text| shown(&Values::default().parse(text)) == inserted);
        *header = json!([header[0], {"type": "string"}, text]);
        return cut.then(|| described(&record(&[&vector["in"], &out])));
    }
    let text = vector["in"].as_str().filter(|_| vector["op"] == "parse")?;
    beginnings(text).any(|text| parsed(text) == expected).then(|| format!("string {}", json!(text)))
}

/// What is no error of Connect in Java fails the record, or the configuration if that is where it is wrong.
pub(super) fn java_failure(vector: &Json, expected: &str) -> Option<String> {
    const OF_CONNECT: [&str; 5] =
        ["ConfigException", "ConnectException", "DataException", "SchemaBuilderException", "SchemaProjectorException"];
    if vector["err"] != expected || OF_CONNECT.contains(&expected) {
        return None;
    }
    // Java looks at the pattern of a date when it is first used.
    let pattern = vector["op"] == "sdf" || vector["type"] == "TimestampRouter";
    let early = pattern && expected == "IllegalArgumentException";
    Some(if early { "ConfigException" } else { "DataException" }.to_owned())
}

/// Whether the vector is one of such a transform, on the key or the value.
fn is(vector: &Json, class: &str) -> bool {
    vector["op"] == "smt" && vector["type"].as_str().is_some_and(|name| name.split('$').next() == Some(class))
}

/// The schema and value that the transform of the vector works on.
fn operand(vector: &Json) -> [&'static str; 2] {
    if vector["type"].as_str().is_some_and(|name| name.ends_with("$Key")) { ["ks", "k"] } else { ["vs", "v"] }
}

/// The part of a record that the transform of the vector changes.
fn changed<'a>(record: &'a mut Record, vector: &Json) -> &'a mut Datum {
    let key = operand(vector)[0] == "ks" || is(vector, "ValueToKey");
    if key { &mut record.key } else { &mut record.value }
}

/// Java refuses a null where a field must have a value, though it has a default. Here it stays null, and everything else
/// is as when the default stands in for it.
pub(super) fn left_unset(vector: &Json, expected: &str) -> Option<String> {
    const SETTING: &str = "replace.null.with.default";
    let off = vector["cfg"][SETTING].as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"));
    let [schema, value] = operand(vector);
    let fields = vector["in"][schema]["fields"].as_array()?;
    let names = fields.iter().filter(|field| !field["default"].is_null()).filter_map(|field| field["field"].as_str());
    let unset: Vec<_> =
        names.filter(|name| vector["in"][value][*name] == "UNSET" || vector["in"][value][*name].is_null()).collect();
    if !off || expected != "DataException" || unset.is_empty() {
        return None;
    }
    let mut cfg = vector["cfg"].clone();
    cfg[SETTING] = "true".into();
    let mut record = transformed(vector, &cfg).ok()?;
    let renames =
        cfg["renames"].as_str().into_iter().flat_map(|text| text.split(',')).filter_map(|pair| pair.split_once(':'));
    let renames: Vec<_> = renames.collect();
    let original = |name: &str| {
        renames.iter().find(|(_, new)| *new == name).map_or_else(|| name.to_owned(), |(old, _)| (*old).to_owned())
    };
    let datum = changed(&mut record, vector);
    let old = datum.value.as_struct()?;
    let values = old.schema().fields().iter().zip(old.values());
    let values =
        values.map(|(field, value)| if unset.contains(&&*original(&field.name)) { Value::Null } else { value.clone() });
    datum.value = Struct::unchecked(old.schema(), values.collect::<Vec<_>>()).into();
    Some(described(&record))
}

/// Java keeps the name of a logical type on what is cast to another, and masks a decimal by one without its scale.
pub(super) fn mended(vector: &Json, expected: &str) -> Option<String> {
    let [schema, _] = operand(vector);
    let mut out = vector["out"].clone();
    if is(vector, "Cast") && out[schema]["name"].as_str()?.starts_with(LOGICAL) {
        let cast = out[schema].as_object_mut()?;
        for key in ["name", "version", "parameters"] {
            let _ = cast.shift_remove(key);
        }
        return Some(described(&record(&[&vector["in"], &out])));
    }
    if !is(vector, "MaskField") || !vector["cfg"]["replacement"].is_null() || !expected.contains(logical::DECIMAL) {
        return None;
    }
    let masked: Vec<_> = vector["cfg"]["fields"].as_str()?.split(',').map(str::trim).collect();
    let mut record = record(&[&vector["in"], &out]);
    let datum = changed(&mut record, vector);
    let old = datum.value.as_struct()?;
    let values = old.schema().fields().iter().zip(old.values()).map(|(field, value)| match value {
        Value::Decimal(_) if masked.contains(&&*field.name) => {
            let scale = field.schema.parameter(logical::SCALE).and_then(|scale| scale.parse().ok());
            Decimal::new(0, scale.unwrap_or_default()).into()
        }
        value => value.clone(),
    });
    datum.value = Struct::unchecked(&Arc::clone(old.schema()), values.collect::<Vec<_>>()).into();
    Some(described(&record))
}

/// Java cannot set the name or version of what is no struct, and does not know the older names of settings any more.
pub(super) fn accepted(vector: &Json, expected: &str) -> Option<String> {
    let cfg = vector["cfg"].as_object()?;
    if is(vector, "ReplaceField") {
        let newer = |key: &str| match key {
            "blacklist" => "exclude".to_owned(),
            "whitelist" => "include".to_owned(),
            key => key.to_owned(),
        };
        let renamed: Json = cfg.iter().map(|(key, value)| (newer(key), value.clone())).collect();
        return (renamed != vector["cfg"])
            .then(|| transformed(vector, &renamed).map_or_else(|why| why, |record| described(&record)));
    }
    let [schema, _] = operand(vector);
    let mut changed = vector["in"].clone();
    let plain = changed[schema]["type"].as_str()? != "struct";
    if !is(vector, "SetSchemaMetadata") || expected != "DataException" || !plain {
        return None;
    }
    if let Some(name) = cfg.get("schema.name") {
        changed[schema]["name"] = name.clone();
    }
    if let Some(version) = cfg.get("schema.version").and_then(Json::as_str) {
        changed[schema]["version"] = version.parse::<i32>().ok()?.into();
    }
    Some(described(&record(&[&changed])))
}
