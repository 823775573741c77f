//! A value as one of another type, by Java's rules for numbers.

use connect_api::values::print;
use connect_api::{Error, Result, Schema, Type, Value};

use super::float::{parse_double, parse_float};
use crate::logical_types::encode_instant;

/// The value as one of another type; null stays null. Numbers are cut off, saturate and wrap around as in Java; text
/// must be a number of the type.
pub(super) fn cast(value: &Value, schema: Option<&Schema>, to: Type) -> Result<Value> {
    let value = match (value, schema) {
        (Value::Null, _) => return Ok(Value::Null),
        (Value::Decimal(_) | Value::Instant(_), None) => {
            return Err(Error::data(format!(
                "a value of type {} needs a schema to be cast; without one a boolean, number, string or bytes was \
                 expected",
                value.kind()
            )));
        }
        (Value::Instant(ms), Some(schema)) if to != Type::String => &encode_instant(*ms, schema)?,
        _ => value,
    };
    Ok(match to {
        Type::Int8 => Value::Int8(integer(value, to, |n| n as i8)?),
        Type::Int16 => Value::Int16(integer(value, to, |n| n as i16)?),
        Type::Int32 => Value::Int32(integer(value, to, |n| n as i32)?),
        Type::Int64 => Value::Int64(integer(value, to, |n| n)?),
        Type::Float32 => Value::Float32(float(value)?),
        Type::Float64 => Value::Float64(double(value)?),
        Type::Boolean => Value::Boolean(truth(value)?),
        _ => text(value)?,
    })
}

fn impossible(value: &Value, to: Type) -> Error {
    let (bytes, only) = match (to, value) {
        (Type::String, _) => (", bytes", ""),
        (_, Value::Bytes(_)) => ("", "; bytes can be cast to string"),
        _ => ("", ""),
    };
    let expected = format!("a boolean, number, string{bytes}, date or time was expected");
    Error::data(format!("a value of type {} cannot be cast to {to}, {expected}{only}", value.kind()))
}

fn no_number(text: &str, to: Type) -> Error {
    // Enough to recognise it.
    let shown: String = text.chars().take(100).collect();
    Error::data(format!("{shown:?} is no {to}"))
}

/// `narrow` keeps the low bits; text must be within the type.
fn integer<N>(value: &Value, to: Type, narrow: impl Fn(i64) -> N) -> Result<N> {
    if let Some(number) = value.as_i64() {
        return Ok(narrow(number));
    }
    match value {
        Value::Boolean(truth) => Ok(narrow((*truth).into())),
        Value::Decimal(decimal) => Ok(narrow(decimal.wrapping_i64())),
        Value::Float32(number) => Ok(narrow(whole((*number).into(), to))),
        Value::Float64(number) => Ok(narrow(whole(*number, to))),
        Value::String(text) => {
            let number: i64 = text.parse().map_err(|_| no_number(text, to))?;
            let fits = match to {
                Type::Int8 => i8::try_from(number).is_ok(),
                Type::Int16 => i16::try_from(number).is_ok(),
                Type::Int32 => i32::try_from(number).is_ok(),
                _ => true,
            };
            if fits { Ok(narrow(number)) } else { Err(no_number(text, to)) }
        }
        _ => Err(impossible(value, to)),
    }
}

/// Cut off and saturated, at 32 bits for all but int64, which then wraps around.
#[expect(clippy::cast_possible_truncation, reason = "Java's narrowing saturates, as this does")]
fn whole(number: f64, to: Type) -> i64 {
    if to == Type::Int64 { number as i64 } else { (number as i32).into() }
}

#[expect(clippy::cast_possible_truncation, reason = "Java rounds to the nearest float, as this does")]
#[expect(clippy::cast_precision_loss, reason = "Java widens in the same way")]
fn float(value: &Value) -> Result<f32> {
    match value {
        Value::Float32(number) => Ok(*number),
        Value::Float64(number) => Ok(*number as f32),
        Value::Boolean(truth) => Ok((*truth).into()),
        // By its text: by way of a double it would be rounded twice.
        Value::Decimal(decimal) => Ok(decimal.to_string().parse().unwrap_or(f32::NAN)),
        Value::String(text) => parse_float(text).ok_or_else(|| no_number(text, Type::Float32)),
        _ => value.as_i64().map(|number| number as f32).ok_or_else(|| impossible(value, Type::Float32)),
    }
}

fn double(value: &Value) -> Result<f64> {
    match value {
        Value::Boolean(truth) => Ok((*truth).into()),
        Value::Decimal(decimal) => Ok(decimal.to_f64()),
        Value::String(text) => parse_double(text).ok_or_else(|| no_number(text, Type::Float64)),
        _ => value.as_f64().ok_or_else(|| impossible(value, Type::Float64)),
    }
}

fn truth(value: &Value) -> Result<bool> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        // Anything but true is false.
        Value::String(text) => Ok(text.eq_ignore_ascii_case("true")),
        // A fraction below 1 is cut off and so false.
        _ => integer(value, Type::Int64, |number| number != 0).map_err(|_| impossible(value, Type::Boolean)),
    }
}

fn text(value: &Value) -> Result<Value> {
    match value {
        Value::String(_) => Ok(value.clone()),
        Value::Array(_) | Value::Map(_) | Value::Struct(_) => Err(impossible(value, Type::String)),
        _ => {
            let mut text = String::new();
            print(value, &mut text).map_err(|error| impossible(value, Type::String).with_source(error))?;
            Ok(text.into())
        }
    }
}
