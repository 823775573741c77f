//! Records that go to a sink.

use std::sync::Arc;

use super::{Record, TopicPartition};

/// Who set a record's timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampType {
    /// There is none.
    None,
    /// The producer, when it made the record.
    #[default]
    CreateTime,
    /// The broker, when it appended the record.
    LogAppendTime,
}

/// A record for a [`SinkTask`](crate::SinkTask), as transforms left it, with the place it was read from.
///
/// It dereferences to its [`Record`], whose topic and partition a transform may have changed. Offsets are
/// always those of [`origin`](Self::origin) and [`offset`](Self::offset).
#[derive(Debug, Clone, PartialEq)]
pub struct SinkRecord {
    /// The record.
    pub record: Record,
    origin: Arc<TopicPartition>,
    /// Beside that of the record, which a transform may have replaced as a whole.
    offset: i64,
    timestamp_type: TimestampType,
}

impl SinkRecord {
    /// A record read from `origin` at `offset`.
    #[must_use]
    pub fn new(mut record: Record, origin: Arc<TopicPartition>, offset: i64, timestamp_type: TimestampType) -> Self {
        record.offset = Some(offset);
        Self { record, origin, offset, timestamp_type }
    }

    /// The partition it was read from, before any transform.
    #[must_use]
    pub const fn origin(&self) -> &Arc<TopicPartition> {
        &self.origin
    }

    /// Its offset in [`origin`](Self::origin).
    #[must_use]
    pub const fn offset(&self) -> i64 {
        self.offset
    }

    /// Who set its timestamp.
    #[must_use]
    pub const fn timestamp_type(&self) -> TimestampType {
        self.timestamp_type
    }
}
