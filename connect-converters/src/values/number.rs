//! Exact numbers as machine integers.

use connect_api::Decimal;

/// The integer that a decimal is, if it is one within 64 bits. Never makes a number longer than the decimal is.
pub(crate) fn exact_i64(decimal: &Decimal) -> Option<i64> {
    let (unscaled, scale) = (decimal.unscaled(), decimal.scale());
    if unscaled.bits() == 0 {
        return Some(0);
    }
    if scale <= 0 {
        let factor = 10i64.checked_pow(scale.unsigned_abs())?;
        return i64::try_from(unscaled).ok()?.checked_mul(factor);
    }
    // 10^scale has more bits than `scale`, so a shorter number is no multiple of it.
    if u64::from(scale.unsigned_abs()) > unscaled.bits() {
        return None;
    }
    let factor = num_bigint::BigInt::from(10).pow(scale.unsigned_abs());
    if (unscaled % &factor).bits() > 0 {
        return None;
    }
    i64::try_from(unscaled / factor).ok()
}

/// `BigDecimal.longValue`: the fraction cut off, then the low 64 bits.
pub(crate) fn wrapping_i64(decimal: &Decimal) -> i64 {
    let (unscaled, scale) = (decimal.unscaled(), decimal.scale());
    let power = u64::from(scale.unsigned_abs());
    // A multiple of 10^64 has 64 low bits of zero; a number shorter than 10^scale is a fraction.
    let beyond = if scale < 0 { power >= 64 } else { power > unscaled.bits() };
    if beyond {
        return 0;
    }
    let factor = num_bigint::BigInt::from(10).pow(scale.unsigned_abs());
    let whole = if scale < 0 { unscaled * factor } else { unscaled / factor };
    let bytes = whole.to_signed_bytes_le();
    let fill = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    let mut low = [fill; 8];
    for (place, byte) in low.iter_mut().zip(bytes) {
        *place = byte;
    }
    i64::from_le_bytes(low)
}
