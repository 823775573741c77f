//! From text to values.

use std::sync::Arc;

use crate::data::digits;
use crate::{Datum, Decimal, Value, logical};

use super::Values;
use super::containers::{array, map};
use super::time::{self, Temporal};
use super::token::{Tokens, trim};

/// Why a text is no array or map; it then is a string, so nobody asks further.
pub(super) struct Unreadable;

pub(super) type Read = Result<Datum, Unreadable>;

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
pub(super) fn embedded(values: &Values, tokens: &mut Tokens<'_>, depth: usize) -> Read {
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
    match time::parse(&content) {
        Some(temporal) => moment(values, temporal),
        None => Datum::new(Arc::clone(&values.string), content),
    }
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
    if token.starts_with(|c| digits::value(c).is_some()) {
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
