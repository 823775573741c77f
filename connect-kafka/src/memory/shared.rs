//! What the handles of one broker share: the state behind a lock, and the calls that wait for it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::state::change::Ticket;
use super::state::header::BatchMeta;
use super::state::{BrokerState, Completion, Moment, ParkId};
use super::{EmbeddedOptions, Faults};
use crate::store::{Image, Store};
use crate::{BrokerError, Clock, Code, Result};

pub(super) struct Inner {
    shared: Mutex<Shared>,
    pub(super) cluster_id: String,
    pub(super) faults: Faults,
    pub(super) store: Option<Arc<dyn Store>>,
    clock: Clock,
    origin: Instant,
}

pub(super) struct Shared {
    pub(super) state: BrokerState,
    /// Parked calls.
    waiters: BTreeMap<ParkId, oneshot::Sender<Completion>>,
    /// Calls that wait for the disk, by ticket.
    acks: VecDeque<(Ticket, oneshot::Sender<Result<()>>)>,
    /// Whether a blocking thread writes the journal.
    pub(super) writing: bool,
    /// No call is answered any more.
    pub(super) closed: bool,
}

impl Inner {
    pub(super) fn in_memory(options: EmbeddedOptions) -> Self {
        let state = BrokerState::new(options.limits(), false);
        Self::around(options, state, None, "embedded".to_owned())
    }

    pub(super) fn durable(options: EmbeddedOptions, directory: &Path) -> Result<Self> {
        let now_ms = options.clock.now_ms();
        let start = |image: Image| {
            let cluster_id = image.cluster_id.clone();
            let mut state = BrokerState::new(options.limits(), true);
            state.load(image);
            (state, cluster_id)
        };
        let load = |(state, _): &mut (BrokerState, String), log, meta: &BatchMeta| state.load_batch(log, meta, now_ms);
        let (store, (state, cluster_id)) = crate::store::open(directory, &options, start, load)?;
        Ok(Self::around(options, state, Some(store), cluster_id))
    }

    fn around(options: EmbeddedOptions, state: BrokerState, store: Option<Arc<dyn Store>>, cluster_id: String) -> Self {
        let shared = Shared { state, waiters: BTreeMap::new(), acks: VecDeque::new(), writing: false, closed: false };
        Self {
            shared: Mutex::new(shared),
            cluster_id,
            faults: Faults::default(),
            store,
            clock: options.clock,
            origin: Instant::now(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic under the lock is a bug of ours; what it left is more use than a broker that always panics.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Moment {
        Moment { since_start: self.origin.elapsed(), wall_ms: self.clock.now_ms() }
    }

    /// Does something with the state, then whatever follows from it.
    pub(super) fn with<T>(self: &Arc<Self>, act: impl FnOnce(&mut Shared, Moment) -> T) -> T {
        let now = self.now();
        let mut shared = self.lock();
        shared.state.retain_ages_sometimes(now);
        if !shared.closed {
            shared.state.abort_timed_out(now);
        }
        let value = act(&mut shared, now);
        shared.deliver();
        self.start_writer(&mut shared);
        value
    }

    /// As [`with`](Self::with), unless the broker is closed.
    pub(super) fn call<T>(self: &Arc<Self>, act: impl FnOnce(&mut Shared, Moment) -> Result<T>) -> Result<T> {
        self.with(|shared, now| {
            if shared.closed {
                return Err(BrokerError::new(Code::NetworkException, "the embedded broker was closed"));
            }
            act(shared, now)
        })
    }

    /// Sleeps until a moment on the broker's clock.
    pub(super) async fn sleep_until(&self, moment: Option<Duration>) {
        match moment.and_then(|moment| self.origin.checked_add(moment)) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }
}

/// The disk's answer.
pub(super) async fn durable(receiver: oneshot::Receiver<Result<()>>) -> Result<()> {
    receiver.await.unwrap_or_else(|_| Err(BrokerError::new(Code::NetworkException, "the embedded broker is gone")))
}

impl Shared {
    /// A receiver for the parked request's completion.
    pub(super) fn waiter(&mut self, id: ParkId) -> oneshot::Receiver<Completion> {
        let (sender, receiver) = oneshot::channel();
        self.waiters.insert(id, sender);
        receiver
    }

    /// Nobody waits for it any more.
    pub(super) fn forget_waiter(&mut self, id: ParkId) {
        self.waiters.remove(&id);
        self.state.unpark_fetch(id);
    }

    /// A receiver for the disk's word on everything up to the ticket.
    pub(super) fn ack(&mut self, ticket: Ticket) -> oneshot::Receiver<Result<()>> {
        let (sender, receiver) = oneshot::channel();
        if ticket <= self.state.settled() {
            // The receiver is in our hands.
            let _ = sender.send(Ok(()));
        } else {
            // Nearly always at the end; a repeated batch waits for an older ticket.
            let at = self.acks.partition_point(|(other, _)| *other <= ticket);
            self.acks.insert(at, (ticket, sender));
        }
        receiver
    }

    /// Tells waiting calls what became of them. A call that was dropped meanwhile misses its answer, as a
    /// disconnected client does.
    pub(super) fn deliver(&mut self) {
        for (id, completion) in self.state.take_done() {
            if let Some(waiter) = self.waiters.remove(&id) {
                let _ = waiter.send(completion);
            }
        }
        let settled = self.state.settled();
        while self.acks.front().is_some_and(|(ticket, _)| *ticket <= settled) {
            if let Some((_, sender)) = self.acks.pop_front() {
                let _ = sender.send(Ok(()));
            }
        }
    }

    /// Nothing that is not on disk by now will be.
    pub(super) fn fail_acks(&mut self, error: &BrokerError) {
        for (_, sender) in self.acks.drain(..) {
            let _ = sender.send(Err(error.clone()));
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("cluster_id", &self.cluster_id).finish_non_exhaustive()
    }
}
