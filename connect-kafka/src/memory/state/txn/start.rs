//! Giving a transactional id to a producer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{TxnRecord, TxnState};
use crate::memory::state::change::Ticket;
use crate::memory::state::{BrokerState, Moment};
use crate::{BrokerError, Code, ProducerId, Result, Transactional};

/// `transaction.max.timeout.ms`
const MAX_TIMEOUT: Duration = Duration::from_mins(15);

impl BrokerState {
    /// The next epoch for the transactional id; a transaction that is open is aborted.
    pub(crate) fn init_transactional(&mut self, asked: &Transactional, now: Moment) -> Result<(ProducerId, Ticket)> {
        if asked.id.is_empty() {
            return Err(BrokerError::new(Code::InvalidRequest, "the transactional id is empty"));
        }
        if asked.timeout.is_zero() || asked.timeout > MAX_TIMEOUT {
            let message = format!("a transaction timeout of {:?}, allowed are 1ms to {MAX_TIMEOUT:?}", asked.timeout);
            return Err(BrokerError::new(Code::InvalidTransactionTimeout, message));
        }
        let known = self.txns.record(&asked.id).map(|(id, record)| (id.clone(), record.clone()));
        let (id, producer) = match known {
            None => (Arc::from(asked.id.as_str()), self.init_producer().0),
            Some((id, record)) => {
                if let Some(current) = asked.current {
                    if record.before == Some(current) && record.state == TxnState::Empty {
                        // The answer was lost on the way.
                        return Ok((record.producer, self.journal.issued()));
                    }
                    if current != record.producer {
                        let message = format!("transactional id {id:?} was given to {:?} since", record.producer);
                        return Err(BrokerError::new(Code::ProducerFenced, message));
                    }
                }
                let fenced = match record.state {
                    TxnState::Ongoing => self.abort_and_fence(&id, now),
                    _ => next_epoch(record.producer),
                };
                // The last epoch fences only.
                let producer = if fenced.epoch == i16::MAX { self.init_producer().0 } else { fenced };
                (id, producer)
            }
        };
        let record = TxnRecord {
            producer,
            before: asked.current,
            timeout: asked.timeout,
            state: TxnState::Empty,
            logs: BTreeSet::new(),
            groups: BTreeMap::new(),
        };
        let ticket = self.put_txn(&id, record, now);
        Ok((producer, ticket))
    }
}

pub(super) fn next_epoch(producer: ProducerId) -> ProducerId {
    ProducerId { epoch: producer.epoch.saturating_add(1), ..producer }
}
