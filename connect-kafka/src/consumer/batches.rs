//! What one fetch brought.

use std::sync::Arc;

use crate::TopicPartition;
use crate::batch::{Batch, BatchError, FetchedRecord, RecordView};

/// A batch of users' records, not decoded yet. Transaction markers, aborted and emptied batches never appear.
#[derive(Debug, Clone)]
pub struct FetchedBatch {
    /// Where from.
    pub partition: Arc<TopicPartition>,
    /// The batch; may begin before `from`.
    pub batch: Batch,
    /// First offset wanted.
    pub from: i64,
    /// Offset after the last record of the partition that this isolation shows, as of this fetch.
    pub high_watermark: i64,
}

impl FetchedBatch {
    /// The records wanted. Ends after the first error.
    pub fn records(&self) -> impl Iterator<Item = Result<FetchedRecord, BatchError>> + '_ {
        let from = self.from;
        self.batch.records().filter(move |record| record.as_ref().map_or(true, |record| record.offset >= from))
    }

    /// The records wanted, borrowed. Ends after the first error.
    pub fn views(&self) -> impl Iterator<Item = Result<RecordView<'_>, BatchError>> + '_ {
        let from = self.from;
        self.batch.views().filter(move |record| record.as_ref().map_or(true, |record| record.offset >= from))
    }

    /// Records in the batch, those before `from` included.
    #[must_use]
    pub fn record_count(&self) -> usize {
        // Not negative, the header was checked.
        self.batch.header().record_count as usize
    }
}

/// The batches of one fetch, in offset order within each partition.
#[derive(Debug, Clone, Default)]
pub struct FetchedBatches {
    /// The batches.
    pub batches: Vec<FetchedBatch>,
}

impl FetchedBatches {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Encoded bytes, not compressed; what keeping every record keeps in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.batches.iter().map(|batch| batch.batch.memory_len()).sum()
    }

    /// Records, those before the wanted offsets included.
    #[must_use]
    pub fn record_count(&self) -> usize {
        self.batches.iter().map(FetchedBatch::record_count).sum()
    }

    /// The records wanted with their partitions.
    pub fn records(&self) -> impl Iterator<Item = (&Arc<TopicPartition>, Result<FetchedRecord, BatchError>)> + '_ {
        self.batches.iter().flat_map(|batch| batch.records().map(|record| (&batch.partition, record)))
    }
}
