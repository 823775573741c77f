//! Records that come from a source.

use std::sync::Arc;

use super::{OffsetMap, Record};

/// A record of a [`SourceTask`](crate::SourceTask), with its place in the system it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// The record.
    pub record: Record,
    /// Which stream of the source it belongs to, such as a file or a table. Share one `Arc` among the records
    /// of a stream: it costs less, and the runtime recognises it by its address.
    pub source_partition: Arc<OffsetMap>,
    /// Where in that stream to go on **after** this record.
    pub source_offset: OffsetMap,
}

impl SourceRecord {
    /// A record at a place.
    #[must_use]
    pub const fn new(record: Record, source_partition: Arc<OffsetMap>, source_offset: OffsetMap) -> Self {
        Self { record, source_partition, source_offset }
    }
}
