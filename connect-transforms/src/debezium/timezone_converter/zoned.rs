//! Times as text with an offset, as ISO 8601 writes them.

use std::fmt::Write as _;

use connect_api::calendar::Calendar;

const DAY: i64 = 86_400;

/// Seconds east of UTC that a text like `+08:00`, `-03:30:15` or `Z` says.
pub(super) fn offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let seconds = clock(text)?;
    (seconds <= 18 * 3600).then_some(sign * seconds)
}

/// Seconds of `hh:mm` or `hh:mm:ss`.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes) = (two(parts.next()?, 23)?, two(parts.next()?, 59)?);
    let seconds = parts.next().map_or(Some(0), |text| two(text, 59))?;
    parts.next().is_none().then_some(hours * 3600 + minutes * 60 + seconds)
}

/// A number of two digits.
fn two(text: &str, largest: i64) -> Option<i64> {
    let is_number = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= largest)
}

/// The same moment, or time of day, with another offset; `None` when the text is none.
pub(super) fn moved(text: &str, with_date: bool, to: i64) -> Option<String> {
    let (day, time) = match text.split_once(['T', 't']) {
        Some((date, time)) if with_date => (Some(days(date)?), time),
        None if !with_date => (None, text),
        _ => return None,
    };
    let (time, from) = time.split_at_checked(time.find(['Z', 'z', '+', '-'])?)?;
    let from = offset(from)?;
    let (time, fraction) = time.split_once('.').map_or((time, ""), |(time, fraction)| (time, fraction));
    if fraction.len() > 9 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let local = clock(time)? - from + to;
    let mut out = String::new();
    // Writing to a string does not fail.
    if let Some(day) = day {
        let (year, month, day) = Calendar::Gregorian.date(day + local.div_euclid(DAY));
        let _ = match year {
            0..=9999 => write!(out, "{year:04}"),
            10_000.. => write!(out, "+{year}"),
            _ => write!(out, "-{:04}", -year),
        };
        let _ = write!(out, "-{:02}-{day:02}T", month + 1);
    }
    let second = local.rem_euclid(DAY);
    let _ = write!(out, "{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        let _ = write!(out, ".{fraction}");
    }
    if to == 0 {
        out.push('Z');
    } else {
        let ahead = to.abs();
        let _ = write!(out, "{}{:02}:{:02}", if to < 0 { '-' } else { '+' }, ahead / 3600, ahead / 60 % 60);
        if ahead % 60 != 0 {
            let _ = write!(out, ":{:02}", ahead % 60);
        }
    }
    Some(out)
}

/// Days since 1970-01-01 of `yyyy-mm-dd`; years of other than four digits have a sign.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (two(parts.next()?, 31)?, two(parts.next()?, 12)?, parts.next()?);
    let digits = year.strip_prefix(['+', '-']).unwrap_or(year);
    let signed = digits.len() < year.len();
    if !(4..=9).contains(&digits.len()) || (!signed && digits.len() != 4) || digits.contains(['+', '-']) {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    let first = Calendar::Gregorian.month_start(year, i32::try_from(month).ok()? - 1);
    let days = first + day - 1;
    // A day beyond the end of its month is none.
    (month > 0 && Calendar::Gregorian.date(days) == (year.into(), month - 1, day)).then_some(days)
}

#[cfg(test)]
mod tests;
