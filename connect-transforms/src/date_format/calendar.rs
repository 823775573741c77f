//! Years and weeks. Days count from 1970-01-01.

use connect_api::calendar::{CUTOVER_YEAR, Calendar};

/// The first day of a year as it was in history.
pub(super) const fn year_start(year: i32) -> i64 {
    let calendar = if year > CUTOVER_YEAR { Calendar::Gregorian } else { Calendar::Julian };
    calendar.month_start(year, 0)
}

/// 1 is Sunday, as in Java.
pub(super) const fn day_of_week(day: i64) -> i64 {
    (day + 4).rem_euclid(7) + 1
}

/// The last day that is not after this one and is such a day of the week; 0 is Sunday.
pub(super) const fn on_or_before(day: i64, day_of_week: i64) -> i64 {
    day - (day + 4 - day_of_week).rem_euclid(7)
}

/// The first day of the week, which starts on Sunday, that holds this day.
pub(super) const fn week_start(day: i64) -> i64 {
    on_or_before(day, 0)
}
