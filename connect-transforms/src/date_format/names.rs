//! English names.

/// Long names of the months.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Long names of the days of the week.
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The halves of a day.
pub(super) const HALVES: [&str; 2] = ["AM", "PM"];

/// Short names of the eras.
pub(super) const ERAS: [&str; 2] = ["BC", "AD"];

/// Long names of the eras.
pub(super) const LONG_ERAS: [&str; 2] = ["Before Christ", "Anno Domini"];

/// The short form of a month or day.
pub(super) fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

/// Which of the names a text begins with, long or short and in any case, and how long that is.
pub(super) fn find(text: &[u8], names: &[&str], abbreviated: bool) -> Option<(usize, usize)> {
    let starts = |name: &str| starts_with(text, name);
    let long = names.iter().position(|name| starts(name)).map(|index| (index, names[index].len()));
    let short = || names.iter().position(|name| starts(short(name))).map(|index| (index, 3));
    long.or_else(|| if abbreviated { short() } else { None })
}

/// Whether a text begins with this, in any case.
pub(super) fn starts_with(text: &[u8], name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}
