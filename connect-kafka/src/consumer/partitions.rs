//! Consuming partitions given by hand.

use std::sync::Arc;

use crate::{Broker, TopicPartition};

use super::fetcher::Fetcher;
use super::{ConsumerError, FetchConfig, FetchedBatches};

/// Reads the partitions it is told to, without a group.
///
/// Panics outside a tokio runtime, where fetches are spawned.
#[derive(Debug)]
pub struct PartitionConsumer(Fetcher);

impl PartitionConsumer {
    /// A consumer without partitions.
    #[must_use]
    pub fn new(broker: Arc<dyn Broker>, config: FetchConfig) -> Self {
        Self(Fetcher::new(broker, config))
    }

    /// Reads these partitions from these offsets, and no others.
    pub fn assign(&mut self, partitions: impl IntoIterator<Item = (TopicPartition, i64)>) {
        self.0.assign(partitions);
    }

    /// The next batches; waits for ever while there is no partition that is not paused.
    ///
    /// # Errors
    /// A partition cannot be read; see [`ConsumerError`]. Others are still read by further calls.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call goes on.
    pub async fn next(&mut self) -> Result<FetchedBatches, ConsumerError> {
        self.0.next().await
    }

    /// Leaves partitions out of fetches until resumed. Unknown ones are ignored.
    pub fn pause(&mut self, partitions: &[TopicPartition]) {
        self.0.pause(partitions);
    }

    /// Takes partitions up again where they stopped. Unknown ones are ignored.
    pub fn resume(&mut self, partitions: &[TopicPartition]) {
        self.0.resume(partitions);
    }

    /// Reads on from `offset`; `false` when the partition is not assigned.
    pub fn seek(&mut self, partition: &TopicPartition, offset: i64) -> bool {
        self.0.seek(partition, offset)
    }

    /// The next offset of each partition, after everything that [`next`](Self::next) returned.
    #[must_use]
    pub fn positions(&self) -> Vec<(TopicPartition, i64)> {
        self.0.positions()
    }

    /// How far each position is behind the end known from the last fetch; `None` before it.
    #[must_use]
    pub fn lag(&self) -> Vec<(TopicPartition, Option<i64>)> {
        self.0.lag()
    }
}
