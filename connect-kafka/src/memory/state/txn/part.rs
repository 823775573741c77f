//! What a transaction includes: partitions to write to, offsets to commit.

use std::sync::Arc;

use super::{TxnRecord, TxnState};
use crate::memory::state::change::Ticket;
use crate::memory::state::offsets::PerPartition;
use crate::memory::state::{BrokerState, Moment};
use crate::{BrokerError, Code, Member, Result, TopicPartition, Txn};

impl BrokerState {
    pub(crate) fn add_partitions(&mut self, txn: &Txn, partitions: &[TopicPartition], now: Moment) -> Result<Ticket> {
        let (id, mut record) = self.txns.record_of(txn, Code::ProducerFenced)?;
        let logs = partitions.iter().map(|partition| self.log_id(partition)).collect::<Result<Vec<_>>>()?;
        record.open();
        let before = record.logs.len();
        record.logs.extend(logs);
        if before == record.logs.len() {
            // A repeated request.
            return Ok(self.journal.issued());
        }
        Ok(self.put_txn(&id, record, now))
    }

    pub(crate) fn add_offsets(&mut self, txn: &Txn, group: &str, now: Moment) -> Result<Ticket> {
        if group.is_empty() {
            return Err(BrokerError::new(Code::InvalidGroupId, "the group id is empty"));
        }
        let (id, mut record) = self.txns.record_of(txn, Code::ProducerFenced)?;
        record.open();
        record.groups.entry(group.into()).or_default();
        Ok(self.put_txn(&id, record, now))
    }

    pub(crate) fn commit_txn_offsets(
        &mut self,
        txn: &Txn,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
        now: Moment,
    ) -> Result<(PerPartition<()>, Ticket)> {
        self.may_commit_in_txn(member, now)?;
        let (id, mut record) = self.txns.record_of(txn, Code::InvalidProducerEpoch)?;
        let group: Arc<str> = member.group.as_str().into();
        let Some(pending) = record.groups.get_mut(&group).filter(|_| record.state == TxnState::Ongoing) else {
            let message = format!("group {group:?} is not part of a transaction of transactional id {id:?}");
            return Err(BrokerError::new(Code::InvalidTxnState, message));
        };
        let mut results = Vec::with_capacity(offsets.len());
        for (partition, offset) in offsets {
            let result = self.log_id(&partition).map(|_| ());
            if result.is_ok() {
                pending.insert(partition.clone(), offset);
            }
            results.push((partition, result));
        }
        Ok((results, self.put_txn(&id, record, now)))
    }
}

impl TxnRecord {
    /// Opens a transaction if none is open.
    fn open(&mut self) {
        if self.state != TxnState::Ongoing {
            self.state = TxnState::Ongoing;
            self.logs.clear();
            self.groups.clear();
        }
    }
}
