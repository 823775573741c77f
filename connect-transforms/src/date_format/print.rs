//! Writing a moment.

use std::fmt::Write as _;

use super::letters::Letter;
use super::moment::Moment;
use super::names::{DAYS, ERAS, HALVES, MONTHS, short};
use super::pattern::Piece;

/// As many digits as Java writes at most.
const DIGITS: usize = 309;

pub(super) fn print(pieces: &[Piece], ms: i64) -> String {
    let moment = Moment::of(ms);
    let mut out = String::with_capacity(32);
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Field(letter, count) => field(moment, *letter, *count, &mut out),
        }
    }
    out
}

fn field(moment: Moment, letter: Letter, count: usize, out: &mut String) {
    let long = count >= 4;
    let named = |index: i64, names: &[&'static str]| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
    };
    let abbreviated = |name: &'static str| if long { name } else { short(name) };
    let number = match letter {
        Letter::Era => {
            return out.push_str(named(i64::from(moment.year > 0), &ERAS));
        }
        Letter::Month if count >= 3 => return out.push_str(abbreviated(named(moment.month, &MONTHS))),
        Letter::DayName => return out.push_str(abbreviated(named(moment.day_of_week() - 1, &DAYS))),
        Letter::AmPm => return out.push_str(named(moment.hour() / 12, &HALVES)),
        Letter::ZoneName => return out.push_str(if long { "Coordinated Universal Time" } else { "UTC" }),
        Letter::ZoneOffset => return out.push_str("+0000"),
        Letter::IsoZone => return out.push('Z'),
        Letter::Year | Letter::WeekYear => {
            let year = match letter {
                Letter::WeekYear => moment.week_year(),
                // Years before Christ count backwards.
                _ if moment.year > 0 => moment.year,
                _ => 1 - moment.year,
            };
            if count == 2 {
                // The sign of a year of weeks stays.
                out.push_str(if year < 0 { "-" } else { "" });
                year.abs() % 100
            } else {
                year
            }
        }
        Letter::Month => moment.month + 1,
        Letter::DayOfMonth => moment.day_of_month,
        Letter::DayOfYear => moment.day_of_year(),
        // Sunday is the seventh day here.
        Letter::DayNumber => (moment.day_of_week() + 5) % 7 + 1,
        Letter::DayOfWeekInMonth => moment.day_of_week_in_month(),
        Letter::WeekOfYear => moment.week_of_year(),
        Letter::WeekOfMonth => moment.week_of_month(),
        Letter::HourOfDay => moment.hour(),
        Letter::HourOfDayFrom1 => (moment.hour() + 23) % 24 + 1,
        Letter::Hour => moment.hour() % 12,
        Letter::HourFrom1 => (moment.hour() + 11) % 12 + 1,
        Letter::Minute => moment.minute(),
        Letter::Second => moment.second(),
        Letter::Millisecond => moment.millisecond(),
    };
    let sign = if number < 0 { "-" } else { "" };
    // Writing to a string does not fail.
    let _ = write!(out, "{sign}{:0>width$}", number.unsigned_abs(), width = count.min(DIGITS));
}
