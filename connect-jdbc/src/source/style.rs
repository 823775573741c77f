//! How configurations have values written.

use connect_api::{Error, Result};

use super::column::Cell;
use super::config::{CalendarSystem, Granularity, JdbcSourceConfig, NumericMapping};
use super::moment::Moment;
use crate::zone::Zone;

/// How configurations have values written.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) zone: Zone,
    pub(super) granularity: Granularity,
    pub(super) calendar: CalendarSystem,
    pub(super) numeric: NumericMapping,
}

impl Style {
    /// What a configuration says.
    pub(super) fn of(config: &JdbcSourceConfig) -> Self {
        Self {
            zone: config.db_timezone.clone(),
            granularity: config.timestamp_granularity,
            calendar: config.date_calendar_system,
            numeric: config.numeric(),
        }
    }

    /// An instant by the clock on the wall of the database.
    pub(super) fn to_wall(&self, instant: Moment) -> Moment {
        let at = micros(instant);
        instant.plus_seconds((self.zone.to_local(at) - at) / MICROS)
    }

    /// The opposite of [`to_wall`](Self::to_wall).
    pub(super) fn instant_by_zone(&self, wall: Moment) -> Moment {
        let at = micros(wall);
        wall.plus_seconds((self.zone.instant_of(at) - at) / MICROS)
    }

    /// The instant that a wall's clock means.
    pub(super) fn instant_of(&self, wall: Moment) -> Moment {
        let wall = match self.calendar {
            CalendarSystem::Legacy => wall.to_legacy(),
            CalendarSystem::ProlepticGregorian => wall,
        };
        self.instant_by_zone(wall)
    }

    /// What a wall's clock shows at an instant: the opposite of [`instant_of`](Self::instant_of).
    pub(super) fn wall_of(&self, instant: Moment) -> Moment {
        let wall = self.to_wall(instant);
        match self.calendar {
            CalendarSystem::Legacy => wall.to_gregorian(),
            CalendarSystem::ProlepticGregorian => wall,
        }
    }

    /// The instant of a cell of a timestamp column; `None` of null.
    ///
    /// # Errors
    /// A data error when it is no timestamp.
    pub(super) fn timestamp_of(&self, cell: &Cell<'_>) -> Result<Option<Moment>> {
        Ok(match cell {
            Cell::Null => None,
            Cell::Wall(wall) => Some(self.instant_of(*wall)),
            Cell::Instant(at) => Some(*at),
            Cell::Date(day) => Some(self.instant_of(Moment::of_day(*day, 0))),
            other => return Err(Error::data(format!("a timestamp column holds {other:?}"))),
        })
    }
}

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

/// The whole seconds as microseconds; near the ends of time one at which zones have the same offset.
fn micros(at: Moment) -> i64 {
    const END: i64 = 9_000_000_000_000;
    at.seconds.clamp(-END, END) * MICROS
}
