//! MySQL's types in JDBC's terms, and its values.

use connect_api::{Decimal, Error, Result};
use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::{Column, Value};

use crate::dialect::mysql::{Reading, ZeroDate};
use crate::source::column::{Cell, JdbcType, ResultColumn};
use crate::source::moment::{self, Moment};

/// The character set of what is no text.
const BINARY: u16 = 63;

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decoder {
    kind: Kind,
    zero_date: ZeroDate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Text,
    Bytes,
    Decimal,
    Date,
    Timestamp,
    Time,
    /// A year as its first day.
    Year,
    /// Bits as a number.
    Bits,
}

/// What a column is, and how its values are read.
pub(super) fn column(column: &Column, reading: Reading) -> (ResultColumn, Decoder) {
    let flags = column.flags();
    let (ty, kind) = kind(column, flags.contains(ColumnFlags::UNSIGNED_FLAG), reading);
    let column = ResultColumn {
        name: column.name_str().into_owned(),
        ty,
        type_name: format!("{:?}", column.column_type()),
        nullable: !flags.contains(ColumnFlags::NOT_NULL_FLAG),
    };
    (column, Decoder { kind, zero_date: reading.zero_date })
}

fn kind(column: &Column, unsigned: bool, reading: Reading) -> (JdbcType, Kind) {
    let wider = |signed: JdbcType, wide: JdbcType| (if unsigned { wide } else { signed }, Kind::Plain);
    let length = column.column_length();
    let boolean = if reading.bit_is_boolean { JdbcType::Boolean } else { JdbcType::Int8 };
    match column.column_type() {
        ColumnType::MYSQL_TYPE_TINY if length == 1 && reading.tiny_is_bit => (boolean, Kind::Plain),
        ColumnType::MYSQL_TYPE_TINY => wider(JdbcType::Int8, JdbcType::Int16),
        ColumnType::MYSQL_TYPE_SHORT => wider(JdbcType::Int16, JdbcType::Int32),
        ColumnType::MYSQL_TYPE_INT24 | ColumnType::MYSQL_TYPE_LONG => wider(JdbcType::Int32, JdbcType::Int64),
        ColumnType::MYSQL_TYPE_LONGLONG => (JdbcType::Int64, Kind::Plain),
        ColumnType::MYSQL_TYPE_YEAR if reading.year_is_date => (JdbcType::Date, Kind::Year),
        ColumnType::MYSQL_TYPE_YEAR => (JdbcType::Int16, Kind::Plain),
        ColumnType::MYSQL_TYPE_FLOAT => (JdbcType::Float32, Kind::Plain),
        ColumnType::MYSQL_TYPE_DOUBLE => (JdbcType::Float64, Kind::Plain),
        ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => {
            let scale = i32::from(column.decimals());
            // The length counts the point and the sign.
            let marks = i32::from(scale > 0) + i32::from(!unsigned);
            let precision = i32::try_from(length).unwrap_or(i32::MAX).saturating_sub(marks).max(1);
            (JdbcType::Decimal { precision, scale }, Kind::Decimal)
        }
        ColumnType::MYSQL_TYPE_BIT if length == 1 => (boolean, Kind::Bits),
        ColumnType::MYSQL_TYPE_BIT => (JdbcType::Bytes, Kind::Bytes),
        ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE => (JdbcType::Date, Kind::Date),
        ColumnType::MYSQL_TYPE_TIME | ColumnType::MYSQL_TYPE_TIME2 => (JdbcType::Time, Kind::Time),
        ColumnType::MYSQL_TYPE_DATETIME
        | ColumnType::MYSQL_TYPE_DATETIME2
        | ColumnType::MYSQL_TYPE_TIMESTAMP
        | ColumnType::MYSQL_TYPE_TIMESTAMP2 => (JdbcType::Timestamp, Kind::Timestamp),
        ColumnType::MYSQL_TYPE_JSON | ColumnType::MYSQL_TYPE_ENUM | ColumnType::MYSQL_TYPE_SET => {
            (JdbcType::String, Kind::Text)
        }
        ColumnType::MYSQL_TYPE_GEOMETRY => (JdbcType::Bytes, Kind::Bytes),
        ColumnType::MYSQL_TYPE_VARCHAR
        | ColumnType::MYSQL_TYPE_VAR_STRING
        | ColumnType::MYSQL_TYPE_STRING
        | ColumnType::MYSQL_TYPE_TINY_BLOB
        | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
        | ColumnType::MYSQL_TYPE_LONG_BLOB
        | ColumnType::MYSQL_TYPE_BLOB => match column.character_set() {
            BINARY => (JdbcType::Bytes, Kind::Bytes),
            _ => (JdbcType::String, Kind::Text),
        },
        _ => (JdbcType::Unsupported, Kind::Plain),
    }
}

impl Decoder {
    /// A value as a cell.
    ///
    /// # Errors
    /// A data error when it is none of its column's type.
    pub(super) fn cell(self, value: &Value) -> Result<Cell<'_>> {
        Ok(match (self.kind, value) {
            (_, Value::NULL) => Cell::Null,
            (Kind::Year, Value::Int(year)) => year_of(*year)?,
            (Kind::Year, Value::UInt(year)) => year_of(i64::try_from(*year).unwrap_or(0))?,
            (_, Value::Int(number)) => Cell::Integer(*number),
            (_, Value::UInt(number)) => Cell::Unsigned(*number),
            (_, Value::Float(number)) => Cell::Float32(*number),
            (_, Value::Double(number)) => Cell::Float64(*number),
            (Kind::Decimal, Value::Bytes(text)) => Cell::Decimal(utf8(text)?.parse::<Decimal>()?),
            (Kind::Bits, Value::Bytes(bits)) => {
                Cell::Integer(bits.iter().fold(0, |number, byte| number << 8 | i64::from(*byte)))
            }
            (Kind::Text, Value::Bytes(text)) => Cell::Text(utf8(text)?),
            (_, Value::Bytes(bytes)) => Cell::Bytes(bytes),
            (_, Value::Date(_, month, day, ..)) if *month == 0 || *day == 0 => match self.zero_date {
                ZeroDate::Null => Cell::Null,
                ZeroDate::Round => self.dated(&Value::Date(1, 1, 1, 0, 0, 0, 0))?,
                ZeroDate::Fail => {
                    return Err(Error::data(
                        "the date has no month or no day; zeroDateTimeBehavior in the URL says what is made of it",
                    ));
                }
            },
            (_, value) => self.dated(value)?,
        })
    }

    fn dated(self, value: &Value) -> Result<Cell<'static>> {
        let cell = time(value)?;
        Ok(match (self.kind, cell) {
            (Kind::Date, Cell::Wall(wall)) => Cell::Date(wall.day()),
            (_, cell) => cell,
        })
    }
}

/// A date, a time or both.
///
/// # Errors
/// A data error when it is none.
pub(super) fn time(value: &Value) -> Result<Cell<'static>> {
    Ok(match *value {
        Value::Date(year, month, day, hour, minute, second, micros) => {
            let midnight = moment::day_of(year.into(), month.into(), day.into());
            let midnight = midnight.ok_or_else(|| Error::data(format!("there is no date {year}-{month}-{day}")))?;
            let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
            Cell::Wall(Moment::of_day(midnight, seconds * 1_000_000_000 + i64::from(micros) * 1000))
        }
        Value::Time(negative, days, hours, minutes, seconds, micros) => {
            let hours = i64::from(days) * 24 + i64::from(hours);
            let seconds = hours * 3600 + i64::from(minutes) * 60 + i64::from(seconds);
            let nanos = seconds * 1_000_000_000 + i64::from(micros) * 1000;
            Cell::Time(if negative { -nanos } else { nanos })
        }
        Value::NULL => Cell::Null,
        _ => return Err(Error::data("the server's value is no time")),
    })
}

fn year_of(year: i64) -> Result<Cell<'static>> {
    moment::day_of(year, 1, 1).map(Cell::Date).ok_or_else(|| Error::data(format!("there is no year {year}")))
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::data("the text is not UTF-8"))
}
