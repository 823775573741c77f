//! Reading a moment.

use super::fields::{Field, Fields};
use super::letters::Letter;
use super::moment::Moment;
use super::names::{self, DAYS, ERAS, HALVES, LONG_ERAS, MONTHS};
use super::number;
use super::pattern::Piece;
use super::zones;

/// A text, and how much of it is read. Columns are bytes: whatever is not ASCII stands in texts of the pattern only.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    fields: Fields,
    /// The first moment of the century in which years of two digits lie.
    century: i64,
    /// Whether the year is the one in which that century begins, and may be meant to be the one in which it ends.
    ambiguous: bool,
}

/// The moment; `None` when the text is not like the pattern.
pub(super) fn parse(pieces: &[Piece], text: &str, now: i64) -> Option<i64> {
    let century = century(now);
    let mut reader = Reader { text: text.as_bytes(), at: 0, fields: Fields::new(), century, ambiguous: false };
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                reader.text[reader.at..].starts_with(text.as_bytes()).then_some(())?;
                reader.at += text.len();
            }
            Piece::Field(letter, count) => {
                let abuts = matches!(pieces.get(index + 1), Some(Piece::Field(next, count)) if next.is_number(*count));
                reader.field(*letter, *count, abuts)?;
            }
        }
    }
    let ms = reader.fields.resolve()?;
    if reader.ambiguous && ms < century {
        reader.fields.add_years(100);
        return reader.fields.resolve();
    }
    Some(ms)
}

/// 80 years before now.
fn century(now: i64) -> i64 {
    let moment = Moment::of(now);
    let mut fields = Fields::new();
    let clipped = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let year = clipped(moment.year) - 80;
    fields.set(Field::Year, year);
    fields.set(Field::Month, clipped(moment.month));
    // A leap day is the 28th in a year without one.
    let leap =
        moment.month == 1 && moment.day_of_month == 29 && !(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    fields.set(Field::DayOfMonth, clipped(moment.day_of_month) - i32::from(leap));
    fields.resolve().unwrap_or_default().wrapping_add(now.rem_euclid(86_400_000))
}

impl Reader<'_> {
    fn field(&mut self, letter: Letter, count: usize, abuts: bool) -> Option<()> {
        let start = self.at;
        let blanks = self.text[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let at = start + blanks;
        // Even a field that needs no text must not stand at the end.
        self.text.get(at)?;
        // In front of another number, a number ends after as many characters as there are letters, blanks included.
        let end =
            if abuts { start.checked_add(count).filter(|end| *end <= self.text.len()) } else { Some(self.text.len()) };
        let number = || number::parse(self.text.get(at..end?)?);
        // Names do not have blanks in front of them.
        let text = &self.text[start..];
        let (field, value, end) = match letter {
            Letter::Era => {
                let long = names::find(text, &LONG_ERAS, false);
                let (era, len) = long.or_else(|| names::find(text, &ERAS, false))?;
                (Field::Era, index(era), start + len)
            }
            Letter::Month if count >= 3 => {
                let (month, len) = names::find(text, &MONTHS, true)?;
                (Field::Month, index(month), start + len)
            }
            Letter::DayName => {
                let (day, len) = names::find(text, &DAYS, true)?;
                (Field::DayOfWeek, index(day) + 1, start + len)
            }
            Letter::AmPm => {
                let (half, len) = names::find(text, &HALVES, false)?;
                (Field::AmPm, index(half), start + len)
            }
            Letter::ZoneName | Letter::ZoneOffset => {
                let (minutes, end) = self.zone(start, at)?;
                (Field::ZoneOffset, minutes, end)
            }
            Letter::IsoZone => {
                let (minutes, end) = self.iso_zone(at, count)?;
                (Field::ZoneOffset, minutes, end)
            }
            _ => {
                let (value, len) = number()?;
                let (field, value) = self.number(letter, count, value, &self.text[at..at + len]);
                (field, value, at + len)
            }
        };
        if matches!(letter, Letter::Year | Letter::WeekYear) && self.is_short_year(count, &self.text[at..end]) {
            self.ambiguous = value == self.century_year();
        }
        self.fields.set(field, value);
        self.at = end;
        Some(())
    }

    /// What a number means for a letter.
    fn number(&self, letter: Letter, count: usize, value: i32, text: &[u8]) -> (Field, i32) {
        match letter {
            Letter::Year | Letter::WeekYear => {
                let field = if letter == Letter::Year { Field::Year } else { Field::WeekYear };
                if !self.is_short_year(count, text) {
                    return (field, value);
                }
                let first = self.century_year();
                let later = if value < first.rem_euclid(100) { 100 } else { 0 };
                (field, value.wrapping_add(first / 100 * 100 + later))
            }
            Letter::Month => (Field::Month, value.wrapping_sub(1)),
            Letter::HourOfDayFrom1 => (Field::HourOfDay, if value == 24 { 0 } else { value }),
            Letter::HourFrom1 => (Field::Hour, if value == 12 { 0 } else { value }),
            // Monday is the first day here, the second in a calendar. Other numbers are put right later.
            Letter::DayNumber => (Field::DayOfWeek, if (1..=7).contains(&value) { value % 7 + 1 } else { value }),
            Letter::DayOfMonth => (Field::DayOfMonth, value),
            Letter::DayOfYear => (Field::DayOfYear, value),
            Letter::DayOfWeekInMonth => (Field::DayOfWeekInMonth, value),
            Letter::WeekOfYear => (Field::WeekOfYear, value),
            Letter::WeekOfMonth => (Field::WeekOfMonth, value),
            Letter::HourOfDay => (Field::HourOfDay, value),
            Letter::Hour => (Field::Hour, value),
            Letter::Minute => (Field::Minute, value),
            Letter::Second => (Field::Second, value),
            _ => (Field::Millisecond, value),
        }
    }

    /// Whether the century must be found out: two digits for one or two letters.
    fn is_short_year(&self, count: usize, text: &[u8]) -> bool {
        count <= 2 && text.len() == 2 && text.iter().all(u8::is_ascii_digit)
    }

    fn century_year(&self) -> i32 {
        i32::try_from(Moment::of(self.century).year).unwrap_or(i32::MAX)
    }

    /// `+0530`, `GMT`, `GMT+5:30` or a name: minutes east of UTC.
    fn zone(&self, start: usize, at: usize) -> Option<(i32, usize)> {
        if let Some(sign) = self.sign(at) {
            return self.offset(at + 1, sign, false, false, true);
        }
        if names::starts_with(&self.text[start..], "GMT") {
            let at = start + 3;
            return match self.sign(at) {
                Some(sign) => self.offset(at + 1, sign, true, true, true),
                None => Some((0, at)),
            };
        }
        let (minutes, len) = zones::find(&self.text[at..])?;
        Some((minutes.into(), at + len))
    }

    /// `Z`, `+05`, `+0530` or `+05:30`, by the number of letters.
    fn iso_zone(&self, at: usize, count: usize) -> Option<(i32, usize)> {
        if self.text.get(at) == Some(&b'Z') {
            return Some((0, at + 1));
        }
        self.offset(at + 1, self.sign(at)?, count == 3, false, count != 1)
    }

    fn sign(&self, at: usize) -> Option<i32> {
        match self.text.get(at)? {
            b'+' => Some(1),
            b'-' => Some(-1),
            _ => None,
        }
    }

    /// Hours of two digits (or, if `short`, one) and minutes, with a colon between them or not.
    fn offset(&self, mut at: usize, sign: i32, colon: bool, short: bool, minutes: bool) -> Option<(i32, usize)> {
        let digit = |at: usize| self.text.get(at).filter(|b| b.is_ascii_digit()).map(|b| i32::from(b - b'0'));
        let mut total = digit(at)?;
        at += 1;
        match digit(at) {
            Some(second) => {
                total = total * 10 + second;
                at += 1;
            }
            None if short => {}
            None => return None,
        }
        if total > 23 {
            return None;
        }
        total *= 60;
        if minutes {
            if colon {
                (self.text.get(at) == Some(&b':')).then_some(())?;
                at += 1;
            }
            let of_hour = digit(at)? * 10 + digit(at + 1)?;
            if of_hour > 59 {
                return None;
            }
            total += of_hour;
            at += 2;
        }
        Some((total * sign, at))
    }
}

fn index(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}
