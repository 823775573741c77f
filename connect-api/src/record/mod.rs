//! Records, and where they come from.

mod offsets;
mod sink;
mod source;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

pub use offsets::{OffsetKey, OffsetMap, Offsets, TopicPartition};
pub use sink::{SinkRecord, TimestampType};
pub use source::SourceRecord;

use crate::{Datum, Headers};

/// What sources make, transforms change, and sinks get.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The topic it goes to or, unless a transform changed it, came from.
    pub topic: Arc<str>,
    /// The partition; `None` lets the producer choose by key.
    pub partition: Option<i32>,
    /// The key.
    pub key: Datum,
    /// The value.
    pub value: Datum,
    /// The headers.
    pub headers: Headers,
    /// Milliseconds since 1970-01-01 UTC; `None` lets the producer take its own time.
    pub timestamp: Option<i64>,
    offset: Option<i64>,
}

impl Record {
    /// A record without key, headers and timestamp.
    pub fn new(topic: impl Into<Arc<str>>, value: impl Into<Datum>) -> Self {
        Self {
            topic: topic.into(),
            partition: None,
            key: Datum::NULL,
            value: value.into(),
            headers: Headers::new(),
            timestamp: None,
            offset: None,
        }
    }

    /// The same record with a key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Datum>) -> Self {
        self.key = key.into();
        self
    }

    /// The same record with a timestamp, in milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn with_timestamp(mut self, timestamp: i64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// The same record with a partition.
    #[must_use]
    pub fn with_partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// The same record with one header more.
    #[must_use]
    pub fn with_header(mut self, key: impl Into<Arc<str>>, value: impl Into<Datum>) -> Self {
        self.headers.add(key, value);
        self
    }

    /// Its offset in the topic it was read from; `None` in a source.
    #[must_use]
    pub const fn kafka_offset(&self) -> Option<i64> {
        self.offset
    }

    /// About how many bytes of data it holds; for memory budgets.
    #[must_use]
    pub fn size_hint(&self) -> usize {
        let headers: usize = self.headers.iter().map(|h| h.key.len() + h.value.value.size_hint()).sum();
        self.key.value.size_hint() + self.value.value.size_hint() + headers
    }
}

impl Deref for SinkRecord {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl Deref for SourceRecord {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl DerefMut for SourceRecord {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}
