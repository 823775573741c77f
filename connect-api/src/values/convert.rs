//! One schema for the elements of a container, and its elements as that schema wants them.

use std::sync::Arc;

use crate::{Datum, Decimal, Error, Result, Schema, Type, Value, java_double, logical};

use super::{Values, print};
use crate::data::project::width;

/// What the elements seen so far have in common.
#[derive(Debug)]
pub(super) enum Common {
    /// Nothing but nulls so far.
    Any,
    Schema(Arc<Schema>),
    /// Elements of different types, which nothing can bring together any more.
    Nothing,
}

impl Common {
    /// One more element. Two numbers have the wider type in common, two of the same type the later schema.
    pub(super) fn add(&mut self, latest: &Datum) {
        let Some(new) = &latest.schema else { return };
        let previous = match self {
            Self::Any => return *self = Self::Schema(Arc::clone(new)),
            Self::Schema(previous) => previous,
            Self::Nothing => return,
        };
        if previous.ty() == new.ty() {
            *previous = Arc::clone(new);
            return;
        }
        match (width(previous.ty()), width(new.ty())) {
            (Some(old_width), Some(new_width)) if old_width > new_width => {}
            (Some(_), Some(_)) => *previous = Arc::clone(new),
            _ => *self = Self::Nothing,
        }
    }

    /// The schema of all elements, if there is one.
    pub(super) fn schema(self) -> Option<Arc<Schema>> {
        match self {
            Self::Schema(schema) => Some(schema),
            Self::Any | Self::Nothing => None,
        }
    }
}

/// Makes a value one of a required schema.
#[expect(clippy::cast_possible_truncation, reason = "Connect's conversions wrap around and round")]
pub(super) fn convert(values: &Values, to: &Schema, value: Value) -> Result<Value> {
    let fail = |value: &Value| Error::data(format!("a value of type {} cannot be made {to}", value.kind()));
    if value.is_null() {
        return if to.is_optional() { Ok(value) } else { Err(fail(&value)) };
    }
    let integer = |value: &Value| as_i64(value).ok_or_else(|| fail(value));
    let float = |value: &Value| as_f64(value).ok_or_else(|| fail(value));
    Ok(match (to.name(), to.ty(), value) {
        (Some(logical::DATE | logical::TIME | logical::TIMESTAMP), _, value) => {
            let value = reparsed(values, value);
            match (to.name(), &value) {
                (_, Value::Instant(_)) => value,
                (Some(logical::DATE), _) => Value::Instant(i64::from(integer(&value)? as i32) * 86_400_000),
                (Some(logical::TIME), _) => match integer(&value)? as i32 {
                    ms @ 0..=86_400_000 => Value::Instant(ms.into()),
                    _ => return Err(fail(&value)),
                },
                _ => Value::Instant(integer(&value)?),
            }
        }
        (Some(logical::DECIMAL), _, value) => Value::Decimal(match &value {
            Value::Decimal(decimal) => decimal.clone(),
            Value::String(text) => text.parse()?,
            _ => java_double(float(&value)?).parse()?,
        }),
        (_, Type::String, value @ Value::String(_)) => value,
        (_, Type::String, value) => {
            let mut text = String::new();
            print(&value, &mut text).map_err(|error| fail(&value).with_source(error))?;
            text.into()
        }
        (_, Type::Boolean, value @ Value::Boolean(_)) => value,
        (_, Type::Boolean, value) => match reparsed(values, value.clone()) {
            truth @ Value::Boolean(_) => truth,
            _ => (integer(&value)? != 0).into(),
        },
        (_, Type::Int8, value) => (integer(&value)? as i8).into(),
        (_, Type::Int16, value) => (integer(&value)? as i16).into(),
        (_, Type::Int32, value) => (integer(&value)? as i32).into(),
        (_, Type::Int64, value) => integer(&value)?.into(),
        (_, Type::Float32, value @ Value::Float32(_)) => value,
        (_, Type::Float32, value) => (float(&value)? as f32).into(),
        (_, Type::Float64, value) => float(&value)?.into(),
        (_, Type::Bytes, value @ Value::Bytes(_)) => value,
        (_, Type::Array, value) => match reparsed(values, value) {
            array @ Value::Array(_) => array,
            other => return Err(fail(&other)),
        },
        (_, Type::Map, value) => match reparsed(values, value) {
            map @ Value::Map(_) => map,
            other => return Err(fail(&other)),
        },
        (_, _, value) => return Err(fail(&value)),
    })
}

/// What a string looks like; another value as it is.
fn reparsed(values: &Values, value: Value) -> Value {
    match value {
        Value::String(text) => values.parse(&text).value,
        value => value,
    }
}

fn as_i64(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse::<Decimal>().ok().map(|decimal| decimal.wrapping_i64()),
        Value::Decimal(decimal) => Some(decimal.wrapping_i64()),
        #[expect(clippy::cast_possible_truncation, reason = "Java cuts the fraction off and saturates, as this does")]
        _ => value.as_i64().or_else(|| value.as_f64().map(|n| n as i64)),
    }
}

fn as_f64(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse::<Decimal>().ok().map(|decimal| decimal.to_f64()),
        Value::Decimal(decimal) => Some(decimal.to_f64()),
        _ => value.as_f64(),
    }
}
