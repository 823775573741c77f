//! Logical types and what stands for them in plain types.

use connect_api::{Decimal, Error, Result, Schema, Type, Value, logical};

const DAY_MS: i64 = 86_400_000;

/// A moment as the number its schema is based on: days of a date, milliseconds of a time or timestamp.
///
/// # Errors
/// A data error when it is no value of the type, or the schema is not of one of the three types.
pub(crate) fn encode_instant(ms: i64, schema: &Schema) -> Result<Value> {
    let wrong = |what: &str| Err(Error::data(format!("{ms} ms since 1970-01-01 is no {what}")));
    let number = |ms: i64| i32::try_from(ms).map(Value::Int32);
    match schema.name() {
        Some(logical::TIMESTAMP) => Ok(Value::Int64(ms)),
        Some(logical::DATE) => match number(ms / DAY_MS) {
            Ok(days) if ms % DAY_MS == 0 => Ok(days),
            _ => wrong("day"),
        },
        Some(logical::TIME) => match number(ms) {
            Ok(time) if (0..=DAY_MS).contains(&ms) => Ok(time),
            _ => wrong("time of day"),
        },
        _ => Err(Error::data(format!("a value of type instant was found where {schema} was expected"))),
    }
}

/// What a logical type of Connect is based on; `None` when the schema's name is not that of one.
pub(crate) fn base_type(schema: &Schema) -> Option<Type> {
    match schema.name()? {
        logical::DECIMAL => Some(Type::Bytes),
        logical::DATE | logical::TIME => Some(Type::Int32),
        logical::TIMESTAMP => Some(Type::Int64),
        _ => None,
    }
}

/// Whether a schema is one of Connect's logical types, whose values have a form of their own in memory.
pub(crate) fn is_logical(schema: &Schema) -> bool {
    base_type(schema).is_some()
}

/// A value of a logical type as one of the type it is based on; another value as it is.
///
/// # Errors
/// Those of [`encode_instant`].
pub(crate) fn encode(value: Value, schema: &Schema) -> Result<Value> {
    match value {
        Value::Instant(ms) => encode_instant(ms, schema),
        Value::Decimal(decimal) => Ok(decimal.to_bytes().into()),
        value => Ok(value),
    }
}

/// The inverse of [`encode`].
///
/// # Errors
/// A data error when the schema says no scale of its decimals, or the value is not of the type it is based on.
pub(crate) fn decode(value: Value, schema: &Schema) -> Result<Value> {
    match (schema.name(), &value) {
        (_, Value::Null) => Ok(value),
        (Some(logical::DATE), Value::Int32(days)) => Ok(Value::Instant(i64::from(*days) * DAY_MS)),
        (Some(logical::TIME), Value::Int32(ms)) => Ok(Value::Instant((*ms).into())),
        (Some(logical::TIMESTAMP), Value::Int64(ms)) => Ok(Value::Instant(*ms)),
        (Some(logical::DECIMAL), Value::Bytes(bytes)) => {
            let scale = schema.parameter(logical::SCALE).and_then(|scale| scale.parse().ok());
            let scale = scale.ok_or_else(|| Error::data(format!("{schema} does not say its scale")))?;
            Ok(Decimal::from_bytes(bytes, scale).into())
        }
        (Some(logical::DATE | logical::TIME | logical::TIMESTAMP | logical::DECIMAL), _) => {
            Err(Error::data(format!("a value of type {} was found where {schema} was expected", value.kind())))
        }
        _ => Ok(value),
    }
}
