//! Batches on their way from the owner to the sender.

use tokio::time::Instant;

use crate::TopicPartition;
use crate::batch::{BatchBuilder, Compressor};

use super::topics::Topic;
use super::{ProducerConfig, Tickets};

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

/// Takes the open batch of the partition at `at` out, to be sent.
pub(super) fn seal(topic: &mut Topic, config: &ProducerConfig, at: usize, sealed: &mut Vec<Sealed>) {
    let partition = &mut topic.partitions[at];
    let Some(open) = partition.open.take() else { return };
    if open.builder.is_empty() {
        // Its only record turned out too large.
        return;
    }
    let (lane, id) = (partition.lane, partition.id.clone());
    let before = open.builder.len();
    let builder = open.builder.compress(config.compression);
    let saved = before - builder.len();
    if config.compression != Compressor::NONE && before >= config.batch_bytes / 8 {
        // A smaller one says little about what a full one becomes.
        topic.shrank(before, builder.len());
    }
    topic.unstick();
    sealed.push(Sealed { lane, partition: id, builder, tickets: open.tickets, saved });
}

/// Takes all open batches of a topic out that are due.
pub(super) fn seal_all(
    topic: &mut Topic,
    config: &ProducerConfig,
    sealed: &mut Vec<Sealed>,
    due: impl Fn(&Open) -> bool,
) {
    for at in 0..topic.partitions.len() {
        if topic.partitions[at].open.as_ref().is_some_and(&due) {
            seal(topic, config, at, sealed);
        }
    }
}
