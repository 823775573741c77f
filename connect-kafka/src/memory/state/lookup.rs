//! Looking offsets up.

use bytes::Bytes;

use super::BrokerState;
use super::log::Piece;
use super::records::Records;
use crate::{OffsetSpec, Result, TopicPartition};

/// An offset, or the batch in which it has to be looked for.
#[derive(Debug)]
pub(crate) enum Found {
    Offset(i64),
    InBatch { piece: Piece, base: i64, timestamp: i64 },
}

impl BrokerState {
    pub(crate) fn lookup(&self, partition: &TopicPartition, spec: OffsetSpec) -> Result<Found> {
        let log = self.log(partition)?;
        Ok(match spec {
            OffsetSpec::Earliest => Found::Offset(log.start),
            OffsetSpec::Latest(isolation) => Found::Offset(log.end_for(isolation)),
            OffsetSpec::Timestamp(timestamp) => {
                let visible = log.entries().take_while(|entry| entry.end() <= log.high);
                let at = visible.enumerate().find(|(_, entry)| entry.max_timestamp >= timestamp);
                match at.and_then(|(index, entry)| Some((log.piece(index)?, entry.base.max(log.start)))) {
                    Some((piece, base)) => Found::InBatch { piece, base, timestamp },
                    None => Found::Offset(log.high),
                }
            }
        })
    }
}

/// The timestamp of the first record at or after `offset`; `None` where records cannot be read.
pub(crate) fn find_timestamp(batch: &Bytes, offset: i64) -> Option<i64> {
    Records::of(batch)?.flatten().find(|record| record.offset >= offset).map(|record| record.timestamp)
}

/// The first record at or after `base` with the timestamp or a later one; `base` where records cannot be read.
pub(crate) fn find_in_batch(batch: &Bytes, base: i64, timestamp: i64) -> i64 {
    let Some(records) = Records::of(batch) else { return base };
    records.flatten().find(|r| r.offset >= base && r.timestamp >= timestamp).map_or(base, |r| r.offset)
}
