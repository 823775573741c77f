//! What outlives the process: every change of the state as a durable store must know it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use super::header::BatchMeta;
use super::txn::{Ended, TxnRecord};
use crate::TopicPartition;

/// Number of a partition's log, never used twice.
pub(crate) type LogId = u32;

/// One change. Changes are written in order; a store that wrote one has written all before it.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    CreateTopic {
        name: Arc<str>,
        topic: TopicRecord,
    },
    DeleteTopic {
        name: Arc<str>,
        topic: TopicRecord,
    },
    Append {
        log: LogId,
        meta: BatchMeta,
        data: Bytes,
    },
    /// The log starts at `offset` now; the batches at `gone`, wholly below it, are gone.
    Start {
        log: LogId,
        offset: i64,
        gone: Vec<i64>,
    },
    /// Batches at these offsets may have been written though their append failed; they are not to be there.
    Cut {
        log: LogId,
        gone: Vec<i64>,
    },
    /// Compaction: the batch at `base` is another one now, or gone.
    Rewrite {
        log: LogId,
        base: i64,
        batch: Option<(BatchMeta, Bytes)>,
    },
    Commit {
        group: Arc<str>,
        partition: TopicPartition,
        offset: i64,
    },
    /// Committed offsets of these partitions are gone; `None` for the group with all its offsets.
    Forget {
        group: Arc<str>,
        partitions: Option<Vec<TopicPartition>>,
    },
    /// What is known of a transactional id.
    Txn {
        id: Arc<str>,
        record: TxnRecord,
    },
    /// A transaction ends, in every log and group at once.
    EndTxn(Box<Ended>),
    /// Producer ids below this may have been given out.
    ProducerIds {
        next: i64,
    },
}

/// A topic as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct TopicRecord {
    /// The partitions' logs are `first_log`, `first_log + 1`, ...
    pub(crate) first_log: LogId,
    pub(crate) partitions: i32,
    /// Only the configs set by the creator.
    pub(crate) configs: BTreeMap<String, String>,
}

impl TopicRecord {
    pub(crate) fn logs(&self) -> std::ops::Range<LogId> {
        self.first_log..self.first_log + u32::try_from(self.partitions).unwrap_or(0)
    }

    pub(crate) fn log(&self, partition: i32) -> Option<LogId> {
        (0..self.partitions).contains(&partition).then(|| self.first_log + partition.unsigned_abs())
    }
}

/// Number of a change. The reply to a request waits until the request's last change is settled.
pub(crate) type Ticket = u64;

/// Changes on their way to the store.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    issued: Ticket,
    pending: VecDeque<Change>,
    handed_out: usize,
}

impl Journal {
    pub(crate) fn push(&mut self, change: Change) -> Ticket {
        self.pending.push_back(change);
        self.issued += 1;
        self.issued
    }

    pub(crate) fn issued(&self) -> Ticket {
        self.issued
    }

    /// Every change up to this one is stored.
    pub(crate) fn settled(&self) -> Ticket {
        self.issued - self.pending.len() as u64
    }

    pub(crate) fn has_work(&self) -> bool {
        self.handed_out < self.pending.len()
    }

    /// The next changes to write, up to about `bytes` of data but at least one.
    pub(crate) fn hand_out(&mut self, bytes: usize) -> Vec<Change> {
        let mut sum = 0;
        let mut out = Vec::new();
        for change in self.pending.iter().skip(self.handed_out) {
            sum += match change {
                Change::Append { data, .. } | Change::Rewrite { batch: Some((_, data)), .. } => data.len(),
                _ => 0,
            };
            if sum > bytes && !out.is_empty() {
                break;
            }
            out.push(change.clone());
        }
        self.handed_out += out.len();
        out
    }

    /// Takes the oldest change, which the store has now.
    pub(crate) fn settle_one(&mut self) -> Option<Change> {
        let change = self.pending.pop_front()?;
        self.handed_out = self.handed_out.saturating_sub(1);
        Some(change)
    }

    /// Takes every change that is not stored: none of them will be.
    pub(crate) fn fail(&mut self) -> Vec<Change> {
        self.handed_out = 0;
        self.pending.drain(..).collect()
    }
}
