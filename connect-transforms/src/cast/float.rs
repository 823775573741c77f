//! Numbers in text as Java reads them: `Double.parseDouble` and `Float.parseFloat`.

use std::str::FromStr;

/// The double, rounded to the nearest; infinite beyond its range.
pub(super) fn parse_double(text: &str) -> Option<f64> {
    match read(text)? {
        Number::Decimal(text) => f64::from_str(text).ok(),
        Number::Hex(hex) => Some(hex.rounded(53, -1074)),
        Number::Other(number) => Some(number),
    }
}

/// The float, rounded to the nearest; infinite beyond its range.
#[expect(clippy::cast_possible_truncation, reason = "the number has no more bits than a float has")]
pub(super) fn parse_float(text: &str) -> Option<f32> {
    match read(text)? {
        Number::Decimal(text) => f32::from_str(text).ok(),
        Number::Hex(hex) => Some(hex.rounded(24, -149) as f32),
        Number::Other(number) => Some(number as f32),
    }
}

enum Number<'a> {
    /// Of a form that Rust reads in the same way.
    Decimal(&'a str),
    Hex(Hex),
    Other(f64),
}

fn read(text: &str) -> Option<Number<'_>> {
    // Java's `trim`: control characters are blanks too.
    let text = text.trim_matches(|c| c <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let signed = |number: f64| Some(Number::Other(if negative { -number } else { number }));
    match unsigned {
        "NaN" => return signed(f64::NAN),
        "Infinity" => return signed(f64::INFINITY),
        _ => {}
    }
    if let Some(hex) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        return Hex::read(strip_suffix(hex), negative).map(Number::Hex);
    }
    let text = strip_suffix(text);
    let known = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    text.bytes().all(known).then_some(Number::Decimal(text))
}

/// A number may say its type.
fn strip_suffix(text: &str) -> &str {
    text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text)
}

/// `mantissa × 2^exponent`. Bits beyond the mantissa's 64 are told by its lowest one.
struct Hex {
    negative: bool,
    mantissa: u64,
    exponent: i64,
}

impl Hex {
    /// Reads `1.8p3`, without the `0x`.
    fn read(text: &str, negative: bool) -> Option<Self> {
        let (digits, power) = text.split_once(['p', 'P'])?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 {
            return None;
        }
        let unsigned = power.strip_prefix(['+', '-']).unwrap_or(power);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // A power that is too long for a number is beyond any range in its direction.
        let far = if power.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let mut exponent = power.parse().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4);
        let mut mantissa = 0u64;
        for (place, digit) in whole.chars().chain(fraction.chars()).enumerate() {
            let digit = u64::from(digit.to_digit(16)?);
            let after_point = place >= whole.len();
            if mantissa >> 60 == 0 {
                mantissa = mantissa << 4 | digit;
                exponent -= if after_point { 4 } else { 0 };
            } else {
                mantissa |= u64::from(digit != 0);
                exponent += if after_point { 0 } else { 4 };
            }
        }
        Some(Self { negative, mantissa, exponent })
    }

    /// Rounded half to even to so many bits, of which the last is worth no less than `2^lowest`.
    #[expect(clippy::cast_precision_loss, reason = "no more bits are left than a double has")]
    fn rounded(&self, bits: i64, lowest: i64) -> f64 {
        let sign = if self.negative { -1.0 } else { 1.0 };
        if self.mantissa == 0 {
            return sign * 0.0;
        }
        let length = 64 - i64::from(self.mantissa.leading_zeros());
        let drop = (length - bits).max(lowest - self.exponent).max(0);
        let (kept, half, rest) = match u32::try_from(drop) {
            Ok(0) => (self.mantissa, 0, 0),
            Ok(drop @ 1..=63) => {
                let below = self.mantissa & ((1 << drop) - 1);
                (self.mantissa >> drop, below >> (drop - 1), below & ((1 << (drop - 1)) - 1))
            }
            Ok(64) => (0, self.mantissa >> 63, self.mantissa & (u64::MAX >> 1)),
            _ => (0, 0, 1),
        };
        let up = half == 1 && (rest > 0 || kept & 1 == 1);
        let mut number = (kept + u64::from(up)) as f64;
        let mut exponent = self.exponent + drop;
        // In steps within a double's range; each is exact, since the bits left fit.
        while exponent > 0 && number.is_finite() && number != 0.0 {
            let step = exponent.min(512);
            number *= 2f64.powi(i32::try_from(step).unwrap_or(0));
            exponent -= step;
        }
        while exponent < 0 && number != 0.0 {
            let step = (-exponent).min(512);
            number *= 2f64.powi(-i32::try_from(step).unwrap_or(0));
            exponent += step;
        }
        sign * number
    }
}
