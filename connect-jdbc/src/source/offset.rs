//! Source partitions and offsets, as the connectors of Kafka Connect have stored them through the years.

use connect_api::{Error, OffsetMap, Result, Value};

use super::moment::Moment;

/// Up to where a table, or a query, was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    /// The timestamp, an instant.
    pub(crate) timestamp: Option<Moment>,
    /// The number.
    pub(crate) incrementing: Option<i64>,
}

/// The partition of a table, as it is written: by full name, without quotes. The order of the entries matters, as the
/// stored key is compared byte by byte when its topic is compacted.
pub(crate) fn of_table(full_name: &str) -> OffsetMap {
    OffsetMap::of("protocol", "1").with("table", full_name)
}

/// The partition of a table as it was written long ago, and still is in mode bulk: by bare name.
pub(crate) fn of_bare_table(name: &str) -> OffsetMap {
    OffsetMap::of("table", name)
}

/// The partition of a query, whatever it asks.
pub(crate) fn of_query() -> OffsetMap {
    OffsetMap::of("query", "query")
}

impl Place {
    /// The offset that says to go on behind this place.
    pub(crate) fn offset(self) -> OffsetMap {
        let nanos = |timestamp: Moment| ("timestamp_nanos".into(), Value::Int64(timestamp.nanos.into()));
        let millis = |timestamp: Moment| ("timestamp".into(), Value::Int64(timestamp.millis()));
        match (self.timestamp, self.incrementing) {
            (None, None) => OffsetMap::from_entries([]),
            (None, Some(number)) => OffsetMap::of("incrementing", number),
            (Some(timestamp), None) => OffsetMap::from_entries([nanos(timestamp), millis(timestamp)]),
            (Some(timestamp), Some(number)) => OffsetMap::from_entries([
                nanos(timestamp),
                ("incrementing".into(), Value::Int64(number)),
                millis(timestamp),
            ]),
        }
    }

    /// Reads an offset. Without nanoseconds the milliseconds count.
    ///
    /// # Errors
    /// A config error when an entry is no whole number, or out of its range.
    pub(crate) fn read(offset: &OffsetMap) -> Result<Self> {
        let number = |key: &str| match offset.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(Error::config(format!("the offset {offset} is not understood: {key} is no whole number"))),
            },
        };
        let incrementing = number("incrementing")?;
        let Some(millis) = number("timestamp")? else {
            return Ok(Self { timestamp: None, incrementing });
        };
        let mut timestamp = Moment::of_millis(millis);
        if let Some(nanos) = number("timestamp_nanos")? {
            let fits = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000);
            timestamp.nanos = fits.ok_or_else(|| {
                Error::config(format!("the offset {offset} is not understood: timestamp_nanos is beyond a second"))
            })?;
        }
        Ok(Self { timestamp: Some(timestamp), incrementing })
    }
}

/// Whether a partition and an offset that an operator sets could be this connector's.
///
/// # Errors
/// A config error that says what is wrong.
pub(crate) fn check_altered(offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
    for (partition, offset) in offsets {
        let names: Vec<_> = partition.entries().iter().map(|(name, _)| &**name).collect();
        let known = matches!(*names, ["table"] | ["query"] | ["protocol", "table"] | ["table", "protocol"]);
        let texts = partition.entries().iter().all(|(_, value)| value.as_str().is_some());
        if !known || !texts {
            return Err(Error::config(format!(
                "{partition} is no partition of this connector; expected {{protocol=1, table=schema.name}} or {{query=query}}"
            )));
        }
        if let Some(offset) = offset {
            Place::read(offset)?;
        }
    }
    Ok(())
}
