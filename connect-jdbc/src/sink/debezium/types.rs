//! Types that Debezium gives names to.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use connect_api::{Decimal, Error, Result, Schema, Type, Value};
use jiff::Timestamp;

use super::super::cell::Cell;
use super::super::kind::Kind;

const DAY: i64 = 86_400_000_000;

/// What a number since 1970, or since midnight, counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Unit {
    Millis,
    Micros,
    Nanos,
}

impl Unit {
    const fn to_micros(self, number: i64) -> Option<i64> {
        match self {
            Self::Millis => number.checked_mul(1000),
            Self::Micros => Some(number),
            Self::Nanos => Some(number.div_euclid(1000)),
        }
    }
}

/// What a column of such a type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Semantic {
    /// A time on the wall, in no zone.
    Timestamp(Unit),
    /// A time of a day on the wall.
    Time(Unit),
    /// A text with date, time and zone.
    ZonedTimestamp,
    /// A text with time and offset.
    ZonedTime,
    /// Bits, so many.
    Bits(u32),
    /// A decimal with a scale of its own.
    Decimal,
    /// A text that has a type in PostgreSQL and one in MySQL.
    Text(&'static str, &'static str),
    /// A text of at most so many characters.
    Sized(u32),
}

/// Texts with a type of their own: what Debezium calls them, PostgreSQL and MySQL.
const TEXTS: [(&str, &str, &str); 6] = [
    ("io.debezium.data.Json", "JSON", "JSON"),
    ("io.debezium.data.Xml", "XML", "TEXT"),
    ("io.debezium.data.Uuid", "UUID", "CHAR(36)"),
    ("io.debezium.data.Ltree", "LTREE", "TEXT"),
    ("io.debezium.data.Tsvector", "TSVECTOR", "TEXT"),
    ("io.debezium.time.Interval", "INTERVAL", "TEXT"),
];

/// The kind of a schema that Debezium has a name for, or a length.
pub(in super::super) fn kind(schema: &Arc<Schema>) -> Option<Kind> {
    use Semantic::{Bits, Sized, Text, Time, Timestamp, ZonedTime, ZonedTimestamp};

    let number = |name: &str| schema.parameter(name).and_then(|text| text.parse::<u32>().ok());
    let Some(name) = schema.name() else {
        let ty = schema.parameter("__debezium.source.column.type").unwrap_or_default().to_ascii_uppercase();
        let length = number("__debezium.source.column.length").filter(|length| (1..=16_383).contains(length));
        let is_text =
            schema.ty() == Type::String && ["VARCHAR", "CHARACTER VARYING", "NVARCHAR"].contains(&ty.as_str());
        return length.filter(|_| is_text).map(|length| Kind::Semantic(Sized(length)));
    };
    let expects = |ty: Type, semantic: Semantic| (schema.ty() == ty).then_some(Kind::Semantic(semantic));
    match name {
        "io.debezium.time.Date" => (schema.ty() == Type::Int32).then_some(Kind::Date),
        "io.debezium.time.Timestamp" => expects(Type::Int64, Timestamp(Unit::Millis)),
        "io.debezium.time.MicroTimestamp" => expects(Type::Int64, Timestamp(Unit::Micros)),
        "io.debezium.time.NanoTimestamp" => expects(Type::Int64, Timestamp(Unit::Nanos)),
        "io.debezium.time.Time" => expects(Type::Int32, Time(Unit::Millis)),
        "io.debezium.time.MicroTime" => expects(Type::Int64, Time(Unit::Micros)),
        "io.debezium.time.NanoTime" => expects(Type::Int64, Time(Unit::Nanos)),
        "io.debezium.time.ZonedTimestamp" => expects(Type::String, ZonedTimestamp),
        "io.debezium.time.ZonedTime" => expects(Type::String, ZonedTime),
        "io.debezium.data.Bits" => expects(Type::Bytes, Bits(number("length").unwrap_or(1).max(1))),
        "io.debezium.data.VariableScaleDecimal" => expects(Type::Struct, Semantic::Decimal),
        _ => {
            let found = TEXTS.iter().find(|(known, ..)| *known == name)?;
            expects(Type::String, Text(found.1, found.2))
        }
    }
}

impl Semantic {
    /// The cell of a value. `local` is the wall clock of an instant, both in microseconds.
    ///
    /// # Errors
    /// A data error when the value is not of the type.
    pub(in super::super) fn cell(self, value: &Value, local: impl Fn(i64) -> i64) -> Result<Cell> {
        let wrong = || Error::data(format!("a value of type {} is no {self:?}", value.kind()));
        let at = |local: i64, instant: i64| Cell::Timestamp { local, instant };
        Ok(match (self, value) {
            (Self::Timestamp(unit), _) => {
                let micros = value.as_i64().and_then(|number| unit.to_micros(number)).ok_or_else(wrong)?;
                at(micros, micros)
            }
            (Self::Time(unit), _) => {
                let micros = value.as_i64().and_then(|number| unit.to_micros(number)).ok_or_else(wrong)?;
                time(micros)?
            }
            (Self::ZonedTimestamp, Value::String(text)) => match text.trim() {
                "infinity" => at(i64::MAX, i64::MAX),
                "-infinity" => at(i64::MIN, i64::MIN),
                text => {
                    let parsed: Timestamp = text.parse().map_err(|_| no_time(text, "a date and time with a zone"))?;
                    let instant = parsed.as_microsecond();
                    at(local(instant), instant)
                }
            },
            (Self::ZonedTime, Value::String(text)) => {
                let parsed: Option<Timestamp> = format!("1970-01-02T{}", text.trim()).parse().ok();
                let parsed = parsed.ok_or_else(|| no_time(text, "a time with an offset"))?;
                time(parsed.as_microsecond().rem_euclid(DAY))?
            }
            (Self::Bits(length), Value::Bytes(bytes)) => bits(bytes, length),
            (Self::Decimal, Value::Struct(parts)) => {
                let scale = parts.get("scale").and_then(Value::as_i64).and_then(|scale| i32::try_from(scale).ok());
                match (scale, parts.get("value")) {
                    (Some(scale), Some(Value::Bytes(bytes))) => Cell::Decimal(Decimal::from_bytes(bytes, scale)),
                    _ => return Err(wrong()),
                }
            }
            (Self::Text(..) | Self::Sized(_), Value::String(text)) => Cell::Text(Arc::clone(text)),
            _ => return Err(wrong()),
        })
    }
}

fn time(micros: i64) -> Result<Cell> {
    match (0..=DAY).contains(&micros) {
        true => Ok(Cell::Time { micros, millis: micros / 1000 }),
        false => Err(Error::data(format!("{micros} microseconds are no time of a day"))),
    }
}

fn no_time(text: &str, what: &str) -> Error {
    Error::data(format!("{text:?} is not {what}, such as ISO 8601 has them"))
}

/// Debezium's bits, the lowest byte first, as a text of zeros and ones, the highest bit first.
fn bits(bytes: &[u8], length: u32) -> Cell {
    let bit = |at: u32| {
        let byte = usize::try_from(at / 8).ok().and_then(|at| bytes.get(at)).copied().unwrap_or_default();
        if byte >> (at % 8) & 1 == 1 { '1' } else { '0' }
    };
    // A claimed length allocates no more than there are bytes.
    let length = length.min(u32::try_from(bytes.len()).unwrap_or(u32::MAX).saturating_mul(8).max(1));
    Cell::Bits((0..length).rev().map(bit).collect::<String>().into())
}

/// `field.include.list` and `field.exclude.list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    include: Vec<(Option<String>, String)>,
    exclude: Vec<(Option<String>, String)>,
}

impl Fields {
    /// Of entries `field` or `topic:field`.
    pub(super) fn new(include: &[String], exclude: &[String]) -> Self {
        let parse = |list: &[String]| {
            let entry = |entry: &String| match entry.rsplit_once(':') {
                Some((topic, field)) => (Some(topic.trim().to_owned()), field.trim().to_owned()),
                None => (None, entry.trim().to_owned()),
            };
            list.iter().map(entry).collect()
        };
        Self { include: parse(include), exclude: parse(exclude) }
    }

    /// Whether a field of a topic's rows is written.
    pub(in super::super) fn has(&self, topic: &str, field: &str) -> bool {
        let fits = |(of, name): &(Option<String>, String)| name == field && of.as_deref().is_none_or(|of| of == topic);
        (self.include.is_empty() || self.include.iter().any(fits)) && !self.exclude.iter().any(fits)
    }
}
