//! Numbers as Java's integer format reads them.

/// The number at the start of a text and how long it is: a minus, digits, and an exponent, as in `1E2`.
///
/// What is beyond 32 bits wraps around, and saturates beyond 64.
pub(super) fn parse(text: &[u8]) -> Option<(i32, usize)> {
    let (negative, digits) = signed_digits(text)?;
    let mut end = usize::from(negative) + digits.len();
    let mut exponent = 0;
    if text.get(end) == Some(&b'E')
        && let Some((down, power)) = text.get(end + 1..).and_then(signed_digits)
    {
        end += 1 + usize::from(down) + power.len();
        // An exponent that does not fit is as good as a very large one.
        let power: i32 = ascii(power).parse().unwrap_or(1_000_000);
        exponent = if down { -power } else { power };
    }
    let signed = ascii(&text[..usize::from(negative) + digits.len()]);
    Some((value(signed, exponent), end))
}

fn signed_digits(text: &[u8]) -> Option<(bool, &[u8])> {
    let negative = text.first() == Some(&b'-');
    let digits = &text[usize::from(negative)..];
    let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
    (!digits.is_empty()).then_some((negative, digits))
}

fn ascii(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "Java's Number.intValue wraps a long and saturates a double")]
fn value(digits: &str, exponent: i32) -> i32 {
    if exponent == 0
        && let Ok(number) = digits.parse::<i64>()
    {
        return number as i32;
    }
    let number: f64 = format!("{digits}e{exponent}").parse().unwrap_or_default();
    // Whole numbers below 2^63 are longs in Java.
    let is_long = number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_807.0;
    if is_long { number as i64 as i32 } else { number as i32 }
}
