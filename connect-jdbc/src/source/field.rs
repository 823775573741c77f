//! From what a database says to Connect's schemas and values.

use std::sync::Arc;

use connect_api::{Decimal, Error, Result, Schema, Type, Value, logical};
use num_bigint::BigInt;

use super::config::{CalendarSystem, Granularity, JdbcSourceConfig, NumericMapping};
use super::moment::{self, Moment};
use crate::zone::Zone;

/// The type of a column in JDBC's terms, which decide what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JdbcType {
    /// A truth value.
    Boolean,
    /// Integers.
    Int8,
    Int16,
    Int32,
    Int64,
    /// Floats.
    Float32,
    Float64,
    /// An exact number that `numeric.mapping` is about.
    Numeric {
        precision: i32,
        scale: i32,
    },
    /// An exact number that is always a decimal.
    Decimal {
        precision: i32,
        scale: i32,
    },
    /// Text, binary data.
    String,
    Bytes,
    /// A day, a time of day, a point in time.
    Date,
    Time,
    Timestamp,
    /// What Kafka Connect leaves out.
    Unsupported,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResultColumn {
    /// Its label.
    pub(super) name: String,
    pub(super) ty: JdbcType,
    /// What the database calls the type, for messages.
    pub(super) type_name: String,
    /// Whether null is a value, or may be one for all that is known.
    pub(super) nullable: bool,
}

/// A value as a database gave it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    Float32(f32),
    Float64(f64),
    Decimal(Decimal),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// Days since 1970-01-01 in the Gregorian calendar.
    Date(i64),
    /// Nanoseconds since midnight by the clock on the wall; negative and more than a day where the database has such.
    Time(i64),
    /// What the clock on the wall shows.
    Wall(Moment),
    /// An instant.
    Instant(Moment),
    /// Before (false) or after everything.
    Infinite(bool),
}

/// How configurations have values written.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) zone: Zone,
    pub(super) granularity: Granularity,
    pub(super) calendar: CalendarSystem,
    pub(super) numeric: NumericMapping,
}

impl Style {
    /// What a configuration says.
    pub(super) fn of(config: &JdbcSourceConfig) -> Self {
        Self {
            zone: config.db_timezone.clone(),
            granularity: config.timestamp_granularity,
            calendar: config.date_calendar_system,
            numeric: config.numeric(),
        }
    }

    /// An instant by the clock on the wall of the database.
    fn to_wall(&self, instant: Moment) -> Moment {
        let at = micros(instant);
        instant.plus_seconds((self.zone.to_local(at) - at) / MICROS)
    }

    /// The opposite of [`to_wall`](Self::to_wall).
    fn instant_by_zone(&self, wall: Moment) -> Moment {
        let at = micros(wall);
        wall.plus_seconds((self.zone.instant_of(at) - at) / MICROS)
    }

    /// The instant that a wall's clock means.
    pub(super) fn instant_of(&self, wall: Moment) -> Moment {
        let wall = match self.calendar {
            CalendarSystem::Legacy => wall.to_legacy(),
            CalendarSystem::ProlepticGregorian => wall,
        };
        self.instant_by_zone(wall)
    }

    /// What a wall's clock shows at an instant: the opposite of [`instant_of`](Self::instant_of).
    pub(super) fn wall_of(&self, instant: Moment) -> Moment {
        let wall = self.to_wall(instant);
        match self.calendar {
            CalendarSystem::Legacy => wall.to_gregorian(),
            CalendarSystem::ProlepticGregorian => wall,
        }
    }

    /// The instant of a cell of a timestamp column; `None` of null.
    ///
    /// # Errors
    /// A data error when it is no timestamp.
    pub(super) fn timestamp_of(&self, cell: &Cell<'_>) -> Result<Option<Moment>> {
        Ok(match cell {
            Cell::Null => None,
            Cell::Wall(wall) => Some(self.instant_of(*wall)),
            Cell::Instant(at) => Some(*at),
            Cell::Date(day) => Some(self.instant_of(Moment::of_day(*day, 0))),
            other => return Err(Error::data(format!("a timestamp column holds {other:?}"))),
        })
    }
}

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

/// The whole seconds as microseconds; near the ends of time one at which zones have the same offset.
fn micros(at: Moment) -> i64 {
    const END: i64 = 9_000_000_000_000;
    at.seconds.clamp(-END, END) * MICROS
}

/// What a column becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Boolean,
    Integer(Type),
    Float32,
    Float64,
    Decimal(i32),
    String,
    Bytes,
    Date,
    Time,
    Timestamp,
}

/// How many digits a decimal has that says neither how many it has nor how many stand behind the point.
const UNKNOWN_SCALE: i32 = 127;

/// Writes the values of one column.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Arc<str>,
    pub(super) schema: Arc<Schema>,
    target: Target,
    style: Arc<Style>,
}

impl Field {
    /// The field of a column; `None` when columns of its type are left out.
    ///
    /// # Errors
    /// None that a database can provoke.
    pub(super) fn of(column: &ResultColumn, style: &Arc<Style>) -> Result<Option<Self>> {
        let Some(target) = target(&column.ty, style.numeric) else { return Ok(None) };
        let builder = match target {
            Target::Boolean => Schema::builder(Type::Boolean),
            Target::Integer(ty) => Schema::builder(ty),
            Target::Float32 => Schema::builder(Type::Float32),
            Target::Float64 => Schema::builder(Type::Float64),
            Target::String => Schema::builder(Type::String),
            Target::Bytes => Schema::builder(Type::Bytes),
            Target::Date => logical::date(),
            Target::Time => logical::time(),
            Target::Decimal(scale) => {
                let (JdbcType::Numeric { precision, .. } | JdbcType::Decimal { precision, .. }) = column.ty else {
                    return Ok(None);
                };
                logical::decimal(scale).parameter("connect.decimal.precision", precision.to_string())
            }
            Target::Timestamp => match style.granularity {
                Granularity::ConnectLogical => logical::timestamp(),
                Granularity::MicrosLong | Granularity::NanosLong => Schema::builder(Type::Int64),
                _ => Schema::builder(Type::String),
            },
        };
        let builder = if column.nullable { builder.optional() } else { builder };
        let style = Arc::clone(style);
        Ok(Some(Self { name: column.name.as_str().into(), schema: builder.build()?, target, style }))
    }

    /// The value of a cell.
    ///
    /// # Errors
    /// A data error, without the name of the column, when the cell does not fit.
    pub(super) fn value(&self, cell: &Cell<'_>) -> Result<Value> {
        Ok(match (self.target, cell) {
            (_, Cell::Null) => Value::Null,
            (Target::Boolean, Cell::Boolean(truth)) => Value::Boolean(*truth),
            (Target::Boolean, Cell::Integer(number)) => Value::Boolean(*number != 0),
            (Target::Integer(ty), cell) => integer(ty, cell)?,
            (Target::Float32, Cell::Float32(number)) => Value::Float32(*number),
            #[expect(clippy::cast_possible_truncation, reason = "as JDBC's getFloat narrows")]
            (Target::Float32, Cell::Float64(number)) => Value::Float32(*number as f32),
            #[expect(clippy::cast_precision_loss, reason = "as JDBC's getFloat and getDouble widen")]
            (Target::Float32, Cell::Integer(number)) => Value::Float32(*number as f32),
            (Target::Float64, Cell::Float64(number)) => Value::Float64(*number),
            (Target::Float64, Cell::Float32(number)) => Value::Float64((*number).into()),
            #[expect(clippy::cast_precision_loss, reason = "as JDBC's getFloat and getDouble widen")]
            (Target::Float64, Cell::Integer(number)) => Value::Float64(*number as f64),
            (Target::Float64, Cell::Decimal(number)) => Value::Float64(number.to_f64()),
            (Target::Decimal(scale), cell) => Value::Decimal(decimal(cell, scale)?),
            (Target::String, cell) => text(cell)?,
            (Target::Bytes, Cell::Bytes(bytes)) => Value::from(bytes.to_vec()),
            (Target::Bytes, Cell::Text(text)) => Value::from(text.as_bytes().to_vec()),
            (Target::Date, cell) => self.date(cell)?,
            (Target::Time, cell) => self.time(cell)?,
            (Target::Timestamp, cell) => self.timestamp(cell)?,
            (_, other) => return Err(misfit(other, "the type of its column")),
        })
    }

    fn date(&self, cell: &Cell<'_>) -> Result<Value> {
        let day = match cell {
            Cell::Date(day) => *day,
            Cell::Wall(at) | Cell::Instant(at) => at.day(),
            other => return Err(misfit(other, "a date")),
        };
        let day = match self.style.calendar {
            CalendarSystem::Legacy => moment::to_legacy_day(day),
            CalendarSystem::ProlepticGregorian => day,
        };
        // Connect's dates count days in 32 bits.
        let day = i32::try_from(day).map_err(|_| misfit(cell, "a date of Connect's"))?;
        Ok(Value::Instant(i64::from(day) * 86_400_000))
    }

    fn time(&self, cell: &Cell<'_>) -> Result<Value> {
        let nanos = match cell {
            Cell::Time(nanos) => *nanos,
            Cell::Wall(wall) => wall.seconds.rem_euclid(86_400) * 1_000_000_000 + i64::from(wall.nanos),
            Cell::Instant(at) => return Ok(Value::Instant(at.millis())),
            other => return Err(misfit(other, "a time of day")),
        };
        // As Java does: the time on 1970-01-01 in the database's zone, told in UTC.
        let at = self.style.instant_by_zone(Moment::of_day(0, nanos));
        Ok(Value::Instant(at.millis()))
    }

    fn timestamp(&self, cell: &Cell<'_>) -> Result<Value> {
        /// What JDBC's driver for PostgreSQL has for the ends of time.
        const INFINITY: i64 = 9_223_372_036_825_200_000;
        const MINUS_INFINITY: i64 = -9_223_372_036_832_400_000;
        let at = match cell {
            Cell::Infinite(after) if self.style.granularity == Granularity::ConnectLogical => {
                return Ok(Value::Instant(if *after { INFINITY } else { MINUS_INFINITY }));
            }
            Cell::Wall(_) | Cell::Instant(_) | Cell::Date(_) => {
                // These are no nulls.
                self.style.timestamp_of(cell)?.unwrap_or(Moment::EPOCH)
            }
            other => return Err(misfit(other, "a timestamp")),
        };
        let beyond = || misfit(cell, "64 bits in the granularity chosen");
        Ok(match self.style.granularity {
            Granularity::ConnectLogical => Value::Instant(at.millis()),
            Granularity::MicrosLong => Value::Int64(at.micros().ok_or_else(beyond)?),
            Granularity::NanosLong => Value::Int64(at.all_nanos().ok_or_else(beyond)?),
            Granularity::MicrosString => Value::from(at.micros().ok_or_else(beyond)?.to_string()),
            Granularity::NanosString => {
                let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
                Value::from(nanos.to_string())
            }
            Granularity::MicrosIso => Value::from(self.iso(at, 6)),
            Granularity::NanosIso => Value::from(self.iso(at, 9)),
        })
    }

    /// `yyyy-MM-dd'T'HH:mm:ss.S..` by the clock on the wall, with Java's year of the era.
    fn iso(&self, at: Moment, digits: usize) -> String {
        let wall = self.style.to_wall(at);
        let (year, month, day, hour, minute, second) = wall.civil();
        let year = if year > 0 { year } else { 1 - year };
        let sign = if year > 9999 { "+" } else { "" };
        let fraction = format!("{:09}", wall.nanos);
        let fraction = &fraction[..digits];
        format!("{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}")
    }
}

/// What a column becomes; `None` when it is left out.
fn target(ty: &JdbcType, mapping: NumericMapping) -> Option<Target> {
    Some(match *ty {
        JdbcType::Boolean => Target::Boolean,
        JdbcType::Int8 => Target::Integer(Type::Int8),
        JdbcType::Int16 => Target::Integer(Type::Int16),
        JdbcType::Int32 => Target::Integer(Type::Int32),
        JdbcType::Int64 => Target::Integer(Type::Int64),
        JdbcType::Float32 => Target::Float32,
        JdbcType::Float64 => Target::Float64,
        JdbcType::Numeric { precision, scale } => numeric(precision, scale, mapping),
        JdbcType::Decimal { precision, scale } => Target::Decimal(known_scale(precision, scale)),
        JdbcType::String => Target::String,
        JdbcType::Bytes => Target::Bytes,
        JdbcType::Date => Target::Date,
        JdbcType::Time => Target::Time,
        JdbcType::Timestamp => Target::Timestamp,
        JdbcType::Unsupported => return None,
    })
}

/// `numeric.mapping`. A number of which nothing is known may be anything, so it is never made an integer.
fn numeric(precision: i32, scale: i32, mapping: NumericMapping) -> Target {
    let decimal = Target::Decimal(known_scale(precision, scale));
    let whole = Target::Integer(match precision {
        ..=2 => Type::Int8,
        3..=4 => Type::Int16,
        5..=9 => Type::Int32,
        _ => Type::Int64,
    });
    let (fits, is_whole) = (precision <= 18, (-84..=0).contains(&scale));
    if precision == 0 {
        return decimal;
    }
    match mapping {
        NumericMapping::PrecisionOnly if fits && scale == 0 => whole,
        NumericMapping::BestFit if fits && is_whole => whole,
        NumericMapping::BestFit if fits && scale > 0 => Target::Float64,
        NumericMapping::BestFitEagerDouble if scale > 0 => Target::Float64,
        NumericMapping::BestFitEagerDouble if fits && is_whole => whole,
        _ => decimal,
    }
}

/// The scale of a decimal column.
const fn known_scale(precision: i32, scale: i32) -> i32 {
    if precision == 0 && scale == 0 { UNKNOWN_SCALE } else { scale }
}

fn integer(ty: Type, cell: &Cell<'_>) -> Result<Value> {
    let number = match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Unsigned(number) => i64::try_from(*number).ok(),
        Cell::Boolean(truth) => Some((*truth).into()),
        Cell::Decimal(number) => number.exact_i64(),
        #[expect(clippy::cast_possible_truncation, reason = "only where nothing is lost")]
        #[expect(clippy::cast_precision_loss, reason = "only where nothing is lost")]
        Cell::Float64(number) if (*number as i64) as f64 == *number => Some(*number as i64),
        Cell::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    let value = number.and_then(|number| {
        Some(match ty {
            Type::Int8 => Value::Int8(i8::try_from(number).ok()?),
            Type::Int16 => Value::Int16(i16::try_from(number).ok()?),
            Type::Int32 => Value::Int32(i32::try_from(number).ok()?),
            _ => Value::Int64(number),
        })
    });
    value.ok_or_else(|| misfit(cell, ty.name()))
}

fn decimal(cell: &Cell<'_>, scale: i32) -> Result<Decimal> {
    let exact = match cell {
        Cell::Decimal(number) => number.clone(),
        Cell::Integer(number) => Decimal::new(*number, 0),
        Cell::Unsigned(number) => Decimal::new(*number, 0),
        // The shortest text that reads back as the same double, as Java writes it.
        Cell::Float64(number) if number.is_finite() => format!("{number:e}").parse()?,
        Cell::Text(text) => text.trim().parse()?,
        other => return Err(misfit(other, "a decimal")),
    };
    rescaled(&exact, scale).ok_or_else(|| misfit(cell, &format!("a decimal of scale {scale}")))
}

/// The same number with so many digits behind the point; `None` when digits would be lost, or too many added.
fn rescaled(number: &Decimal, scale: i32) -> Option<Decimal> {
    /// More zeros than any database's numbers have digits.
    const MOST: u32 = 150_000;
    let more = i64::from(scale) - i64::from(number.scale());
    let power = u32::try_from(more.unsigned_abs()).ok().filter(|power| *power <= MOST)?;
    if power == 0 {
        return Some(number.clone());
    }
    let factor = BigInt::from(10).pow(power);
    if more > 0 {
        return Some(Decimal::new(number.unscaled() * factor, scale));
    }
    let whole = number.unscaled() / &factor;
    (&whole * factor == *number.unscaled()).then(|| Decimal::new(whole, scale))
}

fn text(cell: &Cell<'_>) -> Result<Value> {
    Ok(match cell {
        Cell::Text(text) => Value::from(*text),
        Cell::Integer(number) => Value::from(number.to_string()),
        Cell::Unsigned(number) => Value::from(number.to_string()),
        Cell::Float64(number) => Value::from(connect_api::java_double(*number)),
        Cell::Decimal(number) => Value::from(number.to_string()),
        Cell::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::from(text),
            Err(_) => return Err(Error::data("the text is not UTF-8")),
        },
        other => return Err(misfit(other, "text")),
    })
}

/// A value that does not fit. It is said what kind of value it is; numbers and times are shown, text is not.
fn misfit(cell: &Cell<'_>, what: &str) -> Error {
    let shown = match cell {
        Cell::Text(_) => "a text".to_owned(),
        Cell::Bytes(_) => "binary data".to_owned(),
        Cell::Infinite(true) => "infinity".to_owned(),
        Cell::Infinite(false) => "-infinity".to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Unsigned(number) => number.to_string(),
        Cell::Float64(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    Error::data(format!("{shown} does not fit {what}"))
}
