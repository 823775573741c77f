//! Dates and times.

use std::fmt::Write as _;

use bytes::BytesMut;
use connect_api::calendar::Calendar;
use connect_api::{Error, Result, logical};

use crate::config::DateFormat;

const DAY_MS: i64 = 86_400_000;

/// Writes a moment of a logical type.
pub(super) fn write(format: DateFormat, name: &str, ms: i64, out: &mut BytesMut) -> Result<()> {
    match (format, name) {
        (DateFormat::Iso, _) => iso(name, ms, out),
        (DateFormat::Legacy, logical::DATE) => {
            if ms.rem_euclid(DAY_MS) != 0 {
                return Err(Error::data("a date has no time of day"));
            }
            super::write::integer(ms.div_euclid(DAY_MS), out);
            Ok(())
        }
        _ => {
            super::write::integer(ms, out);
            Ok(())
        }
    }
}

fn iso(name: &str, ms: i64, out: &mut BytesMut) -> Result<()> {
    let (days, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    let (year, month, day) = Calendar::Gregorian.date(days);
    if !(0..=9999).contains(&year) {
        return Err(Error::data(format!("{ms} ms is a moment of year {year}, which ISO 8601 has no four digits for")));
    }
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let date = format_args!("{year:04}-{:02}-{day:02}", month + 1).to_string();
    let time = format_args!("{hour:02}:{minute:02}:{second:02}.{milli:03}").to_string();
    let written = match name {
        logical::DATE => write!(out, "\"{date}\""),
        logical::TIME => write!(out, "\"{time}\""),
        _ => write!(out, "\"{date}T{time}Z\""),
    };
    written.map_err(|error| Error::data("the document is too long").with_source(error))
}
