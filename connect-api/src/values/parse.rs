//! From text to values.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{Datum, Decimal, Schema, Type, Value, logical};

use super::Values;
use super::convert::{common, convert};
use super::time::{self, Temporal};
use super::token::{Tokens, trim};

/// How deep containers may nest; a text with more of them is a string. It bounds the stack.
const DEPTH: usize = 128;

/// Why a text is no array or map; it then is a string, so nobody asks further.
struct Unreadable;

type Read = Result<Datum, Unreadable>;

/// The value of a whole text.
pub(super) fn parse(values: &Values, text: &str) -> Datum {
    let mut tokens = Tokens::new(text);
    let read = match trim(text) {
        "" => Err(Unreadable),
        trimmed if trimmed.starts_with(['[', '{']) => embedded(values, &mut tokens, 0),
        _ => literal(values, &mut tokens),
    };
    match read {
        Ok(datum) if trim(tokens.rest()).is_empty() => datum,
        _ => Datum::new(Arc::clone(&values.string), text),
    }
}

/// A value in an array or map, where strings are quoted.
fn embedded(values: &Values, tokens: &mut Tokens<'_>, depth: usize) -> Read {
    if tokens.take("\"") {
        return Ok(string(values, tokens));
    }
    if tokens.take("[") {
        return array(values, tokens, depth + 1);
    }
    if tokens.take("{") {
        return map(values, tokens, depth + 1);
    }
    literal(values, tokens)
}

/// A string after its opening quote. Escapes stay as they are, as in Java. A date or time in quotes is one.
fn string(values: &Values, tokens: &mut Tokens<'_>) -> Datum {
    let mut content = String::new();
    while tokens.has_next() && !tokens.take("\"") {
        content.push_str(tokens.next());
    }
    let temporal = time::parse(trim(&content));
    match temporal {
        Some(temporal) => moment(values, temporal),
        None => Datum::new(Arc::clone(&values.string), content),
    }
}

fn array(values: &Values, tokens: &mut Tokens<'_>, depth: usize) -> Read {
    if depth > DEPTH {
        return Err(Unreadable);
    }
    let mut elements = Vec::new();
    let mut schema = None;
    while !tokens.take("]") {
        let element = embedded(values, tokens, depth)?;
        schema = common(schema, &element);
        elements.push(element.value);
        // A comma before the end is allowed.
        if !tokens.take(",") && !Tokens::take(&mut tokens.clone(), "]") {
            return Err(Unreadable);
        }
    }
    let schema = match schema {
        Some(schema) => {
            align(values, &schema, elements.iter_mut())?;
            Schema::array(schema)
        }
        None => Schema::builder(Type::Array),
    };
    Ok(Datum::new(schema.build().map_err(|_| Unreadable)?, elements))
}

fn map(values: &Values, tokens: &mut Tokens<'_>, depth: usize) -> Read {
    if depth > DEPTH {
        return Err(Unreadable);
    }
    let mut entries: Vec<(Value, Value)> = Vec::new();
    let mut places: HashMap<Value, usize> = HashMap::new();
    let (mut keys, mut parts) = (None, None);
    while !tokens.take("}") {
        let key = embedded(values, tokens, depth)?;
        if key.is_null() || !tokens.take(":") {
            return Err(Unreadable);
        }
        let value = embedded(values, tokens, depth)?;
        tokens.take(",");
        keys = common(keys, &key);
        parts = common(parts, &value);
        match places.get(&key.value) {
            Some(&place) => entries[place].1 = value.value,
            None => {
                places.insert(key.value.clone(), entries.len());
                entries.push((key.value, value.value));
            }
        }
    }
    if let Some(keys) = &keys {
        align(values, keys, entries.iter_mut().map(|(key, _)| key))?;
        if let Some(parts) = &parts {
            align(values, parts, entries.iter_mut().map(|(_, value)| value))?;
        }
    }
    let schema = match (keys, parts) {
        (Some(keys), parts) => Schema::map(keys, parts),
        (None, _) => Schema::builder(Type::Map),
    };
    Ok(Datum::new(schema.build().map_err(|_| Unreadable)?, entries))
}

fn align<'a>(
    values: &Values,
    schema: &Schema,
    mut members: impl Iterator<Item = &'a mut Value>,
) -> Result<(), Unreadable> {
    members.try_for_each(|member| {
        *member = convert(values, schema, std::mem::take(member)).map_err(|_| Unreadable)?;
        Ok(())
    })
}

/// Null, a boolean, a date or time, or a number.
fn literal(values: &Values, tokens: &mut Tokens<'_>) -> Read {
    for (word, datum) in [
        ("null", Datum::NULL),
        ("true", Datum::new(Arc::clone(&values.boolean), true)),
        ("false", Datum::new(Arc::clone(&values.boolean), false)),
    ] {
        if tokens.take(word) {
            return Ok(datum);
        }
    }
    let token = trim(tokens.next());
    if token.starts_with(|c: char| c.is_ascii_digit()) {
        // A time has colons, which are delimiters.
        let mut further = *tokens;
        if let Some(rest) = further.next_many(4)
            && let Some(temporal) = time::parse(&format!("{token}{rest}"))
        {
            *tokens = further;
            return Ok(moment(values, temporal));
        }
        if let Some(temporal) = time::parse(token) {
            return Ok(moment(values, temporal));
        }
    } else if !token.starts_with(['+', '-']) {
        return Err(Unreadable);
    }
    number(values, token)
}

fn moment(values: &Values, temporal: Temporal) -> Datum {
    let (schema, ms) = match temporal {
        Temporal::Date(ms) => (&values.date, ms),
        Temporal::Time(ms) => (&values.time, ms),
        Temporal::Timestamp(ms) => (&values.timestamp, ms),
    };
    Datum::new(Arc::clone(schema), Value::Instant(ms))
}

/// The smallest type that holds the number.
fn number(values: &Values, token: &str) -> Read {
    let decimal: Decimal = token.parse().map_err(|_| Unreadable)?;
    if let Some(whole) = decimal.exact_i64() {
        let (schema, value) = if let Ok(n) = i8::try_from(whole) {
            (&values.int8, Value::Int8(n))
        } else if let Ok(n) = i16::try_from(whole) {
            (&values.int16, Value::Int16(n))
        } else if let Ok(n) = i32::try_from(whole) {
            (&values.int32, Value::Int32(n))
        } else {
            (&values.int64, Value::Int64(whole))
        };
        return Ok(Datum::new(Arc::clone(schema), value));
    }
    if decimal.scale() != 0 {
        let text = decimal.to_string();
        if let Some(n) = text.parse::<f32>().ok().filter(|n| n.is_finite()) {
            return Ok(Datum::new(Arc::clone(&values.float32), n));
        }
        if let Some(n) = text.parse::<f64>().ok().filter(|n| n.is_finite()) {
            return Ok(Datum::new(Arc::clone(&values.float64), n));
        }
    }
    let schema = logical::decimal(decimal.scale()).build().map_err(|_| Unreadable)?;
    Ok(Datum::new(schema, decimal))
}
