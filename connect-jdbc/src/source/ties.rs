//! Which offset a record may carry when several rows have the same timestamp.

use connect_api::{OffsetMap, SourceRecord};

use super::moment::Moment;

/// Holds each record back until it is known whether the next row has the same timestamp. A record's offset is the last
/// timestamp of which all rows have been given, so that a restart within a tie reads the whole of it again.
#[derive(Debug)]
pub(super) struct Ties {
    /// The last timestamp of which all rows were given.
    complete: OffsetMap,
    held: Option<(SourceRecord, Option<Moment>)>,
}

impl Ties {
    /// Begins behind a place.
    pub(super) const fn new(complete: OffsetMap) -> Self {
        Self { complete, held: None }
    }

    /// Takes a record whose offset is its own timestamp, and gives the one before it with the offset it may have.
    pub(super) fn push(&mut self, record: SourceRecord, timestamp: Option<Moment>) -> Option<SourceRecord> {
        let next = (record, timestamp);
        let (mut last, before) = self.held.replace(next)?;
        // Rows without a timestamp make no tie.
        if before.is_some() && before == timestamp {
            last.source_offset = self.complete.clone();
        } else {
            self.complete = last.source_offset.clone();
        }
        Some(last)
    }

    /// The last record: nothing of its timestamp follows.
    pub(super) fn end(self) -> Option<SourceRecord> {
        self.held.map(|(record, _)| record)
    }
}
