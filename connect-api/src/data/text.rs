//! The text Java gives a value: what `toString` says, which converters and the file sink write.

use std::fmt::{self, Write as _};

use super::calendar::civil;
use super::{Struct, Value};

impl fmt::Display for Value {
    /// Java's `toString` of the value: `Struct{a=1}`, `{k=v}`, `[1, 2]`, `1.0E7`; bytes as base64, where Java
    /// would print an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(v) => write!(f, "{v}"),
            Self::Int8(v) => write!(f, "{v}"),
            Self::Int16(v) => write!(f, "{v}"),
            Self::Int32(v) => write!(f, "{v}"),
            Self::Int64(v) => write!(f, "{v}"),
            Self::Float32(v) => f.write_str(&java_float(*v)),
            Self::Float64(v) => f.write_str(&java_double(*v)),
            Self::String(v) => f.write_str(v),
            Self::Bytes(v) => write_base64(f, v),
            Self::Decimal(v) => write!(f, "{v}"),
            Self::Instant(v) => write_date(f, *v),
            Self::Array(elements) => {
                f.write_char('[')?;
                for (index, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if index > 0 { ", " } else { "" })?;
                }
                f.write_char(']')
            }
            Self::Map(entries) => {
                f.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}={value}", if index > 0 { ", " } else { "" })?;
                }
                f.write_char('}')
            }
            Self::Struct(structure) => write!(f, "{structure}"),
        }
    }
}

impl fmt::Display for Struct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Struct{")?;
        let set = self.schema().fields().iter().zip(self.values()).filter(|(_, value)| !value.is_null());
        for (index, (field, value)) in set.enumerate() {
            write!(f, "{}{}={value}", if index > 0 { "," } else { "" }, field.name)?;
        }
        f.write_char('}')
    }
}

/// `Double.toString`: the shortest digits that read back the same, plain between 0.001 and 10^7.
#[must_use]
pub fn java_double(value: f64) -> String {
    java_number(value.is_nan(), value == 0.0, value.is_infinite(), value.is_sign_negative(), format!("{value:e}"))
}

/// `Float.toString`; see [`java_double`].
#[must_use]
pub fn java_float(value: f32) -> String {
    java_number(value.is_nan(), value == 0.0, value.is_infinite(), value.is_sign_negative(), format!("{value:e}"))
}

/// `shortest` is Rust's `{:e}` form: shortest digits, then `e` and the exponent.
fn java_number(nan: bool, zero: bool, infinite: bool, negative: bool, shortest: String) -> String {
    if nan {
        return "NaN".into();
    }
    let sign = if negative { "-" } else { "" };
    if infinite || zero {
        return format!("{sign}{}", if zero { "0.0" } else { "Infinity" });
    }
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let (head, tail) = digits.split_at(1);
    if !(-3..7).contains(&exponent) {
        return format!("{sign}{head}.{}E{exponent}", if tail.is_empty() { "0" } else { tail });
    }
    match usize::try_from(exponent) {
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
        Ok(exponent) if digits.len() <= exponent + 1 => format!("{sign}{digits:0<width$}.0", width = exponent + 1),
        Ok(exponent) => format!("{sign}{}.{}", &digits[..=exponent], &digits[exponent + 1..]),
    }
}

fn write_base64(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let letter =
                if position <= chunk.len() { ALPHABET[(word >> (18 - 6 * position)) as usize & 63] } else { b'=' };
            f.write_char(letter.into())?;
        }
    }
    Ok(())
}

/// `Date.toString` in UTC: `Thu Jan 01 00:00:00 UTC 1970`.
fn write_date(f: &mut fmt::Formatter<'_>, ms: i64) -> fmt::Result {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = ms.div_euclid(86_400_000);
    let seconds = ms.rem_euclid(86_400_000) / 1000;
    let (year, month, day) = civil(days);
    let weekday = DAYS[usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(f, "{weekday} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year:04}")
}
