//! Requests that wait for something to happen, and what became of them.

use bytes::Bytes;

use crate::{Joined, Result};

/// Number of a waiting request, never used twice.
pub(crate) type ParkId = u64;

/// Why a request waits no longer.
#[derive(Debug)]
pub(crate) enum Completion {
    /// The fetch should look again: data came, or the log changed under it.
    Fetch,
    Join(Result<Joined>),
    Sync(Result<Bytes>),
}

/// Hands out numbers and collects completions until the front fetches them.
#[derive(Debug, Default)]
pub(crate) struct Parking {
    last: ParkId,
    done: Vec<(ParkId, Completion)>,
}

impl Parking {
    pub(crate) fn park(&mut self) -> ParkId {
        self.last += 1;
        self.last
    }

    pub(crate) fn complete(&mut self, id: ParkId, completion: Completion) {
        self.done.push((id, completion));
    }

    pub(crate) fn take_done(&mut self) -> Vec<(ParkId, Completion)> {
        std::mem::take(&mut self.done)
    }
}
