//! SQLite's declared types in JDBC's terms, and its values.

use connect_api::{Decimal, Error, Result};
use rusqlite::types::ValueRef;

use crate::source::column::{Cell, JdbcType};
use crate::source::moment::{self, Moment};

/// The type that a declaration stands for, whatever is stored; `None` when it stands for none.
pub(super) fn declared(declaration: &str) -> Option<JdbcType> {
    let upper = declaration.to_ascii_uppercase();
    let (name, arguments) = upper.split_once('(').unwrap_or((&upper, ""));
    let mut arguments = arguments.trim_end_matches(')').split(',').map(|text| text.trim().parse::<i32>().unwrap_or(0));
    let (precision, scale) = (arguments.next().unwrap_or(0), arguments.next().unwrap_or(0));
    let name = name.trim();
    Some(match name {
        "" => return None,
        "BOOLEAN" | "BOOL" => JdbcType::Boolean,
        "TINYINT" => JdbcType::Int16,
        "SMALLINT" | "INT2" => JdbcType::Int32,
        "REAL" => JdbcType::Float32,
        "NUMERIC" => JdbcType::Numeric { precision, scale },
        "DECIMAL" => JdbcType::Decimal { precision, scale },
        "DATE" => JdbcType::Date,
        "TIME" => JdbcType::Time,
        "DATETIME" | "TIMESTAMP" => JdbcType::Timestamp,
        // What is left is told by SQLite's own rules of affinity.
        _ if name.contains("INT") => JdbcType::Int64,
        _ if ["CHAR", "CLOB", "TEXT"].iter().any(|part| name.contains(part)) => JdbcType::String,
        _ if name.contains("BLOB") || name.contains("BINARY") => JdbcType::Bytes,
        _ if ["FLOA", "DOUB", "REAL"].iter().any(|part| name.contains(part)) => JdbcType::Float64,
        _ => return None,
    })
}

/// The type of a value that is stored.
pub(super) fn stored(value: ValueRef<'_>) -> JdbcType {
    match value {
        ValueRef::Integer(_) => JdbcType::Int64,
        ValueRef::Real(_) => JdbcType::Float64,
        ValueRef::Blob(_) => JdbcType::Bytes,
        ValueRef::Null | ValueRef::Text(_) => JdbcType::String,
    }
}

/// A value as one of a column of this type.
///
/// # Errors
/// A data error when it is text that is not UTF-8, or no date or time where one is expected.
pub(super) fn of<'a>(value: ValueRef<'a>, ty: &JdbcType) -> Result<Cell<'a>> {
    let text = match value {
        ValueRef::Null => return Ok(Cell::Null),
        ValueRef::Blob(bytes) => return Ok(Cell::Bytes(bytes)),
        ValueRef::Integer(number) => {
            return Ok(match ty {
                // Milliseconds since 1970, as JDBC's driver stores times.
                JdbcType::Date | JdbcType::Timestamp => Cell::Instant(Moment::of_millis(number)),
                JdbcType::Time => Cell::Instant(Moment::of_millis(number.rem_euclid(86_400_000))),
                _ => Cell::Integer(number),
            });
        }
        ValueRef::Real(number) => {
            return Ok(match ty {
                // Julian days.
                JdbcType::Date | JdbcType::Time | JdbcType::Timestamp => {
                    #[expect(clippy::cast_possible_truncation, reason = "a cast to an integer saturates")]
                    let millis = ((number - 2_440_587.5) * 86_400_000.0).round() as i64;
                    let at = Moment::of_millis(millis);
                    let is_time = matches!(ty, JdbcType::Time);
                    Cell::Instant(if is_time { Moment { seconds: at.seconds.rem_euclid(86_400), ..at } } else { at })
                }
                _ => Cell::Float64(number),
            });
        }
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| Error::data("the text is not UTF-8"))?,
    };
    let no_time = || Error::data(format!("a text of {} characters is no date or time", text.chars().count()));
    Ok(match ty {
        JdbcType::Date | JdbcType::Timestamp => {
            let (shown, ahead) = moment::parse(text).ok_or_else(no_time)?;
            match ahead {
                Some(ahead) => Cell::Instant(shown.plus_seconds(-ahead)),
                None => Cell::Wall(shown),
            }
        }
        JdbcType::Time => Cell::Time(moment::parse_clock(text.trim()).ok_or_else(no_time)?),
        JdbcType::Boolean if text.eq_ignore_ascii_case("true") => Cell::Boolean(true),
        JdbcType::Boolean if text.eq_ignore_ascii_case("false") => Cell::Boolean(false),
        JdbcType::Float32 | JdbcType::Float64 => {
            Cell::Float64(text.trim().parse().map_err(|_| Error::data("a text is no number"))?)
        }
        JdbcType::Numeric { .. } | JdbcType::Decimal { .. } => Cell::Decimal(text.trim().parse::<Decimal>()?),
        _ => Cell::Text(text),
    })
}
