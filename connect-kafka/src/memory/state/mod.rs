//! The broker's state: pure and synchronous. No lock, no I/O, no clock; the moment comes with the request.
//!
//! A request is answered at once or parked; a parked one shows up among [`BrokerState::take_done`] later. What
//! must outlive the process goes into a journal of [`Change`]s. Without a store a change takes effect at once;
//! with one it takes effect when the store has it ([`BrokerState::settle`]), and the reply waits until then.

pub(crate) mod change;
mod compaction;
mod config;
mod fetch;
pub(crate) mod group;
pub(crate) mod header;
pub(crate) mod log;
mod lookup;
pub(crate) mod offsets;
mod parking;
mod produce;
mod producers;
mod records;
mod retention;
pub(crate) mod stable;
mod topics;
pub(crate) mod txn;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use compaction::{Compaction, Rewritten};
pub(crate) use config::effective;
pub(crate) use fetch::{Fetching, Planned};
pub(crate) use lookup::{Found, find_in_batch, find_timestamp};
pub(crate) use parking::{Completion, ParkId, Parking};

use crate::store::Image;
use crate::{BrokerError, Code, TopicPartition};
use change::{Change, Journal, LogId, Ticket};
use group::Group;
use header::BatchMeta;
use log::Log;
use topics::Topic;
use txn::Coordinator;

/// Now, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Since the broker started; for deadlines.
    pub(crate) since_start: Duration,
    /// Milliseconds since 1970; for the ages of records.
    pub(crate) wall_ms: i64,
}

/// Numbers that steer a broker.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) default_partitions: i32,
    pub(crate) min_session_timeout: Duration,
    pub(crate) max_session_timeout: Duration,
    pub(crate) initial_rebalance_delay: Duration,
    pub(crate) topic_defaults: BTreeMap<String, String>,
    pub(crate) tail_cache_bytes: usize,
}

#[derive(Debug)]
pub(crate) struct BrokerState {
    limits: Limits,
    topics: BTreeMap<Arc<str>, Topic>,
    /// Names of topics on their way to the store.
    creating: BTreeSet<Arc<str>>,
    logs: BTreeMap<LogId, Log>,
    next_log: LogId,
    groups: BTreeMap<Arc<str>, Group>,
    txns: Coordinator,
    next_member: u64,
    next_producer: i64,
    producer_block_end: i64,
    journal: Journal,
    parking: Parking,
    waiting: fetch::Waiting,
    /// Logs in the order of the cached batches; `None` without a store, when everything is cached.
    cache_order: Option<VecDeque<LogId>>,
    cached_bytes: usize,
    next_age_check: Duration,
}

impl BrokerState {
    /// An empty broker. A durable one settles its changes through [`Self::settle`].
    pub(crate) fn new(limits: Limits, durable: bool) -> Self {
        Self {
            limits,
            topics: BTreeMap::new(),
            creating: BTreeSet::new(),
            logs: BTreeMap::new(),
            next_log: 0,
            groups: BTreeMap::new(),
            txns: Coordinator::default(),
            next_member: 0,
            next_producer: 0,
            producer_block_end: 0,
            journal: Journal::default(),
            parking: Parking::default(),
            waiting: fetch::Waiting::default(),
            cache_order: durable.then(VecDeque::new),
            cached_bytes: 0,
            next_age_check: retention::AGE_CHECK_INTERVAL,
        }
    }

    /// Takes over what a store holds, into an empty broker.
    pub(crate) fn load(&mut self, image: Image) {
        for (name, topic) in image.topics {
            self.topic_created(name, topic);
        }
        for (log, start) in image.starts {
            if let Some(log) = self.logs.get_mut(&log) {
                log.start = start;
                log.next = start;
                log.high = start;
            }
        }
        for (id, record) in image.txns {
            self.txns.load(id, record);
        }
        for (group, partition, offset) in image.offsets {
            self.group_entry(&group).offsets.insert(partition, offset);
        }
        self.next_producer = image.next_producer;
        self.producer_block_end = image.next_producer;
        self.next_log = self.next_log.max(image.next_log);
    }

    /// Takes over a stored batch; those of a log come in offset order.
    pub(crate) fn load_batch(&mut self, log: LogId, meta: &BatchMeta, now_ms: i64) {
        if let Some(log) = self.logs.get_mut(&log) {
            log.load(meta, now_ms);
        }
    }

    /// Requests that wait no longer.
    pub(crate) fn take_done(&mut self) -> Vec<(ParkId, Completion)> {
        self.parking.take_done()
    }

    pub(crate) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Every change up to this ticket has taken effect.
    pub(crate) fn settled(&self) -> Ticket {
        self.journal.settled()
    }

    /// Notes a change. Without a store it takes effect now.
    fn record(&mut self, change: Change) -> Ticket {
        let ticket = self.journal.push(change);
        if self.cache_order.is_none() {
            self.settle(1);
        }
        ticket
    }

    /// The store has the `count` oldest changes: they take effect, in order.
    pub(crate) fn settle(&mut self, count: usize) {
        for _ in 0..count {
            match self.journal.settle_one() {
                Some(change) => self.take_effect(change),
                None => return,
            }
        }
    }

    fn take_effect(&mut self, change: Change) {
        match change {
            Change::CreateTopic { name, topic } => self.topic_created(name, topic),
            Change::DeleteTopic { name, topic } => self.topic_deleted(&name, &topic),
            Change::Append { log, meta, .. } => {
                if let Some(log) = self.logs.get_mut(&log) {
                    log.settled(meta.last() + 1);
                }
                self.data_came(log, meta.size as usize);
            }
            Change::Commit { group, partition, offset } => {
                self.group_entry(&group).offsets.insert(partition, offset);
            }
            Change::Txn { id, record } => self.txns.stored(&id, record),
            Change::EndTxn(ended) => self.txn_ended(*ended),
            Change::Forget { group, partitions } => self.offsets_forgotten(&group, partitions.as_deref()),
            Change::Start { .. } | Change::Cut { .. } | Change::Rewrite { .. } | Change::ProducerIds { .. } => {}
        }
    }

    /// The store refused: whatever has not taken effect never will.
    pub(crate) fn fail_pending(&mut self) {
        let mut again = Vec::new();
        let mut cut: BTreeMap<LogId, Vec<i64>> = BTreeMap::new();
        for change in self.journal.fail() {
            match change {
                Change::CreateTopic { name, .. } => {
                    self.creating.remove(&name);
                }
                Change::DeleteTopic { name, .. } => {
                    if let Some(topic) = self.topics.get_mut(&name) {
                        topic.deleting = false;
                    }
                }
                Change::Append { log, meta, .. } => cut.entry(log).or_default().push(meta.base),
                Change::EndTxn(ended) => {
                    for (log, meta, _) in ended.markers {
                        cut.entry(log).or_default().push(meta.base);
                    }
                    self.txns.fall_back(&ended.id);
                }
                Change::Txn { id, .. } => self.txns.fall_back(&id),
                Change::ProducerIds { .. } => self.producer_block_end = self.next_producer,
                // These have taken effect in memory; the disk follows when it can.
                Change::Start { .. } | Change::Cut { .. } | Change::Rewrite { .. } => again.push(change),
                Change::Commit { .. } | Change::Forget { .. } => {}
            }
        }
        for change in again {
            self.journal.push(change);
        }
        for (log, gone) in cut {
            if let Some(log) = self.logs.get_mut(&log) {
                let freed = log.cut_at(log.high);
                self.cached_bytes -= freed;
            }
            self.journal.push(Change::Cut { log, gone });
        }
    }
}

/// `UnknownTopicOrPartition`, naming the partition.
fn unknown_partition(partition: &TopicPartition) -> BrokerError {
    BrokerError::new(Code::UnknownTopicOrPartition, format!("partition {partition} does not exist"))
}
