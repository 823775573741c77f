//! What puts and requests under way share: the lanes, and who may go next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect_api::{
    ErrantRecordReporter, Error, ErrorKind, Offsets, Result, SinkRecord, SinkTaskContext, TopicPartition,
};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::backoff::Backoff;
use super::batch::{Batch, Entry, LONGEST, Span};
use super::run;
use super::tracker::Tracker;
use crate::body::Pool;
use crate::client::Client;
use crate::config::{BulkSettings, Policies};
use crate::document::{Plan, Prepared};
use crate::sink::Resources;

/// What requests are made with.
pub(crate) struct Parts {
    pub(crate) client: Arc<Client>,
    pub(crate) settings: BulkSettings,
    pub(crate) policies: Policies,
    pub(crate) data_stream: bool,
    pub(crate) resources: Arc<Resources>,
    pub(crate) reporter: Option<ErrantRecordReporter>,
    pub(crate) context: SinkTaskContext,
    pub(crate) backoff: Backoff,
}

/// Bulk requests of one task. Dropping it ends those under way.
pub(crate) struct Engine(Arc<Shared>);

pub(super) struct Shared {
    pub(super) parts: Parts,
    state: Mutex<State>,
    /// What bodies are made of.
    pub(super) bodies: Pool,
    /// Something has changed that somebody may be waiting for.
    changed: Notify,
}

pub(super) struct State {
    lanes: Vec<Lane>,
    /// The lane that documents go to which need no lane of their own.
    filling: usize,
    /// Requests under way, and how many there may be now.
    in_flight: usize,
    pub(super) limit: f64,
    flushing: bool,
    /// What is held: waiting and under way.
    pub(super) records: usize,
    pub(super) bytes: usize,
    pub(super) tracker: Tracker,
    pub(super) backoff: Backoff,
    pub(super) writes: u64,
    pub(super) stale: u64,
    failure: Option<(ErrorKind, String)>,
    /// When the next batch has lingered enough, if somebody is waiting for that.
    timer: Option<Instant>,
    tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Lane {
    open: Batch,
    busy: bool,
}

impl State {
    /// What went wrong for good.
    pub(super) fn error(&self) -> Option<Error> {
        self.failure.as_ref().map(|(kind, message)| Error::new(*kind, message.clone()))
    }

    fn is_idle(&self) -> bool {
        self.lanes.iter().all(|lane| !lane.busy && lane.open.is_empty())
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 1 and a small number")]
    fn may_send(&self) -> bool {
        self.in_flight < self.limit as usize
    }

    fn is_full(&self, settings: &BulkSettings, lane: usize) -> bool {
        let open = &self.lanes[lane].open;
        open.entries.len() >= settings.max_records || open.body.len() >= settings.max_bytes.min(LONGEST)
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what is due, while more may be under way.
    pub(super) fn pump(self: &Arc<Self>, state: &mut State) {
        let settings = &self.parts.settings;
        let now = Instant::now();
        let calm = state.in_flight == 0;
        while state.failure.is_none() && state.may_send() {
            let due = |(index, lane): &(usize, &Lane)| {
                let lingered = lane.open.since.is_some_and(|since| since + settings.linger <= now);
                let ready = state.flushing || state.is_full(settings, *index) || (calm && lingered);
                !lane.busy && !lane.open.is_empty() && ready
            };
            let oldest = state.lanes.iter().enumerate().filter(due).min_by_key(|(_, lane)| lane.open.since);
            let Some((index, _)) = oldest else { break };
            self.send(state, index);
        }
        self.arm(state, now);
    }

    fn send(self: &Arc<Self>, state: &mut State, index: usize) {
        let lane = &mut state.lanes[index];
        let batch = std::mem::take(&mut lane.open);
        lane.busy = true;
        state.in_flight += 1;
        while state.tasks.try_join_next().is_some() {}
        state.tasks.spawn(run::run(Arc::clone(self), index, batch.finish()));
    }

    /// Sees to it that somebody looks when the next batch has lingered enough.
    fn arm(self: &Arc<Self>, state: &mut State, now: Instant) {
        let linger = self.parts.settings.linger;
        let open = state.lanes.iter().filter(|lane| !lane.busy).filter_map(|lane| lane.open.since);
        let Some(next) = open.map(|since| since + linger).filter(|at| *at > now).min() else { return };
        if state.timer.is_some_and(|timer| timer <= next) {
            return;
        }
        state.timer = Some(next);
        let shared = Arc::clone(self);
        state.tasks.spawn(async move {
            sleep_until(next).await;
            let mut state = shared.lock();
            state.timer = state.timer.filter(|timer| *timer != next);
            shared.pump(&mut state);
            drop(state);
            shared.changed.notify_waiters();
        });
    }

    /// A request is done with, or gives its place to others while it waits.
    pub(super) fn leave(self: &Arc<Self>, lane: Option<usize>) {
        let mut state = self.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        if let Some(lane) = lane {
            state.lanes[lane].busy = false;
        }
        if state.records == 0 {
            self.bodies.rest();
        }
        self.pump(&mut state);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Waits for a place among the requests under way.
    pub(super) async fn enter(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = self.lock();
                if state.may_send() {
                    state.in_flight += 1;
                    return;
                }
            }
            changed.await;
        }
    }

    /// Nothing goes on any more.
    pub(super) fn fail(&self, error: &Error) {
        let mut state = self.lock();
        if state.failure.is_none() {
            state.failure = Some((error.kind(), error.to_string()));
        }
        drop(state);
        self.changed.notify_waiters();
        // Without records to put nobody would hear of it.
        self.parts.context.request_commit();
    }
}

impl Engine {
    /// Lanes for as many requests as may be under way.
    pub(crate) fn new(parts: Parts) -> Self {
        let count = parts.settings.in_flight.max(1);
        let state = State {
            lanes: (0..count).map(|_| Lane::default()).collect(),
            filling: 0,
            in_flight: 0,
            #[expect(clippy::cast_precision_loss, reason = "it is at most 1000")]
            limit: count as f64,
            flushing: false,
            records: 0,
            bytes: 0,
            tracker: Tracker::default(),
            backoff: parts.backoff.clone(),
            writes: 0,
            stale: 0,
            failure: None,
            timer: None,
            tasks: JoinSet::new(),
        };
        Self(Arc::new(Shared { parts, state: Mutex::new(state), bodies: Pool::default(), changed: Notify::new() }))
    }

    /// Waits until there is room for a document, and says in which lane.
    ///
    /// # Errors
    /// What went wrong for good, or that the task is asked to stop.
    pub(crate) async fn room(&self, key: Option<u64>) -> Result<usize> {
        let shared = &self.0;
        loop {
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = shared.lock();
                if let Some(error) = state.error() {
                    return Err(error);
                }
                if let Some(lane) = self.lane(&mut state, key) {
                    return Ok(lane);
                }
                shared.pump(&mut state);
                if let Some(lane) = self.lane(&mut state, key) {
                    return Ok(lane);
                }
            }
            tokio::select! {
                biased;
                () = shared.parts.context.stop_signal().stopped() => {
                    return Err(Error::retriable("the task is asked to stop while it waits for the server"));
                }
                () = changed => {}
            }
        }
    }

    fn lane(&self, state: &mut State, key: Option<u64>) -> Option<usize> {
        let settings = &self.0.parts.settings;
        if state.records >= settings.max_buffered || (state.bytes >= settings.max_buffered_bytes && state.records > 0) {
            // All that is held must be on its way, however little it is.
            state.flushing = true;
            self.0.pump(state);
            state.flushing = false;
            return None;
        }
        let count = state.lanes.len();
        if let Some(key) = key {
            let lane = usize::try_from(key % count as u64).unwrap_or_default();
            return (!state.is_full(settings, lane)).then_some(lane);
        }
        // What waits behind a request of its lane could be under way beside it in another.
        let turns =
            || (0..count).map(|step| (state.filling + step) % count).filter(|lane| !state.is_full(settings, *lane));
        let lane = turns().find(|lane| !state.lanes[*lane].busy).or_else(|| turns().next())?;
        state.filling = lane;
        Some(lane)
    }

    /// Adds an action, with these lines, to what waits in a lane for which there is [room](Self::room).
    pub(crate) fn add(&self, lane: usize, plan: &Plan, record: &SinkRecord, prepared: &Prepared<'_>, lines: &[u8]) {
        let shared = &self.0;
        let mut guard = shared.lock();
        let state = &mut *guard;
        let open = &mut state.lanes[lane].open;
        let start = open.body.len();
        open.body.add(lines, &shared.bodies);
        let end = open.body.len();
        open.since.get_or_insert_with(Instant::now);
        let entry = Entry {
            span: Span::new(start, end),
            kind: prepared.kind,
            versioned: prepared.has_version(),
            own: prepared.is_own(),
            lane: prepared.lane(plan).unwrap_or_default(),
            place: state.tracker.add(record.origin(), record.offset()),
            index: Arc::clone(&plan.index),
        };
        state.records += 1;
        state.bytes += entry.held();
        open.entries.push(entry);
        if state.is_full(&shared.parts.settings, lane) {
            shared.pump(state);
        }
    }

    /// A put has ended: what is there may go when it is due.
    pub(crate) fn put_ended(&self) {
        let mut state = self.0.lock();
        self.0.pump(&mut state);
    }

    /// Sends all there is, and waits until it is done with or the time is over.
    pub(crate) async fn flush(&self) {
        let shared = &self.0;
        let deadline = Instant::now() + shared.parts.settings.flush_timeout;
        let done = async {
            loop {
                let changed = shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                {
                    let mut state = shared.lock();
                    if state.is_idle() || state.failure.is_some() {
                        return;
                    }
                    if !state.flushing {
                        state.flushing = true;
                        shared.pump(&mut state);
                    }
                }
                changed.await;
            }
        };
        let ended = timeout_at(deadline, done).await;
        let mut state = shared.lock();
        state.flushing = false;
        if ended.is_err() {
            let (records, bytes) = (state.records, state.bytes);
            tracing::warn!(task = %shared.parts.context.id(), records, bytes, "flush.timeout.ms is over; what is still under way is committed later");
        }
    }

    /// How far each partition is done with.
    pub(crate) fn done_of(&self, seen: &Offsets) -> Offsets {
        self.0.lock().tracker.done_of(seen)
    }

    /// What went wrong for good.
    pub(crate) fn error(&self) -> Option<Error> {
        self.0.lock().error()
    }

    /// Partitions begin anew, or are gone.
    pub(crate) fn forget(&self, partitions: &[TopicPartition]) {
        let mut state = self.0.lock();
        partitions.iter().for_each(|partition| state.tracker.forget(partition));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.0.lock().tasks.abort_all();
    }
}
