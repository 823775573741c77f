//! The transaction coordinator: which producer a transactional id belongs to, and what its transaction includes.
//!
//! As Kafka's, for clients that add partitions before they write (transactions before KIP-890). Ending a transaction
//! is one change, so that its markers and offsets are stored all or none.

mod end;
mod part;
mod start;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use end::Ended;

use super::change::{Change, LogId, Ticket};
use super::{BrokerState, Moment};
use crate::{BrokerError, Code, ProducerId, Result, TopicPartition, Txn};

/// How far a transactional id's last transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TxnState {
    /// There was none under this epoch.
    Empty,
    Ongoing,
    Committed,
    Aborted,
}

/// A transactional id as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TxnRecord {
    pub(crate) producer: ProducerId,
    /// What the producer had before, if it asked for `producer` by naming it; then it may ask again.
    pub(crate) before: Option<ProducerId>,
    pub(crate) timeout: Duration,
    pub(crate) state: TxnState,
    /// Logs that the transaction may write to.
    pub(crate) logs: BTreeSet<LogId>,
    /// Groups that the transaction includes, and the offsets it is to commit.
    pub(crate) groups: BTreeMap<Arc<str>, BTreeMap<TopicPartition, i64>>,
}

#[derive(Debug)]
struct Entry {
    now: TxnRecord,
    /// What the store has; what counts again when the store refuses.
    stored: Option<TxnRecord>,
    /// When the open transaction is aborted.
    deadline: Duration,
}

/// Every transactional id.
#[derive(Debug, Default)]
pub(crate) struct Coordinator {
    entries: BTreeMap<Arc<str>, Entry>,
    by_producer: BTreeMap<i64, Arc<str>>,
    /// Open transactions by the moment at which they are aborted.
    deadlines: BTreeSet<(Duration, Arc<str>)>,
}

impl Coordinator {
    pub(crate) fn load(&mut self, id: Arc<str>, record: TxnRecord) {
        self.by_producer.insert(record.producer.id, id.clone());
        let entry = Entry { deadline: record.timeout, now: record.clone(), stored: Some(record) };
        self.entries.insert(id.clone(), entry);
        self.watch(&id);
    }

    /// The store has this record.
    pub(crate) fn stored(&mut self, id: &str, record: TxnRecord) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.stored = Some(record);
        }
    }

    /// The store refused what came after the record it has.
    pub(crate) fn fall_back(&mut self, id: &Arc<str>) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        self.by_producer.remove(&entry.now.producer.id);
        self.deadlines.remove(&(entry.deadline, id.clone()));
        match entry.stored.clone() {
            Some(stored) => {
                self.by_producer.insert(stored.producer.id, id.clone());
                entry.now = stored;
                self.watch(id);
            }
            None => {
                self.entries.remove(id);
            }
        }
    }

    fn watch(&mut self, id: &Arc<str>) {
        if let Some(entry) = self.entries.get(id).filter(|entry| entry.now.state == TxnState::Ongoing) {
            self.deadlines.insert((entry.deadline, id.clone()));
        }
    }

    fn record(&self, id: &str) -> Option<(&Arc<str>, &TxnRecord)> {
        self.entries.get_key_value(id).map(|(id, entry)| (id, &entry.now))
    }

    /// The record, if the producer is the one that has the transactional id; `fenced` if its epoch is over.
    fn record_of(&self, txn: &Txn, fenced: Code) -> Result<(Arc<str>, TxnRecord)> {
        let found = self.record(&txn.id).filter(|(_, record)| record.producer.id == txn.producer.id);
        let Some((id, record)) = found else {
            let message = format!("transactional id {:?} does not belong to producer {}", txn.id, txn.producer.id);
            return Err(BrokerError::new(Code::InvalidProducerIdMapping, message));
        };
        if record.producer.epoch != txn.producer.epoch {
            let (asked, newest) = (txn.producer.epoch, record.producer.epoch);
            let message = format!("transactional id {:?} has epoch {newest} by now, not {asked}", txn.id);
            return Err(BrokerError::new(fenced, message));
        }
        Ok((id.clone(), record.clone()))
    }

    /// Whether the producer, which writes records of a transaction, has this log in its open transaction.
    pub(crate) fn check_write(&self, producer: ProducerId, log: LogId) -> Result<()> {
        let Some(id) = self.by_producer.get(&producer.id) else {
            let message = format!("producer {} has no transactional id", producer.id);
            return Err(BrokerError::new(Code::InvalidProducerIdMapping, message));
        };
        let txn = Txn { id: id.to_string(), producer };
        let (id, record) = self.record_of(&txn, Code::InvalidProducerEpoch)?;
        if record.state != TxnState::Ongoing || !record.logs.contains(&log) {
            let message = format!("the partition is not part of a transaction of transactional id {id:?}");
            return Err(BrokerError::new(Code::InvalidTxnState, message));
        }
        Ok(())
    }

    /// Whether an open transaction is about to commit an offset of this partition.
    pub(crate) fn has_pending(&self, group: &str, partition: &TopicPartition) -> bool {
        let offsets = self.entries.values().filter_map(|entry| entry.now.groups.get(group));
        offsets.into_iter().any(|offsets| offsets.contains_key(partition))
    }

    /// Takes the record over, and watches its time while it is open.
    fn put(&mut self, id: &Arc<str>, record: TxnRecord, now: Duration) {
        let opens = record.state == TxnState::Ongoing;
        let entry = self.entries.entry(id.clone()).or_insert_with(|| Entry {
            now: TxnRecord { state: TxnState::Empty, ..record.clone() },
            stored: None,
            deadline: now,
        });
        self.deadlines.remove(&(entry.deadline, id.clone()));
        if opens && entry.now.state != TxnState::Ongoing {
            entry.deadline = now.saturating_add(record.timeout);
        }
        self.by_producer.remove(&entry.now.producer.id);
        self.by_producer.insert(record.producer.id, id.clone());
        entry.now = record;
        self.watch(id);
    }
}

impl BrokerState {
    /// Notes what became of a transactional id.
    fn put_txn(&mut self, id: &Arc<str>, record: TxnRecord, now: Moment) -> Ticket {
        self.txns.put(id, record.clone(), now.since_start);
        self.record(Change::Txn { id: id.clone(), record })
    }

    /// When the next transaction times out.
    pub(crate) fn next_txn_deadline(&self) -> Option<Duration> {
        self.txns.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Aborts the transactions whose time is over.
    pub(crate) fn abort_timed_out(&mut self, now: Moment) {
        while let Some((_, id)) = self.txns.deadlines.first().filter(|(deadline, _)| *deadline <= now.since_start) {
            let id = id.clone();
            tracing::info!(transactional_id = &*id, "transaction timed out, aborting it");
            self.abort_and_fence(&id, now);
        }
    }
}
