//! Values as databases know them, whatever the database.

use std::cmp::Ordering;
use std::sync::Arc;

use connect_api::bytes::Bytes;
use connect_api::calendar::{CUTOVER, Calendar};
use connect_api::{Decimal, Error, Result, Value};

use super::config::{DateZone, MappingConfig, Precision};
use super::kind::Kind;
use crate::source::CalendarSystem;
use crate::zone::Zone;

const MILLI: i64 = 1000;
const DAY: i64 = 86_400_000_000;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    /// The bits, so that equal numbers are equal keys.
    Float32(u32),
    /// The bits.
    Float64(u64),
    Text(Arc<str>),
    Bytes(Bytes),
    Decimal(Decimal),
    /// A day since 1970-01-01 on the wall, and the milliseconds it came as.
    Date {
        day: i64,
        millis: i64,
    },
    /// Microseconds of a day on the wall, and the milliseconds they came as.
    Time {
        micros: i64,
        millis: i64,
    },
    /// Microseconds since 1970-01-01T00:00 on the wall, and in UTC.
    Timestamp {
        local: i64,
        instant: i64,
    },
    /// Zeros and ones.
    Bits(Arc<str>),
    Array(Arc<[Cell]>),
}

impl Cell {
    /// A number of its kind, for the order between kinds.
    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Float32(_) => 3,
            Self::Float64(_) => 4,
            Self::Text(_) => 5,
            Self::Bytes(_) => 6,
            Self::Decimal(_) => 7,
            Self::Date { .. } => 8,
            Self::Time { .. } => 9,
            Self::Timestamp { .. } => 10,
            Self::Bits(_) => 11,
            Self::Array(_) => 12,
        }
    }
}

/// Some order, the same for everybody: rows are locked in it.
impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float32(a), Self::Float32(b)) => a.cmp(b),
            (Self::Float64(a), Self::Float64(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => {
                a.scale().cmp(&b.scale()).then_with(|| match (a.unscaled_i64(), b.unscaled_i64()) {
                    (Some(a), Some(b)) => a.cmp(&b),
                    _ => a.unscaled().cmp(&b.unscaled()),
                })
            }
            (Self::Date { day: a, .. }, Self::Date { day: b, .. }) => a.cmp(b),
            (Self::Time { micros: a, .. }, Self::Time { micros: b, .. }) => a.cmp(b),
            (Self::Timestamp { instant: a, .. }, Self::Timestamp { instant: b, .. }) => a.cmp(b),
            (Self::Bits(a), Self::Bits(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How values of records become cells.
#[derive(Debug, Clone)]
pub(super) struct Clocks {
    zone: Zone,
    date_zone: Zone,
    legacy: bool,
}

impl Clocks {
    pub(super) fn new(mapping: &MappingConfig) -> Self {
        let zone = mapping.db_timezone.clone();
        let date_zone = if mapping.date_timezone == DateZone::Utc { Zone::utc() } else { zone.clone() };
        Self { zone, date_zone, legacy: mapping.date_calendar == CalendarSystem::Legacy }
    }

    /// The cell of a value.
    ///
    /// # Errors
    /// A data error when the value is not of the kind.
    pub(super) fn cell(&self, value: &Value, kind: &Kind) -> Result<Cell> {
        Ok(match (kind, value) {
            (_, Value::Null) => Cell::Null,
            (Kind::Boolean, Value::Boolean(truth)) => Cell::Bool(*truth),
            (Kind::Float32, Value::Float32(number)) => Cell::Float32(number.to_bits()),
            (Kind::Float64, Value::Float64(number)) => Cell::Float64(number.to_bits()),
            (Kind::String, Value::String(text)) => Cell::Text(Arc::clone(text)),
            (Kind::Bytes, Value::Bytes(bytes)) => Cell::Bytes(bytes.clone()),
            (Kind::Decimal(_), Value::Decimal(number)) => Cell::Decimal(number.clone()),
            (Kind::Decimal(scale), Value::Bytes(bytes)) => Cell::Decimal(Decimal::from_bytes(bytes, *scale)),
            (Kind::Semantic(semantic), _) => semantic.cell(value, |instant| self.zone.to_local(instant))?,
            (Kind::Epoch(precision), _) => return self.epoch(value, *precision),
            (Kind::Array(kind), Value::Array(elements)) => {
                let cells: Result<Vec<_>> = elements.iter().map(|element| self.cell(element, kind)).collect();
                Cell::Array(cells?.into())
            }
            (Kind::Date, _) => self.date(millis(value, DAY / MILLI).ok_or_else(|| wrong(value, kind))?),
            (Kind::Time, _) => self.time(millis(value, 1).ok_or_else(|| wrong(value, kind))?),
            (Kind::Timestamp, _) => {
                let millis = millis(value, 1).ok_or_else(|| wrong(value, kind))?;
                self.timestamp(millis.checked_mul(MILLI).ok_or_else(|| wrong(value, kind))?)
            }
            (Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64, _) => {
                Cell::Int(value.as_i64().ok_or_else(|| wrong(value, kind))?)
            }
            _ => return Err(wrong(value, kind)),
        })
    }

    fn date(&self, millis: i64) -> Cell {
        let local = self.date_zone.to_local(millis.saturating_mul(MILLI));
        Cell::Date { day: self.told(local.div_euclid(DAY)), millis }
    }

    fn time(&self, millis: i64) -> Cell {
        let local = self.zone.to_local(millis.saturating_mul(MILLI));
        Cell::Time { micros: local.rem_euclid(DAY), millis }
    }

    fn timestamp(&self, instant: i64) -> Cell {
        let local = self.zone.to_local(instant);
        let day = local.div_euclid(DAY);
        Cell::Timestamp { local: local.saturating_add((self.told(day) - day) * DAY), instant }
    }

    /// The day that a database shows as the older Java classes would show this one.
    fn told(&self, day: i64) -> i64 {
        if !self.legacy || day >= CUTOVER {
            return day;
        }
        let (year, month, of_month) = Calendar::Julian.date(day);
        match (i32::try_from(year), i32::try_from(month)) {
            (Ok(year), Ok(month)) => Calendar::Gregorian.month_start(year, month) + of_month - 1,
            _ => day,
        }
    }

    fn epoch(&self, value: &Value, precision: Precision) -> Result<Cell> {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        };
        let number = number.ok_or_else(|| {
            let what = value.kind();
            Error::data(format!(
                "a field of timestamp.fields.list must be a whole number, int64 or string; it is {what}"
            ))
        })?;
        Ok(self.timestamp(match precision {
            Precision::Micros => number,
            Precision::Nanos => number.div_euclid(1000),
        }))
    }
}

/// Milliseconds of a logical value, which may still be the number it is sent as.
fn millis(value: &Value, unit: i64) -> Option<i64> {
    match value {
        Value::Instant(millis) => Some(*millis),
        other => other.as_i64()?.checked_mul(unit),
    }
}

fn wrong(value: &Value, kind: &Kind) -> Error {
    Error::data(format!("a value of type {} does not fit its schema, which says {kind:?}", value.kind()))
}

/// All digits of a decimal, without an exponent.
///
/// # Errors
/// A data error when that were more than any database takes.
pub(super) fn plain(number: &Decimal) -> Result<String> {
    const MOST: i32 = 150_000;
    let scale = number.scale();
    if scale.abs() > MOST {
        return Err(Error::data(format!("a decimal of scale {scale} is beyond what a database can hold")));
    }
    let places = usize::try_from(scale).unwrap_or(0);
    let power = u32::try_from(scale).ok().filter(|places| *places > 0).and_then(|places| 10u64.checked_pow(places));
    if let (Some(short), Some(power)) = (number.unscaled_i64(), power) {
        let (sign, digits) = (if short < 0 { "-" } else { "" }, short.unsigned_abs());
        return Ok(format!("{sign}{}.{:0places$}", digits / power, digits % power));
    }
    let text = number.unscaled().to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", &*text), |digits| ("-", digits));
    Ok(if scale <= 0 {
        let zeros = if digits == "0" { 0 } else { usize::try_from(-scale).unwrap_or(0) };
        format!("{sign}{digits}{}", "0".repeat(zeros))
    } else if digits.len() > places {
        let (whole, fraction) = digits.split_at(digits.len() - places);
        format!("{sign}{whole}.{fraction}")
    } else {
        format!("{sign}0.{digits:0>places$}")
    })
}

/// Zeros and ones as bytes, the highest first.
pub(super) fn from_bits(text: &str) -> Vec<u8> {
    let lead = (8 - text.len() % 8) % 8;
    let padded = "0".repeat(lead) + text;
    padded.as_bytes().chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | (bit & 1))).collect()
}
