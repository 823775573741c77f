//! What others see of a sink's way through its partitions.

use std::sync::Arc;

use connect_api::{SinkRecord, TopicPartition};

use super::driver::Driver;
use super::lot::Lot;

impl Driver {
    /// A partition was assigned.
    pub(super) fn note_opened(&self, partition: &TopicPartition, committed: Option<i64>) {
        let mut taken = self.progress.taken();
        let known = taken.entry(Arc::new(partition.clone())).or_default();
        (known.committed, known.read) = (committed, committed.unwrap_or_default());
    }

    /// A lot is on its way to the connector.
    pub(super) fn note_given(&self, lot: &Lot) {
        let mut taken = self.progress.taken();
        for (partition, end) in &lot.ends {
            taken.entry(Arc::clone(partition)).or_default().read = *end;
        }
        for (partition, timestamp) in &lot.oldest {
            taken.entry(Arc::clone(partition)).or_default().waiting = Some(*timestamp);
        }
        drop(taken);
        self.progress.count_active();
    }

    /// A record was taken, the last for now of its partition.
    pub(super) fn note_taken(&self, record: &SinkRecord) {
        if let Some(known) = self.progress.taken().get_mut(record.origin()) {
            known.offset = Some(record.offset() + 1);
            known.timestamp = record.timestamp.or(known.timestamp);
        }
    }

    /// A lot is done with.
    pub(super) fn note_done(&self, lot: &Lot) {
        let mut taken = self.progress.taken();
        for (partition, end) in &lot.ends {
            if let Some(known) = taken.get_mut(partition) {
                (known.offset, known.waiting) = (Some(*end), None);
            }
        }
    }
}
