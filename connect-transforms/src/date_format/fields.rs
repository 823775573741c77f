//! From what was read to a moment, as Java's lenient `GregorianCalendar` does it.

use connect_api::calendar::{CUTOVER, CUTOVER_YEAR, Calendar};

use super::calendar::{on_or_before, week_start};
use super::moment::Moment;

/// What can be read. The time zone is one field, in minutes east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    Month,
    WeekOfYear,
    WeekOfMonth,
    DayOfMonth,
    DayOfYear,
    DayOfWeek,
    DayOfWeekInMonth,
    AmPm,
    Hour,
    HourOfDay,
    Minute,
    Second,
    Millisecond,
    ZoneOffset,
    WeekYear,
}

/// How many there are.
const COUNT: usize = Field::WeekYear as usize + 1;

/// Values with the order in which they were set; where fields contradict each other, the later ones count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    values: [i32; COUNT],
    /// 0 is never.
    stamps: [usize; COUNT],
    next: usize,
}

/// How a day is told.
enum Day {
    OfMonth,
    OfYear,
    WeekOfYear,
    WeekOfMonth,
    OfWeekInMonth,
}

impl Fields {
    pub(super) const fn new() -> Self {
        Self { values: [0; COUNT], stamps: [0; COUNT], next: 1 }
    }

    pub(super) const fn set(&mut self, field: Field, value: i32) {
        self.values[field as usize] = value;
        self.stamps[field as usize] = self.next;
        self.next += 1;
    }

    pub(super) const fn add_years(&mut self, years: i32) {
        self.values[Field::Year as usize] = self.values[Field::Year as usize].wrapping_add(years);
        self.values[Field::WeekYear as usize] = self.values[Field::WeekYear as usize].wrapping_add(years);
    }

    const fn get(&self, field: Field) -> i32 {
        self.values[field as usize]
    }

    const fn stamp(&self, field: Field) -> usize {
        self.stamps[field as usize]
    }

    const fn is_set(&self, field: Field) -> bool {
        self.stamp(field) > 0
    }

    /// The later of two stamps; 0 when one of them is.
    fn both(&self, one: Field, other: Field) -> usize {
        let (one, other) = (self.stamp(one), self.stamp(other));
        if one == 0 || other == 0 { 0 } else { one.max(other) }
    }

    /// The moment in milliseconds since 1970-01-01 UTC; `None` when there is none.
    pub(super) fn resolve(mut self) -> Option<i64> {
        if self.stamp(Field::WeekYear) > self.stamp(Field::Year) {
            self.take_week_date();
        }
        let time = self.time();
        let day = self.day(time.div_euclid(DAY_MS))?;
        let local = day.wrapping_mul(DAY_MS).wrapping_add(time.rem_euclid(DAY_MS));
        Some(local.wrapping_sub(i64::from(self.get(Field::ZoneOffset)) * 60_000))
    }

    /// Makes year, month and day of a year of weeks, a week and a day of the week.
    fn take_week_date(&mut self) {
        let week = if self.is_set(Field::WeekOfYear) { self.get(Field::WeekOfYear) } else { 1 };
        let weekday = if self.is_set(Field::DayOfWeek) { self.get(Field::DayOfWeek) } else { 1 };
        let (mut week, mut weekday) = (week, weekday);
        if !(1..=7).contains(&weekday) {
            // Here 1 is Monday.
            let from_0 = weekday.wrapping_sub(1);
            week = week.wrapping_add(from_0.div_euclid(7));
            weekday = from_0.rem_euclid(7) + 1;
            weekday = weekday % 7 + 1;
        }
        // The era is that of the date without its year of weeks.
        let christian = self.day(self.time().div_euclid(DAY_MS)).is_none_or(|day| Moment::of_day(day).year > 0);
        let mut first = Self::new();
        let year = self.get(Field::WeekYear);
        first.set(Field::Year, if christian { year } else { 1i32.wrapping_sub(year) });
        first.set(Field::WeekOfYear, 1);
        first.set(Field::DayOfWeek, 1);
        let Some(start) = first.day(0) else { return };
        let days = 7i32.wrapping_mul(week.wrapping_sub(1)).wrapping_add(weekday - 1);
        let moment = Moment::of((start + i64::from(days)).wrapping_mul(DAY_MS));
        let clipped = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
        self.set(Field::Era, 1);
        self.set(Field::Year, clipped(moment.year));
        self.set(Field::Month, clipped(moment.month));
        self.set(Field::DayOfMonth, clipped(moment.day_of_month));
    }

    /// Milliseconds since midnight; below 0 and above a day too.
    fn time(&self) -> i64 {
        let of_day = self.stamp(Field::HourOfDay);
        let of_half = self.both(Field::Hour, Field::AmPm);
        let best = of_day.max(of_half);
        let best = if best == 0 { self.stamp(Field::Hour).max(self.stamp(Field::AmPm)) } else { best };
        let hours = if best == of_day {
            i64::from(self.get(Field::HourOfDay))
        } else {
            i64::from(self.get(Field::Hour)) + 12 * i64::from(self.get(Field::AmPm))
        };
        let minutes = hours * 60 + i64::from(self.get(Field::Minute));
        (minutes * 60 + i64::from(self.get(Field::Second))) * 1000 + i64::from(self.get(Field::Millisecond))
    }

    /// The day, `carried` days later.
    fn day(&self, carried: i64) -> Option<i64> {
        let year = if self.is_set(Field::Year) { self.get(Field::Year) } else { 1970 };
        let year = match self.get(Field::Era) {
            0 if self.is_set(Field::Era) => 1i32.wrapping_sub(year),
            _ => year,
        };
        let how = self.how();
        let gregorian = || carried + self.day_in(Calendar::Gregorian, year, &how);
        let julian = || carried + self.day_in(Calendar::Julian, year, &how);
        if year > CUTOVER_YEAR && gregorian() >= CUTOVER {
            return Some(gregorian());
        }
        if year < CUTOVER_YEAR && julian() < CUTOVER {
            return Some(julian());
        }
        // From the year's start on, days count as in the old calendar.
        if matches!(how, Day::OfYear | Day::WeekOfYear) {
            return Some(julian());
        }
        Some(if year >= CUTOVER_YEAR && gregorian() >= CUTOVER { gregorian() } else { julian() })
    }

    /// Which fields tell the day: those set last, if they are complete.
    fn how(&self) -> Day {
        use Field::{DayOfMonth, DayOfWeek, DayOfWeekInMonth, DayOfYear, Month, WeekOfMonth, WeekOfYear};
        let mut of_month = self.stamp(DayOfMonth);
        let of_year = self.stamp(DayOfYear);
        let mut week_of_month = self.both(WeekOfMonth, DayOfWeek);
        let mut in_month = self.both(DayOfWeekInMonth, DayOfWeek);
        let mut week_of_year = self.both(WeekOfYear, DayOfWeek);
        let mut best = of_month.max(week_of_month).max(in_month).max(of_year).max(week_of_year);
        if best == 0 {
            // Incomplete ones then.
            week_of_month = self.stamp(WeekOfMonth);
            in_month = self.stamp(DayOfWeekInMonth).max(self.stamp(DayOfWeek));
            week_of_year = self.stamp(WeekOfYear);
            best = week_of_month.max(in_month).max(week_of_year);
            if best == 0 {
                of_month = self.stamp(Month);
                best = of_month;
            }
        }
        let by_month = |stamp: usize, field: Field| best == stamp && self.stamp(field) >= self.stamp(WeekOfYear);
        if best == of_month {
            Day::OfMonth
        } else if by_month(week_of_month, WeekOfMonth) || by_month(in_month, DayOfWeekInMonth) {
            let weeks = if week_of_month == in_month {
                self.stamp(WeekOfMonth) >= self.stamp(DayOfWeekInMonth)
            } else {
                best == week_of_month
            };
            if weeks { Day::WeekOfMonth } else { Day::OfWeekInMonth }
        } else if best == of_year {
            Day::OfYear
        } else {
            Day::WeekOfYear
        }
    }

    fn day_in(&self, calendar: Calendar, year: i32, how: &Day) -> i64 {
        // From 0. What Java computes in 32 bits wraps around here too.
        let weekday = self.is_set(Field::DayOfWeek).then(|| i64::from(self.get(Field::DayOfWeek).wrapping_sub(1)));
        let number = |field| i64::from(self.get(field));
        let weeks = |number: i32| i64::from(number.wrapping_mul(7));
        match how {
            Day::OfYear => calendar.month_start(year, 0) + number(Field::DayOfYear) - 1,
            Day::WeekOfYear => {
                let first = week_start(calendar.month_start(year, 0));
                let first = weekday.map_or(first, |weekday| on_or_before(first + 6, weekday));
                first + 7 * (number(Field::WeekOfYear) - 1)
            }
            Day::OfMonth | Day::WeekOfMonth | Day::OfWeekInMonth => {
                let month = self.get(Field::Month);
                let year = year.wrapping_add(month.div_euclid(12));
                let start = calendar.month_start(year, month.rem_euclid(12));
                match how {
                    Day::OfMonth if self.is_set(Field::DayOfMonth) => start + number(Field::DayOfMonth) - 1,
                    Day::OfMonth => start,
                    Day::WeekOfMonth => {
                        let first = week_start(start);
                        let first = weekday.map_or(first, |weekday| on_or_before(first + 6, weekday));
                        first + weeks(self.get(Field::WeekOfMonth).wrapping_sub(1))
                    }
                    _ => {
                        let set = self.is_set(Field::DayOfWeekInMonth);
                        let nth = if set { self.get(Field::DayOfWeekInMonth) } else { 1 };
                        // Below 0 they count from the end of the month.
                        let until = if nth >= 0 {
                            start + weeks(nth)
                        } else {
                            calendar.month_start(year, month.rem_euclid(12) + 1) + weeks(nth + 1)
                        };
                        on_or_before(until - 1, weekday.unwrap_or(0))
                    }
                }
            }
        }
    }
}

const DAY_MS: i64 = 86_400_000;
