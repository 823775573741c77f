//! Days in the calendars of history, as Java tells them. Days count from 1970-01-01, months from 0.

/// The calendar that years, months and days belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// From 1582-10-15 on.
    Gregorian,
    /// Before.
    Julian,
}

/// 1582-10-15, the first day of the Gregorian calendar.
pub const CUTOVER: i64 = -141_427;
/// The year of that day.
pub const CUTOVER_YEAR: i32 = 1582;

impl Calendar {
    /// Which calendar a day is told in.
    #[must_use]
    pub const fn of(day: i64) -> Self {
        if day >= CUTOVER { Self::Gregorian } else { Self::Julian }
    }

    /// The first day of a month; year 0 is 1 BC.
    #[must_use]
    pub const fn month_start(self, year: i32, month: i32) -> i64 {
        // Years start in March, so that the leap day is the last one.
        let months = year as i64 * 12 + month as i64 - 2;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
        let day_of_year = (153 * month + 2) / 5;
        year * 365
            + year.div_euclid(4)
            + day_of_year
            + match self {
                Self::Gregorian => year.div_euclid(400) - year.div_euclid(100) - 719_468,
                Self::Julian => -719_470,
            }
    }

    /// Year, month and day of the month (from 1).
    #[must_use]
    pub const fn date(self, day: i64) -> (i64, i64, i64) {
        let (year, day_of_year) = match self {
            Self::Gregorian => {
                let shifted = day + 719_468;
                let day_of_era = shifted.rem_euclid(146_097);
                let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
                (shifted.div_euclid(146_097) * 400 + year, day_of_era - (365 * year + year / 4 - year / 100))
            }
            Self::Julian => {
                let shifted = day + 719_470;
                let day_of_era = shifted.rem_euclid(1461);
                let year = (day_of_era - day_of_era / 1460) / 365;
                (shifted.div_euclid(1461) * 4 + year, day_of_era - 365 * year)
            }
        };
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 2 } else { from_march - 10 };
        (year + (month < 2) as i64, month, day)
    }
}

/// The day that year, month and day of the month (from 1) say, as Java's lenient calendar has it: months and days beyond
/// their range carry over.
#[must_use]
pub const fn day(year: i32, month: i32, day_of_month: i64) -> i64 {
    let gregorian = Calendar::Gregorian.month_start(year, month) + day_of_month - 1;
    if year >= CUTOVER_YEAR && gregorian >= CUTOVER {
        return gregorian;
    }
    Calendar::Julian.month_start(year, month) + day_of_month - 1
}
