//! What becomes of appended records.

use std::ops::Range;
use std::time::Duration;

use crate::{BrokerError, TopicPartition};

/// The tickets of the records of one batch, ascending, kept as ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tickets(Vec<Range<u64>>);

impl Tickets {
    /// Adds a ticket greater than all before it.
    #[inline]
    pub(super) fn push(&mut self, ticket: u64) {
        match self.0.last_mut() {
            Some(last) if last.end == ticket => last.end += 1,
            _ => self.0.push(ticket..ticket + 1),
        }
    }

    /// Takes the first `count` out.
    pub(super) fn split_off_front(&mut self, count: u64) -> Self {
        let mut front = Vec::new();
        let mut wanted = count;
        while wanted > 0
            && let Some(range) = self.0.first_mut()
        {
            let end = range.end.min(range.start + wanted);
            wanted -= end - range.start;
            front.push(range.start..end);
            range.start = end;
            if range.is_empty() {
                self.0.remove(0);
            }
        }
        Self(front)
    }

    /// The tickets as ranges, ascending and apart.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }

    /// Each ticket, in the order in which the records were appended.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().cloned().flatten()
    }

    /// Number of tickets.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Whether there is none; never so in an [`Ack`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The answer for all records of one batch.
#[derive(Debug, Clone)]
pub struct Ack {
    /// Which records.
    pub tickets: Tickets,
    /// Where they went, or would have gone.
    pub partition: TopicPartition,
    /// Offset of the first of them, the others follow it without gaps; or why none of them was accepted. The
    /// offset is -1 when the broker knows the batch as a repetition but no longer where it stands.
    pub result: Result<i64, ProduceError>,
    /// Encoded bytes of the batch.
    pub bytes: usize,
}

/// Why records were not produced.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProduceError {
    /// The record alone passes the limit. Other records are not concerned.
    #[error("record has {size} bytes encoded, the limit is {limit}")]
    RecordTooLarge {
        /// Bytes of a batch with this record only.
        size: usize,
        /// `max_request_bytes`.
        limit: usize,
    },
    /// No such topic, and the producer does not create topics.
    #[error("topic {topic:?} does not exist")]
    UnknownTopic {
        /// Name.
        topic: String,
    },
    /// The topic has no such partition.
    #[error("partition {partition} does not exist: the topic has {partitions} partitions")]
    UnknownPartition {
        /// Partition asked for.
        partition: TopicPartition,
        /// How many there are.
        partitions: i32,
    },
    /// The broker refused the batch, and would again.
    #[error("broker refused a batch for {partition}: {error}")]
    Refused {
        /// Partition.
        partition: TopicPartition,
        /// The broker's answer.
        error: BrokerError,
    },
    /// No success within the delivery timeout. The batch may or may not have been written.
    #[error("batch for {partition} was not acknowledged within {after:?}{}", last_error(.last.as_ref()))]
    TimedOut {
        /// Partition.
        partition: TopicPartition,
        /// The delivery timeout.
        after: Duration,
        /// The last failure, if an attempt was made.
        last: Option<BrokerError>,
    },
    /// The producer is transactional, and no transaction is open.
    #[error("no transaction is open, so nothing can be appended")]
    OutsideTransaction,
    /// The transaction was aborted before the batch was sent.
    #[error("transaction was aborted before a batch for {partition} was sent")]
    Aborted {
        /// Partition.
        partition: TopicPartition,
    },
    /// The topic could not be looked up or created.
    #[error("topic {topic:?} could not be looked up: {error}")]
    Metadata {
        /// Name.
        topic: String,
        /// The broker's answer.
        error: BrokerError,
    },
}

impl ProduceError {
    /// Whether producing the same record later may succeed.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::TimedOut { .. } => true,
            Self::Refused { error, .. } | Self::Metadata { error, .. } => error.is_retriable(),
            _ => false,
        }
    }
}

fn last_error(last: Option<&BrokerError>) -> String {
    last.map_or_else(String::new, |error| format!("; last failure: {error}"))
}
