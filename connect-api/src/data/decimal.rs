//! Exact decimal numbers, Java's `BigDecimal` as far as data needs it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::BigInt;

use super::digits;
use crate::{Error, Result};

/// An exact number: `unscaled × 10^-scale`. Two decimals are equal when both parts are (`1.0` is not `1.00`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: Unscaled,
    scale: i32,
}

/// All digits of a [`Decimal`] as one integer; any integer becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unscaled(Digits);

/// One form for each number, so that equal ones are equal here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Digits {
    /// Whatever fits, in place: nearly all decimals do, and these need no memory of their own.
    Short(i64),
    Long(Arc<BigInt>),
}

macro_rules! from_integers {
    (short: $($short:ty)*; long: $($long:ty)*) => {
        $(impl From<$short> for Unscaled {
            fn from(number: $short) -> Self {
                Self(Digits::Short(number.into()))
            }
        })*
        $(impl From<$long> for Unscaled {
            fn from(number: $long) -> Self {
                match i64::try_from(number) {
                    Ok(short) => Self(Digits::Short(short)),
                    Err(_) => Self(Digits::Long(Arc::new(BigInt::from(number)))),
                }
            }
        })*
    };
}

from_integers!(short: i8 i16 i32 i64 u8 u16 u32; long: u64 i128 u128);

impl From<BigInt> for Unscaled {
    fn from(number: BigInt) -> Self {
        Self(i64::try_from(&number).map_or_else(|_| Digits::Long(Arc::new(number)), Digits::Short))
    }
}

impl Decimal {
    /// The number `unscaled × 10^-scale`.
    pub fn new(unscaled: impl Into<Unscaled>, scale: i32) -> Self {
        Self { unscaled: unscaled.into(), scale }
    }

    /// All digits as one integer, which is made for this call when it [fits 64 bits](Self::unscaled_i64).
    #[must_use]
    pub fn unscaled(&self) -> Cow<'_, BigInt> {
        match &self.unscaled.0 {
            Digits::Short(short) => Cow::Owned(BigInt::from(*short)),
            Digits::Long(long) => Cow::Borrowed(long),
        }
    }

    /// All digits as one integer, if it fits 64 bits.
    #[must_use]
    pub const fn unscaled_i64(&self) -> Option<i64> {
        match self.unscaled.0 {
            Digits::Short(short) => Some(short),
            Digits::Long(_) => None,
        }
    }

    /// How many of the digits stand after the point; negative for zeros before it.
    #[must_use]
    pub const fn scale(&self) -> i32 {
        self.scale
    }

    /// The unscaled integer as Connect writes it: two's complement, big endian, as few bytes as possible.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.unscaled.0 {
            Digits::Short(short) => {
                // Bits that say the same as the sign, but for the sign itself.
                let spare = if *short < 0 { short.leading_ones() } else { short.leading_zeros() } - 1;
                short.to_be_bytes()[spare as usize / 8..].to_vec()
            }
            Digits::Long(long) => long.to_signed_bytes_be(),
        }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. No bytes read as zero.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], scale: i32) -> Self {
        const SHORT: usize = size_of::<i64>();
        if bytes.len() > SHORT {
            return Self::new(BigInt::from_signed_bytes_be(bytes), scale);
        }
        let fill = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
        let mut all = [fill; SHORT];
        all[SHORT - bytes.len()..].copy_from_slice(bytes);
        Self::new(i64::from_be_bytes(all), scale)
    }
}

impl fmt::Display for Decimal {
    /// `BigDecimal.toString`: plain digits while the exponent is at least -6, else scientific with a sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.unscaled.0 {
            Digits::Short(short) => short.to_string(),
            Digits::Long(long) => long.to_string(),
        };
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
        let places = i32::try_from(fraction.len()).map_err(|_| bad())?;
        let scale = places.checked_sub(exponent).ok_or_else(bad)?;
        // So many digits fit 64 bits.
        if unsigned.len() + fraction.len() <= 18 {
            let digits = unsigned.bytes().chain(fraction.bytes());
            let number = digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
            return Ok(Self::new(if is_negative { -number } else { number }, scale));
        }
        let sign = if is_negative { "-" } else { "" };
        let unscaled: BigInt = format!("{sign}{unsigned}{fraction}").parse().map_err(|_| bad())?;
        Ok(Self::new(unscaled, scale))
    }
}
