//! What can go wrong while consuming.

use crate::batch::BatchError;
use crate::{BrokerError, TopicPartition};

/// Why a consumer could not go on.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConsumerError {
    /// The broker refused for good; retriable answers are retried inside.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// A batch cannot be read. The position stays before it; seek past it to leave it out.
    #[error("cannot read {partition} at offset {offset}: {error}")]
    Batch {
        /// Partition.
        partition: TopicPartition,
        /// Position.
        offset: i64,
        /// What is wrong with it.
        error: BatchError,
    },
    /// There is no valid position and the offset reset policy is `none`.
    #[error("no valid offset to read {partition} from (committed: {offset:?}) and auto.offset.reset is none")]
    NoOffset {
        /// Partition.
        partition: TopicPartition,
        /// The offset that is out of range, if there is one.
        offset: Option<i64>,
    },
}

impl ConsumerError {
    /// Whether calling again may succeed.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        matches!(self, Self::Broker(error) if error.is_retriable())
    }
}
