//! Which partitions are part of the open transaction; a batch is sent when its partition is.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::{BrokerError, Code, Result};

use super::ProducerConfig;

/// Partitions asked for, by their lanes.
#[derive(Debug)]
pub(super) struct Asked {
    transaction: u64,
    pub(super) lanes: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Adding {
    id: String,
    /// Counts transactions, so that a late answer is not taken for one about the next.
    transaction: u64,
    added: BTreeSet<usize>,
    /// Asked for, without the broker's word so far: it may still add them, whenever the request reaches it.
    open: BTreeSet<usize>,
    asked: bool,
    retry_at: Option<Instant>,
    backoff: Backoff,
}

impl Adding {
    /// Of a producer that is transactional.
    pub(super) fn new(config: &ProducerConfig) -> Option<Self> {
        let backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
        let id = config.transactional_id.clone()?;
        let (added, open) = (BTreeSet::new(), BTreeSet::new());
        Some(Self { id, transaction: 0, added, open, asked: false, retry_at: None, backoff })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// A transaction begins.
    pub(super) fn begin(&mut self) {
        self.transaction += 1;
        self.added.clear();
        self.open.clear();
        self.asked = false;
        self.retry_at = None;
        self.backoff.reset();
    }

    pub(super) fn has(&self, lane: usize) -> bool {
        self.added.contains(&lane)
    }

    pub(super) fn is_open(&self, lane: usize) -> bool {
        self.open.contains(&lane)
    }

    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// What to ask for now.
    pub(super) fn ask(&mut self, active: &BTreeSet<usize>, now: Instant) -> Option<Asked> {
        if self.asked || self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        let lanes: Vec<usize> = active.difference(&self.added).copied().collect();
        if lanes.is_empty() {
            return None;
        }
        self.asked = true;
        self.open.extend(&lanes);
        Some(Asked { transaction: self.transaction, lanes })
    }

    /// Takes in the answer; what failed, if it did.
    pub(super) fn answered(
        &mut self,
        asked: Asked,
        result: Result<()>,
        now: Instant,
    ) -> Option<(Vec<usize>, BrokerError)> {
        if asked.transaction != self.transaction {
            return None;
        }
        self.asked = false;
        let unheard = |error: &BrokerError| matches!(error.code, Code::NetworkException | Code::RequestTimedOut);
        if !result.as_ref().is_err_and(unheard) {
            self.open.retain(|lane| !asked.lanes.contains(lane));
        }
        match result {
            Ok(()) => {
                self.added.extend(asked.lanes);
                self.retry_at = None;
                self.backoff.reset();
                None
            }
            Err(error) => {
                self.retry_at = Some(now + self.backoff.next());
                Some((asked.lanes, error))
            }
        }
    }
}
