//! The text Java gives a value: what `toString` says, which converters and the file sink write.

use std::fmt::{self, Write as _};

use super::calendar::Calendar;
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

/// `Double.toString` of Java 19 and later: of the shortest decimals that read back the same the closest, plain between
/// 0.001 and 10^7.
#[must_use]
pub fn java_double(value: f64) -> String {
    java_number(value, value, |text| text.parse() == Ok(value))
}

/// `Float.toString`; see [`java_double`].
#[must_use]
pub fn java_float(value: f32) -> String {
    java_number(value, value.into(), |text| text.parse() == Ok(value))
}

/// `same` says whether a text reads back as the number.
fn java_number(number: impl zmij::Float + fmt::LowerExp, size: f64, same: impl Fn(&str) -> bool) -> String {
    if size.is_nan() {
        return "NaN".into();
    }
    let sign = if size.is_sign_negative() { "-" } else { "" };
    if size.is_infinite() || size == 0.0 {
        return format!("{sign}{}", if size == 0.0 { "0.0" } else { "Infinity" });
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(number);
    if (1e-3..1e7).contains(&size.abs()) {
        return shortest.into();
    }
    let (digits, exponent) = scientific(shortest.trim_start_matches('-'));
    let (head, tail) = digits.split_at(1.min(digits.len()));
    if tail.is_empty() {
        // Java takes two digits where one would do; the second is a zero unless the number is coarse, like 4.9E-324.
        let two = format!("{number:.1e}").replace('e', "E");
        return if same(&two) { two } else { format!("{sign}{digits}.0E{exponent}") };
    }
    format!("{sign}{head}.{tail}E{exponent}")
}

/// The digits of a decimal text, without zeros at either end, and the exponent of the first.
fn scientific(text: &str) -> (String, i64) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let leading = digits.len() - significant.len();
    // Both are the lengths of short texts.
    let places = i64::try_from(whole.len()).unwrap_or(0) - i64::try_from(leading).unwrap_or(0) - 1;
    (significant.trim_end_matches('0').to_owned(), exponent.parse().unwrap_or(0) + places)
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
    let (year, month, day) = Calendar::of(days).date(days);
    let weekday = DAYS[usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month).unwrap_or(0)];
    // Year 0 is 1 BC, of which Java says no more than the number.
    let year = if year > 0 { year } else { 1 - year };
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(f, "{weekday} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year}")
}
