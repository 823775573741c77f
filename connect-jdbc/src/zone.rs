//! Time zones, and wall clocks in them.

use std::borrow::Cow;
use std::fmt;

use connect_api::schemars::{Schema, SchemaGenerator, json_schema};
use connect_api::serde::{Deserializer, Serializer, de::Error as _};
use connect_api::{Deserialize, JsonSchema, Serialize};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

/// Java's old three-letter names that still mean something (`ZoneId.SHORT_IDS`).
const SHORT: [(&str, &str); 28] = [
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
    ("EST", "-05:00"),
    ("MST", "-07:00"),
    ("HST", "-10:00"),
];

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// A time zone of a configuration: a region (`Europe/Paris`), an offset (`+02:00`, `GMT+2`), or one of Java's old short
/// names (`PST`).
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
    /// The offset in microseconds, if it is always the same.
    fixed: Option<i64>,
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".into(), zone: TimeZone::UTC, fixed: Some(0) }
    }

    /// The zone of this name, `None` when there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let long = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long);
        let zone = match offset(long) {
            Some(seconds) => Offset::from_seconds(seconds).ok()?.to_time_zone(),
            None => TimeZone::get(long).ok().filter(|zone| !zone.is_unknown())?,
        };
        let fixed = zone.to_fixed_offset().ok().map(|offset| i64::from(offset.seconds()) * SECOND);
        Some(Self { name: name.to_owned(), zone, fixed })
    }

    /// Whether its wall clock is UTC's.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.fixed == Some(0)
    }

    /// The wall clock at an instant, both in microseconds since 1970-01-01T00:00.
    pub(crate) fn to_local(&self, micros: i64) -> i64 {
        let offset = self.fixed.unwrap_or_else(|| {
            let at = clamped(micros.div_euclid(SECOND));
            i64::from(self.zone.to_offset(at).seconds()) * SECOND
        });
        micros.saturating_add(offset)
    }

    /// The instant of a wall clock, both in microseconds since 1970-01-01T00:00. As in Java, a time that a clock
    /// skipped counts on from before, and one that it showed twice is the later one.
    pub(crate) fn instant_of(&self, micros: i64) -> i64 {
        if let Some(offset) = self.fixed {
            return micros.saturating_sub(offset);
        }
        let seconds = micros.div_euclid(SECOND);
        let wall = Offset::UTC.to_datetime(clamped(seconds));
        let offset = self.offset_of(wall);
        micros.saturating_sub(offset * SECOND)
    }

    fn offset_of(&self, wall: DateTime) -> i64 {
        let offset = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } => before,
            AmbiguousOffset::Fold { after, .. } => after,
        };
        offset.seconds().into()
    }
}

/// Beyond the years that are known the offset is that of their end.
fn clamped(seconds: i64) -> Timestamp {
    let day = SignedDuration::from_hours(48).as_secs();
    let seconds = seconds.clamp(Timestamp::MIN.as_second() + day, Timestamp::MAX.as_second() - day);
    Timestamp::from_second(seconds).unwrap_or_default()
}

/// Seconds of `+02:00`, `GMT+2`, `UTC-03:30` and `Z`.
fn offset(name: &str) -> Option<i32> {
    let rest = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    if name == "Z" || (rest.is_empty() && !name.is_empty()) {
        return Some(0);
    }
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let plain: String = parts.concat();
    let apart = parts.len() == 1 || (parts.len() <= 3 && parts.iter().all(|part| (1..=2).contains(&part.len())));
    if !apart || plain.is_empty() || plain.len() > 6 || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = if plain.len() % 2 == 1 { format!("0{plain}") } else { plain };
    let part = |at: usize| padded.get(at..at + 2).map_or(Some(0), |two| two.parse::<i32>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    (hours <= 18 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            D::Error::custom(
                "no such time zone; expected a region such as Europe/Paris, an offset such as +02:00, or UTC",
            )
        })
    }
}

impl JsonSchema for Zone {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
