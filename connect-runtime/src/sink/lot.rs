//! What goes to one `put`.

use std::sync::Arc;

use connect_api::{SinkRecord, TopicPartition};
use connect_kafka::batch::FetchedRecord;
use connect_kafka::consumer::FetchedBatch;

use crate::budget::Share;

/// Records for the task, and how far they go.
#[derive(Debug, Default)]
pub(super) struct Lot {
    pub(super) records: Vec<SinkRecord>,
    /// Of each partition the offset after everything in this lot, dropped and dead-lettered records included.
    pub(super) ends: Vec<(Arc<TopicPartition>, i64)>,
    /// Of each partition the timestamp of its first record.
    pub(super) oldest: Vec<(Arc<TopicPartition>, i64)>,
    /// The bytes the records came from, for dead letters.
    pub(super) raw: Vec<FetchedBatch>,
    /// When it was read: lots read before a seek or a revocation hold stale records.
    pub(super) epoch: u64,
    /// Its share of the memory budget, given back with the lot.
    pub(super) share: Vec<Arc<Share>>,
}

impl Lot {
    /// Leaves out everything of these partitions.
    pub(super) fn forget(&mut self, gone: impl Fn(&TopicPartition) -> bool) {
        self.records.retain(|record| !gone(record.origin()));
        self.ends.retain(|(partition, _)| !gone(partition));
        self.oldest.retain(|(partition, _)| !gone(partition));
    }

    /// Adds what comes after it.
    pub(super) fn append(&mut self, mut next: Self) {
        self.records.append(&mut next.records);
        self.raw.append(&mut next.raw);
        self.share.append(&mut next.share);
        for (partition, timestamp) in next.oldest {
            if !self.oldest.iter().any(|(known, _)| *known == partition) {
                self.oldest.push((partition, timestamp));
            }
        }
        for (partition, end) in next.ends {
            match self.ends.iter_mut().find(|(known, _)| *known == partition) {
                Some((_, known)) => *known = end,
                None => self.ends.push((partition, end)),
            }
        }
    }
}

/// The bytes of a record, found by its place.
pub(super) fn raw_record(raw: &[FetchedBatch], origin: &TopicPartition, offset: i64) -> Option<FetchedRecord> {
    raw.iter()
        .filter(|batch| batch.partition.topic == origin.topic && batch.partition.partition == origin.partition)
        .filter(|batch| batch.batch.base_offset() <= offset && offset <= batch.batch.last_offset())
        .find_map(|batch| batch.records().filter_map(Result::ok).find(|record| record.offset == offset))
}
