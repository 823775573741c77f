//! Java's `SimpleDateFormat`: UTC, locale `en_US`, lenient.
//!
//! It prints and reads what Java does, down to what surprises: `S` is a number of milliseconds and no fraction, `YYYY`
//! is the year of the week, a 13th month is January, text behind what was read is ignored, and days before 1582-10-15
//! are those of the Julian calendar.

mod calendar;
mod fields;
mod letters;
mod moment;
mod names;
mod number;
mod parse;
mod pattern;
mod print;
mod zones;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use connect_api::schemars::{Schema, SchemaGenerator};
use connect_api::serde::de::Error as _;
use connect_api::serde::{Deserialize, Deserializer, Serialize, Serializer};
use connect_api::{Error, JsonSchema, Result};

use pattern::Piece;

/// A pattern of Java's `SimpleDateFormat`, such as `yyyy-MM-dd HH:mm:ss.SSS`, in UTC and in English.
///
/// Where it differs from Java's: it reads digits of ASCII only, and only the usual names of time zones, with today's
/// offsets.
#[derive(Clone, PartialEq, Eq)]
pub struct DateFormat {
    source: String,
    pieces: Vec<Piece>,
}

impl DateFormat {
    /// The format.
    ///
    /// # Errors
    /// A config error: a letter that means nothing (with those that do), a quote that does not end.
    pub fn new(source: impl Into<String>) -> Result<Self> {
        let source = source.into();
        let pieces = pattern::pieces(&source)
            .map_err(|why| Error::config(format!("{source:?} is no pattern of a date: {why}")))?;
        Ok(Self { source, pieces })
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the pattern says nothing.
    pub(crate) fn is_blank(&self) -> bool {
        self.source.trim_matches(|c| c <= ' ').is_empty()
    }

    /// The text of a moment, given in milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn print(&self, ms: i64) -> String {
        print::print(&self.pieces, ms)
    }

    /// The moment a text says, in milliseconds since 1970-01-01 UTC.
    ///
    /// `now` is the present, likewise: a year of two digits lies in the 80 years before it or the 20 after it.
    ///
    /// # Errors
    /// A data error that says where the text leaves the pattern.
    pub fn parse(&self, text: &str, now: i64) -> Result<i64> {
        parse::parse(&self.pieces, text, now)
            .ok_or_else(|| Error::data(format!("a date like {:?} was expected, {text:?} was found", self.source)))
    }
}

impl fmt::Debug for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.source)
    }
}

impl FromStr for DateFormat {
    type Err = Error;

    fn from_str(source: &str) -> Result<Self> {
        Self::new(source)
    }
}

impl<'de> Deserialize<'de> for DateFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for DateFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl JsonSchema for DateFormat {
    fn schema_name() -> Cow<'static, str> {
        "DateFormat".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
