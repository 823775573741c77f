//! From cells to values of one type.

#[cfg(test)]
mod tests;

use connect_api::{Decimal, Error, Result, Type, Value};
use num_bigint::BigInt;

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
    let exact = match cell {
        Cell::Decimal(number) => number.clone(),
        Cell::Integer(number) => Decimal::short(*number, 0),
        Cell::Unsigned(number) => Decimal::new(*number, 0),
        Cell::Float64(number) if number.is_finite() => match short(*number, scale) {
            Some(short) => return Ok(short),
            // The shortest text that reads back as the same double, as Java writes it.
            None => format!("{number:e}").parse()?,
        },
        Cell::Text(text) => text.trim().parse()?,
        other => return Err(misfit(other, "a decimal")),
    };
    rescaled(&exact, scale).ok_or_else(|| misfit(cell, &format!("a decimal of scale {scale}")))
}

/// The decimal of this scale that is the shortest to read back as the same double; `None` when it is not so simple.
fn short(number: f64, scale: i32) -> Option<Decimal> {
    /// Powers of ten that are doubles.
    const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    /// Of decimals that are shorter, each is a double of its own: if one is this double, no other is.
    const DIGITS: f64 = 1e15;
    let power = POWERS.get(usize::try_from(scale).ok()?)?;
    let unscaled = (number * power).round();
    let is_exact = unscaled.abs() < DIGITS && unscaled / power == number;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within 64 bits")]
    is_exact.then(|| Decimal::short(unscaled as i64, scale))
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
    // Where there is no need for long numbers.
    if let (Some(unscaled), Some(factor)) = (number.unscaled_i64(), 10i64.checked_pow(power)) {
        let same =
            if more > 0 { unscaled.checked_mul(factor) } else { (unscaled % factor == 0).then(|| unscaled / factor) };
        match same {
            Some(same) => return Some(Decimal::short(same, scale)),
            None if more < 0 => return None,
            None => {}
        }
    }
    let (unscaled, factor) = (number.unscaled(), BigInt::from(10).pow(power));
    if more > 0 {
        return Some(Decimal::new(&*unscaled * factor, scale));
    }
    let whole = &*unscaled / &factor;
    (&whole * factor == *unscaled).then(|| Decimal::new(whole, scale))
}

pub(super) fn text(cell: &Cell<'_>) -> Result<Value> {
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
