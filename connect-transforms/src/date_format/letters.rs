//! The letters of a pattern.

/// What a letter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// `G`
    Era,
    /// `y`
    Year,
    /// `Y`
    WeekYear,
    /// `M` and `L`, which are the same in English.
    Month,
    /// `d`
    DayOfMonth,
    /// `D`
    DayOfYear,
    /// `E`
    DayName,
    /// `u`: 1 is Monday.
    DayNumber,
    /// `F`: which Tuesday of the month it is, say.
    DayOfWeekInMonth,
    /// `w`
    WeekOfYear,
    /// `W`
    WeekOfMonth,
    /// `a`
    AmPm,
    /// `H`: 0 to 23.
    HourOfDay,
    /// `k`: 1 to 24.
    HourOfDayFrom1,
    /// `K`: 0 to 11.
    Hour,
    /// `h`: 1 to 12.
    HourFrom1,
    /// `m`
    Minute,
    /// `s`
    Second,
    /// `S`
    Millisecond,
    /// `z`: `UTC`.
    ZoneName,
    /// `Z`: `+0000`.
    ZoneOffset,
    /// `X`: `Z` or `+00`.
    IsoZone,
}

/// All letters, for messages.
pub(super) const ALL: &str = "GyYMLdDEuFwWaHkKhmsSzZX";

impl Letter {
    pub(super) const fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'G' => Self::Era,
            'y' => Self::Year,
            'Y' => Self::WeekYear,
            'M' | 'L' => Self::Month,
            'd' => Self::DayOfMonth,
            'D' => Self::DayOfYear,
            'E' => Self::DayName,
            'u' => Self::DayNumber,
            'F' => Self::DayOfWeekInMonth,
            'w' => Self::WeekOfYear,
            'W' => Self::WeekOfMonth,
            'a' => Self::AmPm,
            'H' => Self::HourOfDay,
            'k' => Self::HourOfDayFrom1,
            'K' => Self::Hour,
            'h' => Self::HourFrom1,
            'm' => Self::Minute,
            's' => Self::Second,
            'S' => Self::Millisecond,
            'z' => Self::ZoneName,
            'Z' => Self::ZoneOffset,
            'X' => Self::IsoZone,
            _ => return None,
        })
    }

    /// Whether so many of the letter are always a number. In front of one, a number has as many digits as letters.
    pub(super) const fn is_number(self, count: usize) -> bool {
        match self {
            Self::Month => count <= 2,
            Self::Era | Self::DayName | Self::AmPm | Self::ZoneName | Self::ZoneOffset | Self::IsoZone => false,
            _ => true,
        }
    }
}
