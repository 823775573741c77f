//! Days and times as text, in UTC.

use std::fmt::{self, Write};

use crate::data::calendar::{self, Calendar};
use crate::data::digits;

const DAY_MS: i64 = 86_400_000;

/// What a text in one of the three forms is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporal {
    Date(i64),
    Time(i64),
    Timestamp(i64),
}

/// Reads one of the three forms, by its length; as lenient as Java inside them: a 13th month is January.
pub(super) fn parse(text: &str) -> Option<Temporal> {
    let unescaped;
    let text = if text.contains("\\:") {
        unescaped = text.replace("\\:", ":");
        &unescaped
    } else {
        text
    };
    let text = &*digits::ascii(text);
    match text.len() {
        10 => {
            let [year, month, day] = numbers(text, "#-#-#")?;
            Some(Temporal::Date(midnight(year, month, day)?))
        }
        13 => {
            let [hour, minute, second, ms] = numbers(text, "#:#:#.#Z")?;
            Some(Temporal::Time(clock(hour, minute, second, ms)))
        }
        24 => {
            let [year, month, day, hour, minute, second, ms] = numbers(text, "#-#-#T#:#:#.#Z")?;
            Some(Temporal::Timestamp(midnight(year, month, day)? + clock(hour, minute, second, ms)))
        }
        _ => None,
    }
}

/// The numbers of a text; `#` in the pattern is a number of at most 8 digits, so that sums stay within 64 bits. Blanks
/// and a sign may precede one.
fn numbers<const N: usize>(text: &str, pattern: &str) -> Option<[i64; N]> {
    let mut rest = text;
    let mut found = [0; N];
    let mut next = found.iter_mut();
    for expected in pattern.chars() {
        if expected == '#' {
            rest = rest.trim_start_matches([' ', '\t']);
            let (sign, digits) = rest.strip_prefix('-').map_or((1, rest), |digits| (-1, digits));
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            if end > 8 {
                return None;
            }
            *next.next()? = sign * digits[..end].parse::<i64>().ok()?;
            rest = &digits[end..];
        } else {
            rest = rest.strip_prefix(expected)?;
        }
    }
    rest.is_empty().then_some(found)
}

/// The start of a day; months count from 1.
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let (year, month) = (i32::try_from(year).ok()?, i32::try_from(month).ok()?);
    Some(calendar::day(year, month - 1, day) * DAY_MS)
}

const fn clock(hour: i64, minute: i64, second: i64, ms: i64) -> i64 {
    ((hour * 60 + minute) * 60 + second) * 1000 + ms
}

/// Writes a moment as Connect does: before 1970-01-02 its time of day, on a midnight its day, else both.
pub(super) fn print(ms: i64, out: &mut dyn Write) -> fmt::Result {
    let day = ms.div_euclid(DAY_MS);
    let (year, month, day) = Calendar::of(day).date(day);
    let rest = ms.rem_euclid(DAY_MS);
    let (hour, minute, second, ms_of) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    if ms >= DAY_MS {
        write!(out, "{year:04}-{:02}-{day:02}", month + 1)?;
        if rest == 0 {
            return Ok(());
        }
        out.write_char('T')?;
    }
    write!(out, "{hour:02}:{minute:02}:{second:02}.{ms_of:03}Z")
}
