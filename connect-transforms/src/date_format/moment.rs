//! A moment taken apart.

use connect_api::calendar::{CUTOVER, CUTOVER_YEAR, Calendar};

use super::calendar::{day_of_week, week_start, year_start};

const DAY_MS: i64 = 86_400_000;

/// The parts of a moment in UTC that a pattern can show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    day: i64,
    /// Year 0 is 1 BC.
    pub(super) year: i64,
    /// From 0.
    pub(super) month: i64,
    pub(super) day_of_month: i64,
    ms_of_day: i64,
}

impl Moment {
    pub(super) const fn of(ms: i64) -> Self {
        Self { ms_of_day: ms.rem_euclid(DAY_MS), ..Self::of_day(ms.div_euclid(DAY_MS)) }
    }

    /// The start of a day, counted from 1970-01-01.
    pub(super) const fn of_day(day: i64) -> Self {
        let (year, month, day_of_month) = Calendar::of(day).date(day);
        Self { day, year, month, day_of_month, ms_of_day: 0 }
    }

    pub(super) const fn hour(self) -> i64 {
        self.ms_of_day / 3_600_000
    }

    pub(super) const fn minute(self) -> i64 {
        self.ms_of_day / 60_000 % 60
    }

    pub(super) const fn second(self) -> i64 {
        self.ms_of_day / 1000 % 60
    }

    pub(super) const fn millisecond(self) -> i64 {
        self.ms_of_day % 1000
    }

    /// 1 is Sunday.
    pub(super) const fn day_of_week(self) -> i64 {
        day_of_week(self.day)
    }

    const fn year_start(self) -> i64 {
        // Years of 64 bits of milliseconds fit 32 bits.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        year_start(self.year as i32)
    }

    const fn next_year_start(self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "see year_start")]
        year_start(self.year as i32 + 1)
    }

    pub(super) const fn day_of_year(self) -> i64 {
        self.day - self.year_start() + 1
    }

    /// The first day of the month; the Gregorian October of 1582 goes on where the Julian one ended.
    const fn month_start(self) -> i64 {
        let start = self.day - self.day_of_month + 1;
        let cut = self.day >= CUTOVER && start < CUTOVER && self.year == CUTOVER_YEAR as i64;
        if cut { Calendar::Julian.month_start(CUTOVER_YEAR, 9) } else { start }
    }

    pub(super) const fn day_of_week_in_month(self) -> i64 {
        (self.day - self.month_start()) / 7 + 1
    }

    pub(super) const fn week_of_month(self) -> i64 {
        (self.day - week_start(self.month_start())) / 7 + 1
    }

    /// Whether its week holds the next 1st of January, and is the first week of that year.
    const fn in_next_year(self) -> bool {
        week_start(self.day) == week_start(self.next_year_start())
    }

    pub(super) const fn week_of_year(self) -> i64 {
        if self.in_next_year() { 1 } else { (self.day - week_start(self.year_start())) / 7 + 1 }
    }

    pub(super) fn week_year(self) -> i64 {
        let next = if self.year > 0 { self.in_next_year() } else { self.in_next_year_before_christ() };
        self.year + next as i64
    }

    /// Before Christ Java takes another year for the next one: 3 AD after 4 BC, say.
    fn in_next_year_before_christ(self) -> bool {
        let first_sunday = |start: i64| (7 - (start - week_start(start))) % 7;
        let sunday = first_sunday(self.year_start());
        #[expect(clippy::cast_possible_truncation, reason = "see year_start")]
        let of_next = first_sunday(year_start(-self.year as i32));
        let left = self.next_year_start() - self.day;
        self.day_of_year() > sunday && left <= if of_next == 0 { 0 } else { 7 - of_next }
    }
}
