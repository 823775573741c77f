//! Timestamps as a statement writes them.

use tokio_postgres::Statement;
use tokio_postgres::types::Type;

use crate::source::moment::Moment;
use crate::source::style::Style;

/// What a timestamp is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `timestamp`, or a date
    Wall,
    /// `timestamptz`
    Instant,
}

/// What the timestamp columns of a statement are. Of several the first that is not null counts, and PostgreSQL makes all
/// of them `timestamptz` when one is.
pub(super) fn kind(names: &[String], statement: &Statement) -> Kind {
    let columns = statement.columns().iter();
    let mut ours = columns.filter(|column| names.iter().any(|name| column.name().eq_ignore_ascii_case(name)));
    if ours.any(|column| *column.type_() == Type::TIMESTAMPTZ) { Kind::Instant } else { Kind::Wall }
}

/// An instant as a literal of the kind.
pub(super) fn timestamp(at: Moment, kind: Kind, style: &Style) -> String {
    let (shown, suffix, cast) = match kind {
        Kind::Wall => (style.wall_of(at), "", "timestamp"),
        Kind::Instant => (at, "+00", "timestamptz"),
    };
    let (year, month, day, hour, minute, second) = shown.civil();
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let micros = shown.nanos / 1000;
    format!("'{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}{suffix}{era}'::{cast}")
}
