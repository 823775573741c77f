//! Points on a line of time, finer than any database's.

use connect_api::calendar::{self, Calendar};

/// Seconds and nanoseconds since 1970-01-01 00:00: of an instant in UTC, or of what a clock on a wall shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment {
    /// Whole seconds, rounded down.
    pub(crate) seconds: i64,
    /// What is above them, less than a second.
    pub(crate) nanos: u32,
}

pub(crate) const DAY: i64 = 86_400;

impl Moment {
    /// 1970-01-01 00:00.
    pub(crate) const EPOCH: Self = Self { seconds: 0, nanos: 0 };

    pub(crate) const fn of_micros(micros: i64) -> Self {
        Self { seconds: micros.div_euclid(1_000_000), nanos: small(micros.rem_euclid(1_000_000)) * 1000 }
    }

    pub(crate) const fn of_millis(millis: i64) -> Self {
        Self { seconds: millis.div_euclid(1000), nanos: small(millis.rem_euclid(1000)) * 1_000_000 }
    }

    /// Midnight of a day, and a time within it.
    pub(crate) const fn of_day(day: i64, nanos_of_day: i64) -> Self {
        let seconds = nanos_of_day.div_euclid(1_000_000_000);
        Self {
            seconds: day.saturating_mul(DAY).saturating_add(seconds),
            nanos: small(nanos_of_day.rem_euclid(1_000_000_000)),
        }
    }

    /// Milliseconds, rounded down; the nearest possible when 64 bits do not hold them.
    pub(crate) fn millis(self) -> i64 {
        clamp(i128::from(self.seconds) * 1000 + i128::from(self.nanos / 1_000_000))
    }

    /// Microseconds, rounded down; `None` when 64 bits do not hold them.
    pub(crate) fn micros(self) -> Option<i64> {
        i64::try_from(i128::from(self.seconds) * 1_000_000 + i128::from(self.nanos / 1000)).ok()
    }

    /// Nanoseconds; `None` when 64 bits do not hold them, as before 1677 and after 2262.
    pub(crate) fn all_nanos(self) -> Option<i64> {
        i64::try_from(i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos)).ok()
    }

    pub(crate) const fn plus_seconds(self, seconds: i64) -> Self {
        Self { seconds: self.seconds.saturating_add(seconds), nanos: self.nanos }
    }

    pub(crate) fn plus_millis(self, millis: i64) -> Self {
        let nanos = i128::from(self.nanos) + i128::from(millis) * 1_000_000;
        let seconds = clamp(i128::from(self.seconds) + nanos.div_euclid(1_000_000_000));
        Self { seconds, nanos: u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default() }
    }

    /// The same without what is finer than a millisecond.
    pub(crate) const fn truncated_to_millis(self) -> Self {
        Self { seconds: self.seconds, nanos: self.nanos / 1_000_000 * 1_000_000 }
    }

    /// Days since 1970-01-01, rounded down.
    pub(crate) const fn day(self) -> i64 {
        self.seconds.div_euclid(DAY)
    }

    /// Year (0 is 1 BC), month and day of the month (both from 1), hour, minute, second; in the Gregorian calendar.
    pub(crate) const fn civil(self) -> (i64, i64, i64, i64, i64, i64) {
        let (year, month, day) = Calendar::Gregorian.date(self.day());
        let second = self.seconds.rem_euclid(DAY);
        (year, month + 1, day, second / 3600, second / 60 % 60, second % 60)
    }

    /// The same clock on the same date, told in Java's old calendar, which is Julian before 1582-10-15.
    pub(crate) fn to_legacy(self) -> Self {
        let day = self.day();
        self.plus_seconds((to_legacy_day(day) - day) * DAY)
    }

    /// The opposite of [`to_legacy`](Self::to_legacy).
    pub(crate) fn to_gregorian(self) -> Self {
        let day = self.day();
        self.plus_seconds((gregorian_day(day) - day) * DAY)
    }
}

/// The day that has in Java's old calendar the date that this one has in the Gregorian calendar.
pub(crate) fn to_legacy_day(day: i64) -> i64 {
    if day >= calendar::CUTOVER {
        return day;
    }
    let (year, month, day_of_month) = Calendar::Gregorian.date(day);
    let (Ok(year), Ok(month)) = (i32::try_from(year), i32::try_from(month)) else { return day };
    calendar::day(year, month, day_of_month)
}

/// The opposite of [`to_legacy_day`].
fn gregorian_day(day: i64) -> i64 {
    if day >= calendar::CUTOVER {
        return day;
    }
    let (year, month, day_of_month) = Calendar::Julian.date(day);
    let (Ok(year), Ok(month)) = (i32::try_from(year), i32::try_from(month)) else { return day };
    Calendar::Gregorian.month_start(year, month) + day_of_month - 1
}

/// A day by year, month and day of the month (both from 1) in the Gregorian calendar; `None` when there is no such date.
pub(crate) fn day_of(year: i64, month: u32, day_of_month: u32) -> Option<i64> {
    let (year, month) = (i32::try_from(year).ok()?, i32::try_from(month).ok()?);
    if !(1..=12).contains(&month) || day_of_month < 1 {
        return None;
    }
    let start = Calendar::Gregorian.month_start(year, month - 1);
    let day = start + i64::from(day_of_month) - 1;
    (day < Calendar::Gregorian.month_start(year, month)).then_some(day)
}

/// Reads `yyyy-MM-dd`, and behind a blank or a `T` `HH:mm`, `:ss`, a fraction, and `Z` or an offset: what it shows, and
/// how many seconds its offset is ahead of UTC, if it has one.
pub(crate) fn parse(text: &str) -> Option<(Moment, Option<i64>)> {
    let text = text.trim();
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (year, rest) = unsigned.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let end = rest.find(|at: char| !at.is_ascii_digit()).unwrap_or(rest.len());
    let (day, rest) = rest.split_at(end);
    let year: i64 = digits(year)?;
    let day = day_of(if negative { -year } else { year }, small(digits(month)?), small(digits(day)?))?;
    let Some(clock) = rest.strip_prefix([' ', 'T']) else {
        return rest.is_empty().then_some((Moment::of_day(day, 0), None));
    };
    let (clock, ahead) = match clock.find(['Z', '+', '-']) {
        None => (clock, None),
        Some(at) if &clock[at..] == "Z" => (&clock[..at], Some(0)),
        Some(at) => {
            let sign = if clock[at..].starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = clock[at + 1..].split_once(':').unwrap_or((&clock[at + 1..], "0"));
            (&clock[..at], Some(sign * (digits(hours)? * 3600 + digits(minutes)? * 60)))
        }
    };
    Some((Moment::of_day(day, parse_clock(clock.trim_end())?), ahead))
}

/// Reads `HH:mm`, `HH:mm:ss` and a fraction: nanoseconds since midnight.
pub(crate) fn parse_clock(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':').map(digits);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let nanos = match fraction.get(..9.min(fraction.len()))? {
        "" => 0,
        fraction => digits(fraction)? * 10i64.pow(9 - u32::try_from(fraction.len()).ok()?),
    };
    Some((hour * 3600 + minute * 60 + second) * 1_000_000_000 + nanos)
}

fn digits(text: &str) -> Option<i64> {
    (text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "callers give remainders below 10^9")]
const fn small(remainder: i64) -> u32 {
    remainder as u32
}

fn clamp(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}
