//! PostgreSQL's exact numbers: groups of four decimal digits.

use connect_api::{Decimal, Error, Result};
use num_bigint::BigInt;

/// Groups of four digits that surely fit 128 bits, together with as many zeros as a scale may add.
const SMALL: usize = 7;

/// Reads the binary form.
///
/// # Errors
/// A data error for NaN and the infinities, which Connect's decimals do not have, and for bytes that are no number.
pub(crate) fn read(bytes: &[u8]) -> Result<Decimal> {
    let part = |at: usize| bytes.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    let (Some(count), Some(weight), Some(sign), Some(scale)) = (part(0), part(2), part(4), part(6)) else {
        return Err(broken());
    };
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        0xC000 => return Err(Error::data("NaN is no decimal")),
        0xD000 => return Err(Error::data("infinity is no decimal")),
        0xF000 => return Err(Error::data("-infinity is no decimal")),
        _ => return Err(broken()),
    };
    let groups = bytes[8..].chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    if groups.len() != usize::from(count) || groups.clone().any(|group| group > 9999) {
        return Err(broken());
    }
    let weight = i32::from(weight.cast_signed());
    // How many zeros (or, negative, digits too many) stand between the last group and the scale.
    let zeros = i32::from(scale) - 4 * (i32::from(count) - 1 - weight);
    let short = || groups.clone().fold(0i128, |sum, group| sum * 10_000 + i128::from(group));
    let digits = match u32::try_from(zeros) {
        _ if count == 0 => 0,
        Ok(zeros) if usize::from(count) <= SMALL && zeros <= 8 => short() * 10i128.pow(zeros),
        Err(_) if usize::from(count) <= SMALL && zeros >= -4 => short() / 10i128.pow(zeros.unsigned_abs()),
        _ => {
            let unscaled = long(groups, zeros)?;
            return Ok(Decimal::new(if negative { -unscaled } else { unscaled }, scale.into()));
        }
    };
    Ok(Decimal::new(if negative { -digits } else { digits }, scale.into()))
}

fn long(groups: impl Iterator<Item = u16>, zeros: i32) -> Result<BigInt> {
    let mut digits: String = groups.map(|group| format!("{group:04}")).collect();
    match usize::try_from(zeros) {
        Ok(zeros) => digits.extend(std::iter::repeat_n('0', zeros)),
        Err(_) => {
            let less = usize::try_from(zeros.unsigned_abs()).unwrap_or(usize::MAX);
            digits.truncate(digits.len().saturating_sub(less));
        }
    }
    if digits.is_empty() {
        return Ok(BigInt::ZERO);
    }
    digits.parse().map_err(|_| broken())
}

fn broken() -> Error {
    Error::data("the server's number is not in its binary form")
}
