//! PostgreSQL's binary `numeric`: groups of four decimal digits.

#[cfg(test)]
mod tests;

use connect_api::bytes::{BufMut as _, BytesMut};
use connect_api::{Decimal, Error, Result};

use super::super::cell::plain;

/// Appends a number.
///
/// # Errors
/// A data error when it has more digits than the format can say.
pub(super) fn put(number: &Decimal, out: &mut BytesMut) -> Result<()> {
    match put_short(number, out) {
        Some(()) => Ok(()),
        None => put_long(number, out),
    }
}

/// Appends a number of at most 64 bits; `None` when this is none, or would not be one with its last group filled up.
fn put_short(number: &Decimal, out: &mut BytesMut) -> Option<()> {
    /// As many groups as 64 bits have.
    const MOST: usize = 5;
    let unscaled = number.unscaled_i64()?;
    let places = u16::try_from(number.scale()).ok()?;
    // Both sides of the point are filled up to whole groups.
    let behind = usize::from(places.div_ceil(4));
    let mut rest = unscaled.unsigned_abs().checked_mul(10u64.pow(u32::from((4 - places % 4) % 4)))?;
    let mut groups = [0; MOST];
    let mut count = 0;
    while rest > 0 {
        groups[count] = i16::try_from(rest % 10_000).ok()?;
        rest /= 10_000;
        count += 1;
    }
    // Zeros at the end are not written; those in front never came up.
    let zeros = groups[..count].iter().take_while(|group| **group == 0).count();
    let weight = if count == 0 { 0 } else { i16::try_from(count).ok()? - 1 - i16::try_from(behind).ok()? };
    out.put_i16(i16::try_from(count - zeros).ok()?);
    out.put_i16(weight);
    out.put_u16(if unscaled < 0 { 0x4000 } else { 0 });
    out.put_u16(places);
    groups[zeros..count].iter().rev().for_each(|group| out.put_i16(*group));
    Some(())
}

fn put_long(number: &Decimal, out: &mut BytesMut) -> Result<()> {
    let beyond = || Error::data("a decimal has more digits than PostgreSQL's numeric holds");
    let text = plain(number)?;
    let (negative, text) = text.strip_prefix('-').map_or((false, &*text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let places = u16::try_from(fraction.len()).map_err(|_| beyond())?;
    // Both sides of the point are filled up to whole groups.
    let whole = whole.trim_start_matches('0');
    let mut digits = "0".repeat((4 - whole.len() % 4) % 4);
    digits.push_str(whole);
    let mut weight = i32::try_from(digits.len() / 4).map_err(|_| beyond())? - 1;
    digits.push_str(fraction);
    digits.push_str(&"0".repeat((4 - fraction.len() % 4) % 4));
    let value = |group: &[u8]| group.iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
    let mut groups: Vec<i16> = digits.as_bytes().chunks(4).map(value).collect();
    let leading = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..leading);
    weight -= i32::try_from(leading).map_err(|_| beyond())?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    out.put_i16(i16::try_from(groups.len()).map_err(|_| beyond())?);
    out.put_i16(i16::try_from(weight).map_err(|_| beyond())?);
    out.put_u16(if negative && !groups.is_empty() { 0x4000 } else { 0 });
    out.put_u16(places);
    groups.iter().for_each(|group| out.put_i16(*group));
    Ok(())
}
