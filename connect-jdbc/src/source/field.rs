//! From what a database says to Connect's schemas and values.

use std::sync::Arc;

use connect_api::{Result, Schema, Type, Value, logical};

use super::column::{Cell, JdbcType, ResultColumn};
use super::config::{CalendarSystem, Granularity, NumericMapping};
use super::convert::{decimal, fitting, integer, misfit, text};
use super::moment::{self, Moment};
use super::style::Style;

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

    /// Appends the value of a cell. Each is made in its place: values that are passed on and on cost more than making
    /// them.
    ///
    /// # Errors
    /// A data error, without the name of the column, when the cell does not fit; nothing is appended then.
    pub(super) fn put(&self, cell: &Cell<'_>, values: &mut Vec<Value>) -> Result<()> {
        match (self.target, cell) {
            (_, Cell::Null) => values.push(Value::Null),
            (Target::Integer(Type::Int64), Cell::Integer(number)) => values.push(Value::Int64(*number)),
            (Target::String, Cell::Text(text)) => values.push(Value::String(Arc::from(*text))),
            (Target::Boolean, Cell::Boolean(truth)) => values.push(Value::Boolean(*truth)),
            (Target::Boolean, Cell::Integer(number)) => values.push(Value::Boolean(*number != 0)),
            (Target::Integer(ty), cell) => match (ty, integer(ty, cell)?) {
                (Type::Int8, number) => values.push(Value::Int8(fitting(number, cell, ty)?)),
                (Type::Int16, number) => values.push(Value::Int16(fitting(number, cell, ty)?)),
                (Type::Int32, number) => values.push(Value::Int32(fitting(number, cell, ty)?)),
                (_, number) => values.push(Value::Int64(number)),
            },
            (Target::Float32, Cell::Float32(number)) => values.push(Value::Float32(*number)),
            #[expect(clippy::cast_possible_truncation, reason = "as JDBC's getFloat narrows")]
            (Target::Float32, Cell::Float64(number)) => values.push(Value::Float32(*number as f32)),
            #[expect(clippy::cast_precision_loss, reason = "as JDBC's getFloat and getDouble widen")]
            (Target::Float32, Cell::Integer(number)) => values.push(Value::Float32(*number as f32)),
            (Target::Float64, Cell::Float64(number)) => values.push(Value::Float64(*number)),
            (Target::Float64, Cell::Float32(number)) => values.push(Value::Float64((*number).into())),
            #[expect(clippy::cast_precision_loss, reason = "as JDBC's getFloat and getDouble widen")]
            (Target::Float64, Cell::Integer(number)) => values.push(Value::Float64(*number as f64)),
            (Target::Float64, Cell::Decimal(number)) => values.push(Value::Float64(number.to_f64())),
            (Target::Decimal(scale), cell) => values.push(Value::Decimal(decimal(cell, scale)?)),
            (Target::String, cell) => values.push(text(cell)?),
            (Target::Bytes, Cell::Bytes(bytes)) => values.push(Value::from(bytes.to_vec())),
            (Target::Bytes, Cell::Text(text)) => values.push(Value::from(text.as_bytes().to_vec())),
            (Target::Date, cell) => values.push(Value::Instant(self.date(cell)?)),
            (Target::Time, cell) => values.push(Value::Instant(self.time(cell)?)),
            (Target::Timestamp, cell) => values.push(self.timestamp(cell)?),
            (_, other) => return Err(misfit(other, "the type of its column")),
        }
        Ok(())
    }

    /// Milliseconds since 1970.
    fn date(&self, cell: &Cell<'_>) -> Result<i64> {
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
        Ok(i64::from(day) * 86_400_000)
    }

    /// Milliseconds since 1970.
    fn time(&self, cell: &Cell<'_>) -> Result<i64> {
        let nanos = match cell {
            Cell::Time(nanos) => *nanos,
            Cell::Wall(wall) => wall.seconds.rem_euclid(86_400) * 1_000_000_000 + i64::from(wall.nanos),
            Cell::Instant(at) => return Ok(at.millis()),
            other => return Err(misfit(other, "a time of day")),
        };
        // As Java does: the time on 1970-01-01 in the database's zone, told in UTC.
        let at = self.style.instant_by_zone(Moment::of_day(0, nanos));
        Ok(at.millis())
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
