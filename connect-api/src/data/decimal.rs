//! Exact decimal numbers, Java's `BigDecimal` as far as data needs it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::BigInt;

use super::digits;
use crate::{Error, Result};

/// An exact number: `unscaled × 10^-scale`. Two decimals are equal when both parts are (`1.0` is not `1.00`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Arc<(BigInt, i32)>);

impl Decimal {
    /// The number `unscaled × 10^-scale`.
    pub fn new(unscaled: impl Into<BigInt>, scale: i32) -> Self {
        Self(Arc::new((unscaled.into(), scale)))
    }

    /// All digits as one integer.
    #[must_use]
    pub fn unscaled(&self) -> &BigInt {
        &self.0.0
    }

    /// How many of the digits stand after the point; negative for zeros before it.
    #[must_use]
    pub fn scale(&self) -> i32 {
        self.0.1
    }

    /// The unscaled integer as Connect writes it: two's complement, big endian, as few bytes as possible.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.0.to_signed_bytes_be()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. No bytes read as zero.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], scale: i32) -> Self {
        Self::new(BigInt::from_signed_bytes_be(bytes), scale)
    }
}

impl fmt::Display for Decimal {
    /// `BigDecimal.toString`: plain digits while the exponent is at least -6, else scientific with a sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.0.to_string();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", &*text),
        };
        let scale = i64::from(self.scale());
        // A count of digits fits i64 by far.
        let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let adjusted = count - 1 - scale;
        f.write_str(sign)?;
        if scale == 0 {
            f.write_str(digits)
        } else if scale > 0 && adjusted >= -6 {
            match usize::try_from(count - scale) {
                Ok(point) if point > 0 => write!(f, "{}.{}", &digits[..point], &digits[point..]),
                _ => write!(f, "0.{:0>width$}", digits, width = usize::try_from(scale).unwrap_or(0)),
            }
        } else {
            f.write_str(&digits[..1])?;
            if digits.len() > 1 {
                write!(f, ".{}", &digits[1..])?;
            }
            write!(f, "E{adjusted:+}")
        }
    }
}

impl FromStr for Decimal {
    type Err = Error;

    /// What `new BigDecimal(String)` takes: digits of any script with one point, an exponent.
    fn from_str(text: &str) -> Result<Self> {
        let given = text;
        let text = &*digits::ascii(given);
        let bad = || Error::data(format!("not a decimal number: {given:?}"));
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| bad())?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let unsigned = whole.strip_prefix(['+', '-']).unwrap_or(whole);
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if unsigned.len() + fraction.len() == 0 || !all_digits(unsigned) || !all_digits(fraction) {
            return Err(bad());
        }
        let is_negative = whole.starts_with('-');
        // So many digits fit 64 bits.
        let unscaled = if unsigned.len() + fraction.len() <= 18 {
            let digits = unsigned.bytes().chain(fraction.bytes());
            let number = digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
            BigInt::from(if is_negative { -number } else { number })
        } else {
            let sign = if is_negative { "-" } else { "" };
            format!("{sign}{unsigned}{fraction}").parse().map_err(|_| bad())?
        };
        let digits = i32::try_from(fraction.len()).map_err(|_| bad())?;
        Ok(Self::new(unscaled, digits.checked_sub(exponent).ok_or_else(bad)?))
    }
}
