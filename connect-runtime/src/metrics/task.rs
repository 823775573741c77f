//! What one task measures beside its counters, batch by batch.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use connect_api::{Error, ErrorKind};
use connect_kafka::Clock;
use tokio::time::Instant;

use super::histogram::Histogram;
use super::window::{Sampled, Windows};
use crate::progress::lock;
use crate::worker::State;

/// How something is measured: which clock timestamps come from, and for how long values count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) clock: Clock,
    pub(crate) windows: Windows,
}

/// Records of one timestamp in milliseconds, and how many.
pub(crate) type Run = (i64, u64);

/// Records that the connector has buffered are kept as this many runs at most.
const MOST_RUNS: usize = 4096;

/// Why a task ended, when nothing better is known.
const FAILURE: &str = "failure";

/// How a commit of offsets went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Committed {
    Well,
    Badly,
    /// The answer did not come in time.
    Late,
}

#[derive(Debug)]
pub(crate) struct TaskMetrics {
    measure: Measure,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) batch: Sampled,
    pub(super) read: Sampled,
    pub(super) sent: Sampled,
    /// Milliseconds of polls that gave records, or of puts.
    pub(super) call: Sampled,
    pub(super) active_now: i64,
    pub(super) active: Sampled,
    pub(super) commit: Sampled,
    /// One for each commit that went well, zero for others.
    pub(super) commits: Sampled,
    pub(super) commit_seq: u64,
    pub(super) completions: (u64, Sampled),
    pub(super) skips: (u64, Sampled),
    pub(super) latency: Histogram,
    /// Taken by the connector, not durable yet.
    buffered: Vec<Run>,
    pub(super) last_error_ms: i64,
    pub(super) restarts: BTreeMap<&'static str, u64>,
    /// Why it ended last.
    cause: &'static str,
    state: State,
    since: Instant,
    running: Duration,
    paused: Duration,
    all: Duration,
}

impl TaskMetrics {
    pub(crate) fn new(measure: Measure) -> Self {
        let sampled = || Sampled::new(measure.windows);
        let inner = Inner {
            batch: sampled(),
            read: sampled(),
            sent: sampled(),
            call: sampled(),
            active_now: 0,
            active: sampled(),
            commit: sampled(),
            commits: sampled(),
            commit_seq: 0,
            completions: (0, sampled()),
            skips: (0, sampled()),
            latency: Histogram::default(),
            buffered: Vec::new(),
            last_error_ms: 0,
            restarts: BTreeMap::new(),
            cause: FAILURE,
            state: State::Unassigned,
            since: Instant::now(),
            running: Duration::ZERO,
            paused: Duration::ZERO,
            all: Duration::ZERO,
        };
        Self { measure, inner: Mutex::new(inner) }
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&lock(&self.inner))
    }

    /// A source's poll gave records.
    pub(crate) fn polled(&self, records: usize, took: Duration) {
        let now = Instant::now();
        let mut inner = lock(&self.inner);
        inner.read.record(now, records as f64);
        inner.batch.record(now, records as f64);
        inner.call.record(now, ms(took));
    }

    /// Kafka acknowledged records.
    pub(crate) fn acknowledged(&self, records: u64) {
        lock(&self.inner).sent.record(Instant::now(), records as f64);
    }

    /// Records were read from Kafka.
    pub(crate) fn fetched(&self, records: usize) {
        lock(&self.inner).read.record(Instant::now(), records as f64);
    }

    /// A sink's put ended; so many records were taken.
    pub(crate) fn put(&self, given: usize, taken: usize, took: Duration) {
        let now = Instant::now();
        let mut inner = lock(&self.inner);
        inner.batch.record(now, given as f64);
        inner.sent.record(now, taken as f64);
        inner.call.record(now, ms(took));
    }

    /// So many records are under way.
    pub(crate) fn active(&self, records: i64) {
        let mut inner = lock(&self.inner);
        inner.active_now = records;
        inner.active.record(Instant::now(), records as f64);
    }

    /// A commit of offsets ended.
    pub(crate) fn committed(&self, how: Committed, took: Duration) {
        let now = Instant::now();
        let mut inner = lock(&self.inner);
        inner.commit_seq += 1;
        inner.commits.record(now, f64::from(u8::from(how == Committed::Well)));
        if how == Committed::Well {
            inner.commit.record(now, ms(took));
        }
        let (total, rate) = if how == Committed::Late { &mut inner.skips } else { &mut inner.completions };
        *total += 1;
        rate.record(now, 1.0);
    }

    /// Records were on their way for so long.
    pub(crate) fn took(&self, records: u64, duration: Duration) {
        if records > 0 {
            lock(&self.inner).latency.observe(duration, records);
        }
    }

    /// The connector took records of these timestamps: they are durable, or will be when it says so.
    pub(crate) fn taken(&self, runs: &[Run], durable: bool) {
        let now = self.measure.clock.now_ms();
        let mut inner = lock(&self.inner);
        if durable {
            return inner.observe(now, runs);
        }
        for (timestamp, count) in runs {
            let full = inner.buffered.len() >= MOST_RUNS;
            match inner.buffered.last_mut() {
                // Within a tenth of a second; beyond the bound all that follows counts as if it were as old.
                Some((last, known)) if full || last.abs_diff(*timestamp) < 100 => *known += count,
                _ => inner.buffered.push((*timestamp, *count)),
            }
        }
    }

    /// What the connector had buffered is durable.
    pub(crate) fn flushed(&self) {
        let now = self.measure.clock.now_ms();
        let mut inner = lock(&self.inner);
        let runs = std::mem::take(&mut inner.buffered);
        inner.observe(now, &runs);
    }

    /// What the connector had buffered will be put again.
    pub(crate) fn forgotten(&self) {
        lock(&self.inner).buffered.clear();
    }

    /// Something failed.
    pub(crate) fn failed(&self) {
        lock(&self.inner).last_error_ms = self.measure.clock.now_ms();
    }

    /// The task ended with this error.
    pub(crate) fn ended(&self, error: &Error) {
        lock(&self.inner).cause = match error.kind() {
            ErrorKind::Config => "config error",
            ErrorKind::Retriable => "retriable error",
            ErrorKind::Data => "data error",
            ErrorKind::Fatal => "fatal error",
            _ => FAILURE,
        };
    }

    /// The task is started again by itself.
    pub(crate) fn restarted_itself(&self) {
        let cause = lock(&self.inner).cause;
        self.restarted(cause);
    }

    /// The task is started again.
    pub(crate) fn restarted(&self, cause: &'static str) {
        *lock(&self.inner).restarts.entry(cause).or_default() += 1;
    }

    /// The task is in this state from here on.
    pub(crate) fn turned(&self, state: State) {
        let mut inner = lock(&self.inner);
        (inner.all, inner.running, inner.paused) = inner.times();
        (inner.state, inner.since) = (state, Instant::now());
    }

    /// Milliseconds from a timestamp until now.
    pub(super) fn age(&self, timestamp: i64) -> Duration {
        age(self.measure.clock.now_ms(), timestamp)
    }
}

impl Inner {
    fn observe(&mut self, now: i64, runs: &[Run]) {
        for (timestamp, count) in runs {
            self.latency.observe(age(now, *timestamp), *count);
        }
    }

    /// All time since the first start, and of it that RUNNING and PAUSED.
    fn times(&self) -> (Duration, Duration, Duration) {
        let last = self.since.elapsed();
        let during = |state: State| if self.state == state { last } else { Duration::ZERO };
        (self.all + last, self.running + during(State::Running), self.paused + during(State::Paused))
    }

    /// The shares of time RUNNING and PAUSED.
    pub(super) fn ratios(&self) -> (f64, f64) {
        let (all, running, paused) = self.times();
        let share = |part: Duration| if all.is_zero() { 0.0 } else { part.as_secs_f64() / all.as_secs_f64() };
        (share(running), share(paused))
    }
}

/// A clock that is behind that of who made the record must not make it young without end.
fn age(now: i64, timestamp: i64) -> Duration {
    Duration::from_millis(u64::try_from(now.saturating_sub(timestamp)).unwrap_or(0))
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
