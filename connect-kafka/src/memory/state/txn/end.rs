//! Ending transactions.

use std::sync::Arc;

use super::start::next_epoch;
use super::{TxnRecord, TxnState};
use crate::memory::state::change::{Change, LogId, Ticket};
use crate::memory::state::header::CheckedBatch;
use crate::memory::state::{BrokerState, Moment};
use crate::{BrokerError, Code, ProducerId, Result, TopicPartition, Txn};

/// What ends with a transaction, stored all or not at all.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) id: Arc<str>,
    pub(crate) record: TxnRecord,
    /// The marker in each log.
    pub(crate) markers: Vec<(LogId, super::super::header::BatchMeta, bytes::Bytes)>,
    /// Group, partition, offset.
    pub(crate) offsets: Vec<(Arc<str>, TopicPartition, i64)>,
}

impl BrokerState {
    pub(crate) fn end_txn(&mut self, txn: &Txn, commit: bool, now: Moment) -> Result<Ticket> {
        let (id, record) = self.txns.record_of(txn, Code::ProducerFenced)?;
        match (record.state, commit) {
            (TxnState::Ongoing, _) => Ok(self.end(&id, record, txn.producer, commit, now)),
            // The answer was lost on the way.
            (TxnState::Committed, true) | (TxnState::Aborted, false) => Ok(self.journal.issued()),
            (state, _) => {
                let wanted = if commit { "commit" } else { "abort" };
                let message = format!("transactional id {id:?} has nothing to {wanted}, its last one is {state:?}");
                Err(BrokerError::new(Code::InvalidTxnState, message))
            }
        }
    }

    /// Aborts the open transaction under the next epoch, so that its producer is refused from here on.
    pub(super) fn abort_and_fence(&mut self, id: &Arc<str>, now: Moment) -> ProducerId {
        let Some((_, record)) = self.txns.record(id) else { return ProducerId::NONE };
        let record = record.clone();
        let fenced = next_epoch(record.producer);
        self.end(id, record, fenced, false, now);
        fenced
    }

    fn end(&mut self, id: &Arc<str>, mut record: TxnRecord, as_: ProducerId, commit: bool, now: Moment) -> Ticket {
        let mut markers = Vec::with_capacity(record.logs.len());
        for log_id in std::mem::take(&mut record.logs) {
            // A topic may have been deleted meanwhile.
            let Some(log) = self.logs.get_mut(&log_id) else { continue };
            let (meta, data) = CheckedBatch::marker(as_, commit, now.wall_ms).at(log.next);
            log.append(&meta, data.clone(), now.wall_ms);
            self.cached_bytes += data.len();
            if let Some(order) = &mut self.cache_order {
                order.push_back(log_id);
            }
            markers.push((log_id, meta, data));
        }
        let mut offsets = Vec::new();
        for (group, pending) in std::mem::take(&mut record.groups) {
            let known = pending.into_iter().filter(|(partition, _)| commit && self.log_id(partition).is_ok());
            offsets.extend(known.map(|(partition, offset)| (group.clone(), partition, offset)));
        }
        record.producer = as_;
        record.before = None;
        record.state = if commit { TxnState::Committed } else { TxnState::Aborted };
        self.txns.put(id, record.clone(), now.since_start);
        let logs: Vec<LogId> = markers.iter().map(|(log, ..)| *log).collect();
        let ticket = self.record(Change::EndTxn(Box::new(Ended { id: id.clone(), record, markers, offsets })));
        for log in logs {
            if let Some(log) = self.logs.get_mut(&log) {
                log.last_append = ticket;
            }
        }
        self.evict();
        ticket
    }

    /// The store has it: readers see the markers, and members the offsets.
    pub(crate) fn txn_ended(&mut self, ended: Ended) {
        self.txns.stored(&ended.id, ended.record);
        for (log, meta, _) in ended.markers {
            if let Some(log) = self.logs.get_mut(&log) {
                log.settled(meta.last() + 1);
            }
            self.wake_fetches(log);
        }
        for (group, partition, offset) in ended.offsets {
            self.group_entry(&group).offsets.insert(partition, offset);
        }
    }
}
