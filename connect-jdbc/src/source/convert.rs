//! From cells to values of one type.

use connect_api::{Decimal, Error, Result, Type, Value};
use num_bigint::BigInt;

use super::column::Cell;

pub(super) fn integer(ty: Type, cell: &Cell<'_>) -> Result<Value> {
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

pub(super) fn decimal(cell: &Cell<'_>, scale: i32) -> Result<Decimal> {
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
    // Where there is no need for long numbers.
    if let (Ok(unscaled), Some(factor)) = (i64::try_from(number.unscaled()), 10i64.checked_pow(power)) {
        let same =
            if more > 0 { unscaled.checked_mul(factor) } else { (unscaled % factor == 0).then(|| unscaled / factor) };
        match same {
            Some(same) => return Some(Decimal::new(same, scale)),
            None if more < 0 => return None,
            None => {}
        }
    }
    let factor = BigInt::from(10).pow(power);
    if more > 0 {
        return Some(Decimal::new(number.unscaled() * factor, scale));
    }
    let whole = number.unscaled() / &factor;
    (&whole * factor == *number.unscaled()).then(|| Decimal::new(whole, scale))
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
        other => format!("{other:?}"),
    };
    Error::data(format!("{shown} does not fit {what}"))
}
