//! Exact numbers as the numbers of a machine.

use num_bigint::BigInt;

use super::Decimal;

/// Powers of ten that are doubles.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The power of ten for so many digits behind the point.
fn power(scale: i32) -> Option<f64> {
    usize::try_from(scale).ok().and_then(|places| POWERS.get(places)).copied()
}

impl Decimal {
    /// The shortest decimal that reads back as this double, as Java writes it, with so many digits behind the point;
    /// `None` when it has more of them, and for what is no number.
    #[must_use]
    pub fn of_f64(number: f64, scale: i32) -> Option<Self> {
        /// Of decimals that are shorter, each is a double of its own: if one is this double, no other is.
        const DIGITS: f64 = 1e15;
        if let Some(power) = power(scale) {
            let unscaled = (number * power).round();
            if unscaled.abs() < DIGITS && unscaled / power == number {
                #[expect(clippy::cast_possible_truncation, reason = "a whole number within 64 bits")]
                return Some(Self::new(unscaled as i64, scale));
            }
        }
        format!("{number:e}").parse::<Self>().ok()?.rescaled(scale)
    }

    /// The same number with so many digits behind the point; `None` when digits would be lost, or more zeros added than
    /// any database's numbers have digits.
    #[must_use]
    pub fn rescaled(&self, scale: i32) -> Option<Self> {
        const MOST: u32 = 150_000;
        let more = i64::from(scale) - i64::from(self.scale());
        let power = u32::try_from(more.unsigned_abs()).ok().filter(|power| *power <= MOST)?;
        if power == 0 {
            return Some(self.clone());
        }
        // Where there is no need for long numbers.
        if let (Some(unscaled), Some(factor)) = (self.unscaled_i64(), 10i64.checked_pow(power)) {
            let same = match more > 0 {
                true => unscaled.checked_mul(factor),
                false => (unscaled % factor == 0).then(|| unscaled / factor),
            };
            match same {
                Some(same) => return Some(Self::new(same, scale)),
                None if more < 0 => return None,
                None => {}
            }
        }
        let (unscaled, factor) = (self.unscaled(), BigInt::from(10).pow(power));
        if more > 0 {
            return Some(Self::new(&*unscaled * factor, scale));
        }
        let whole = &*unscaled / &factor;
        (&whole * factor == *unscaled).then(|| Self::new(whole, scale))
    }

    /// The integer that it is, if it is one within 64 bits. Never makes a number longer than its digits are.
    #[must_use]
    pub fn exact_i64(&self) -> Option<i64> {
        let scale = self.scale();
        if self.unscaled_i64() == Some(0) {
            return Some(0);
        }
        if scale <= 0 {
            let factor = 10i64.checked_pow(scale.unsigned_abs())?;
            return self.unscaled_i64()?.checked_mul(factor);
        }
        let unscaled = self.unscaled();
        // 10^scale has more bits than `scale`, so a shorter number is no multiple of it.
        if u64::from(scale.unsigned_abs()) > unscaled.bits() {
            return None;
        }
        let factor = BigInt::from(10).pow(scale.unsigned_abs());
        if (&*unscaled % &factor).bits() > 0 {
            return None;
        }
        i64::try_from(&*unscaled / factor).ok()
    }

    /// Java's `BigDecimal.longValue`: the fraction cut off, then the low 64 bits.
    #[must_use]
    pub fn wrapping_i64(&self) -> i64 {
        let (unscaled, scale) = (self.unscaled(), self.scale());
        let power = u64::from(scale.unsigned_abs());
        // A multiple of 10^64 has 64 low bits of zero; a number shorter than 10^scale is a fraction.
        let beyond = if scale < 0 { power >= 64 } else { power > unscaled.bits() };
        if beyond {
            return 0;
        }
        let factor = BigInt::from(10).pow(scale.unsigned_abs());
        let whole = if scale < 0 { &*unscaled * factor } else { &*unscaled / factor };
        let bytes = whole.to_signed_bytes_le();
        let fill = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
        let mut low = [fill; 8];
        for (place, byte) in low.iter_mut().zip(bytes) {
            *place = byte;
        }
        i64::from_le_bytes(low)
    }

    /// The nearest double; infinite beyond its range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        /// Integers up to this one are doubles.
        const EXACT: u64 = 1 << 53;
        if let (Some(short), Some(power)) = (self.unscaled_i64(), power(self.scale()))
            && short.unsigned_abs() <= EXACT
        {
            // Of two doubles, a division gives the nearest.
            #[expect(clippy::cast_precision_loss, reason = "none is lost")]
            return short as f64 / power;
        }
        // The text of a decimal is one of a double too, so the fallback stands for the impossible.
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}
