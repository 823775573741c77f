//! Batches on their way from the owner to the sender.

use tokio::time::Instant;

use crate::TopicPartition;
use crate::batch::BatchBuilder;

use super::Tickets;

/// A batch that still takes records.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) builder: BatchBuilder,
    pub(super) tickets: Tickets,
    pub(super) since: Instant,
}

/// A batch that takes no more records.
#[derive(Debug)]
pub(super) struct Sealed {
    /// Dense number of the partition within the producer.
    pub(super) lane: usize,
    pub(super) partition: TopicPartition,
    pub(super) builder: BatchBuilder,
    pub(super) tickets: Tickets,
    /// Bytes that compression took away.
    pub(super) saved: usize,
}
