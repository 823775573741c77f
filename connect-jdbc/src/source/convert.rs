//! From cells to values of one type.

use connect_api::{Decimal, Error, Result, Type, Value};

use super::column::Cell;

pub(super) fn integer(ty: Type, cell: &Cell<'_>) -> Result<i64> {
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
    number.ok_or_else(|| misfit(cell, ty.name()))
}

/// The number of a cell as one of a shorter type.
pub(super) fn fitting<N: TryFrom<i64>>(number: i64, cell: &Cell<'_>, ty: Type) -> Result<N> {
    N::try_from(number).map_err(|_| misfit(cell, ty.name()))
}

pub(super) fn decimal(cell: &Cell<'_>, scale: i32) -> Result<Decimal> {
    let same = match cell {
        Cell::Decimal(number) => number.rescaled(scale),
        Cell::Integer(number) => Decimal::new(*number, 0).rescaled(scale),
        Cell::Unsigned(number) => Decimal::new(*number, 0).rescaled(scale),
        Cell::Float64(number) if number.is_finite() => Decimal::of_f64(*number, scale),
        Cell::Text(text) => text.trim().parse::<Decimal>()?.rescaled(scale),
        other => return Err(misfit(other, "a decimal")),
    };
    same.ok_or_else(|| misfit(cell, &format!("a decimal of scale {scale}")))
}

/// What is neither null nor text, as text.
pub(super) fn text(cell: &Cell<'_>) -> Result<Value> {
    Ok(match cell {
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
pub(super) fn misfit(cell: &Cell<'_>, what: &str) -> Error {
    let shown = match cell {
        Cell::Text(_) => "a text".to_owned(),
        Cell::Bytes(_) => "binary data".to_owned(),
        Cell::Infinite(true) => "infinity".to_owned(),
        Cell::Infinite(false) => "-infinity".to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Unsigned(number) => number.to_string(),
        Cell::Float64(number) => number.to_string(),
        Cell::Decimal(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    Error::data(format!("{shown} does not fit {what}"))
}
