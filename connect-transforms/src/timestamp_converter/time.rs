//! From one form of times to another.

use connect_api::{Error, Result, Schema, Type, Value, logical};

use super::config::{TimestampType, UnixPrecision};
use crate::clock::Clock;
use crate::date_format::DateFormat;

const DAY_MS: i64 = 86_400_000;

/// How times are read and written.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) target: TimestampType,
    pub(super) format: DateFormat,
    pub(super) precision: UnixPrecision,
    pub(super) clock: Clock,
}

/// The form of the times of a schema.
pub(super) fn kind_of(schema: &Schema) -> Result<TimestampType> {
    match (schema.name(), schema.ty()) {
        (Some(logical::DATE), _) => Ok(TimestampType::Date),
        (Some(logical::TIME), _) => Ok(TimestampType::Time),
        (Some(logical::TIMESTAMP), _) => Ok(TimestampType::Timestamp),
        (_, Type::String) => Ok(TimestampType::String),
        (_, Type::Int64) => Ok(TimestampType::Unix),
        _ => {
            let message = format!("a time (Date, Time, Timestamp, int64 or string) was expected, {schema} was found");
            Err(Error::data(message).with_class("org.apache.kafka.connect.errors.ConnectException"))
        }
    }
}

impl Times {
    /// A value without a schema in the target form; null stays.
    pub(super) fn convert_any(&self, value: &Value) -> Result<Value> {
        let kind = match value {
            Value::Null => return Ok(Value::Null),
            Value::Instant(_) => TimestampType::Timestamp,
            Value::Int64(_) => TimestampType::Unix,
            Value::String(_) => TimestampType::String,
            other => {
                let found = other.kind();
                return Err(Error::data(format!("a time (instant, int64 or string) was expected, {found} was found")));
            }
        };
        self.convert(value, kind)
    }

    /// A value of a form in the target form; null stays.
    pub(super) fn convert(&self, value: &Value, kind: TimestampType) -> Result<Value> {
        let ms = match (kind, value) {
            (_, Value::Null) => return Ok(Value::Null),
            (TimestampType::String, Value::String(text)) => self.read(text)?,
            (TimestampType::Unix, Value::Int64(number)) => self.precision.to_ms(*number),
            (TimestampType::Date | TimestampType::Time | TimestampType::Timestamp, Value::Instant(ms)) => *ms,
            (_, other) => return Err(Error::data(format!("{kind:?} was expected, {} was found", other.kind()))),
        };
        Ok(match self.target {
            TimestampType::String => self.format.print(ms).into(),
            TimestampType::Unix => self.precision.of_ms(ms).into(),
            // The first day of all began before the first moment; Java wraps around there too.
            TimestampType::Date => Value::Instant(ms.wrapping_sub(ms.rem_euclid(DAY_MS))),
            TimestampType::Time => Value::Instant(ms.rem_euclid(DAY_MS)),
            TimestampType::Timestamp => Value::Instant(ms),
        })
    }

    fn read(&self, text: &str) -> Result<i64> {
        if self.format.is_blank() {
            return Err(Error::data(format!("the text {text:?} was found, and no format says how to read it")));
        }
        self.format.parse(text, (self.clock)())
    }
}

impl UnixPrecision {
    /// What is less than a millisecond is cut off; what is too large is as large as can be.
    const fn to_ms(self, number: i64) -> i64 {
        match self {
            Self::Seconds => number.saturating_mul(1000),
            Self::Milliseconds => number,
            Self::Microseconds => number / 1000,
            Self::Nanoseconds => number / 1_000_000,
        }
    }

    const fn of_ms(self, ms: i64) -> i64 {
        match self {
            Self::Seconds => ms / 1000,
            Self::Milliseconds => ms,
            Self::Microseconds => ms.saturating_mul(1000),
            Self::Nanoseconds => ms.saturating_mul(1_000_000),
        }
    }
}
