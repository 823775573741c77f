//! What tasks count and show while they run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use connect_api::Error;
use connect_kafka::TopicPartition;
use tokio::time::Instant;

use crate::health::{Lane, Lanes};
use crate::metrics::{Measure, TaskMetrics};

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters of one task, kept over its restarts, and what it is doing now.
#[derive(Debug)]
pub(crate) struct TaskProgress {
    /// Records polled or fetched.
    pub(crate) read: Counter,
    /// Records acknowledged by the broker or taken by the sink.
    pub(crate) written: Counter,
    /// Bytes of them.
    pub(crate) bytes: Counter,
    /// Records that transforms dropped.
    pub(crate) dropped: Counter,
    /// Failed attempts.
    pub(crate) failures: Counter,
    /// Records given up.
    pub(crate) errors: Counter,
    /// Records given up and gone past.
    pub(crate) skipped: Counter,
    pub(crate) retries: Counter,
    pub(crate) logged: Counter,
    pub(crate) dead_letters: Counter,
    pub(crate) dead_letter_failures: Counter,
    /// How often a source was found to have nothing.
    pub(crate) empty_looks: Counter,
    /// How far each partition is read, and where its log ends if that is known yet.
    reach: Mutex<Vec<(TopicPartition, i64, Option<i64>)>>,
    /// How far the connector is in each partition.
    taken: Mutex<BTreeMap<Arc<connect_api::TopicPartition>, Taken>>,
    /// Up to where each partition was read when everything of it was last delivered and committed.
    arrived: Mutex<Vec<(TopicPartition, i64)>>,
    /// Whether there is nothing to do: nothing to read, nothing under way.
    quiet: AtomicBool,
    /// The same, and everything is committed.
    idle: AtomicBool,
    /// What it is in.
    pub(crate) lanes: Lanes,
    /// What is measured besides.
    pub(crate) metrics: TaskMetrics,
    /// What is being tried again, and why.
    trouble: Mutex<Option<String>>,
}

impl TaskProgress {
    pub(crate) fn new(measure: Measure) -> Self {
        Self {
            read: Counter::default(),
            written: Counter::default(),
            bytes: Counter::default(),
            dropped: Counter::default(),
            failures: Counter::default(),
            errors: Counter::default(),
            skipped: Counter::default(),
            retries: Counter::default(),
            logged: Counter::default(),
            dead_letters: Counter::default(),
            dead_letter_failures: Counter::default(),
            empty_looks: Counter::default(),
            reach: Mutex::default(),
            taken: Mutex::default(),
            arrived: Mutex::default(),
            quiet: AtomicBool::new(false),
            idle: AtomicBool::new(false),
            lanes: Lanes::new(),
            metrics: TaskMetrics::new(measure),
            trouble: Mutex::default(),
        }
    }

    /// Notes which of the connector's calls, or what else, the task is in.
    pub(crate) fn enter(&self, what: &'static str) {
        self.lanes.enter(Lane::Call, what);
    }

    /// Notes that the task waits for something to do.
    pub(crate) fn rest(&self, what: &'static str) {
        self.lanes.rest(Lane::Call, what);
    }

    /// Notes that attempts failed.
    pub(crate) fn failed(&self, attempts: u64) {
        self.failures.add(attempts);
        self.metrics.failed();
    }

    /// What the task is doing, and since when.
    pub(crate) fn doing(&self) -> (&'static str, Instant) {
        self.lanes.doing()
    }

    /// Notes that a call failed and is tried again.
    pub(crate) fn in_trouble(&self, call: &str, error: &Error) {
        *lock(&self.trouble) = Some(format!("{call}: {error}"));
    }

    /// Notes that all is well.
    pub(crate) fn well(&self) {
        *lock(&self.trouble) = None;
    }

    /// The call that failed last and is tried again, with its error; none when all is well.
    pub(crate) fn trouble(&self) -> Option<String> {
        lock(&self.trouble).clone()
    }

    /// How far each partition is read, and where its log ends.
    pub(crate) fn set_reach(&self, reach: Vec<(TopicPartition, i64, Option<i64>)>) {
        *lock(&self.reach) = reach;
    }

    pub(crate) fn reach(&self) -> Vec<(TopicPartition, i64, Option<i64>)> {
        lock(&self.reach).clone()
    }

    /// How far the connector is in each partition.
    pub(crate) fn taken(&self) -> std::sync::MutexGuard<'_, BTreeMap<Arc<connect_api::TopicPartition>, Taken>> {
        lock(&self.taken)
    }

    /// Counts what was read and not committed.
    pub(crate) fn count_active(&self) {
        let uncommitted = |taken: &Taken| Some((taken.read - taken.committed?).max(0));
        let active = self.taken().values().filter_map(uncommitted).sum();
        self.metrics.active(active);
    }

    /// The partitions that are read, and how far each is behind the log's end.
    pub(crate) fn lags(&self) -> Vec<(TopicPartition, Option<u64>)> {
        let lag = |position: i64, end: i64| u64::try_from(end - position).unwrap_or(0);
        let lags = lock(&self.reach);
        lags.iter().map(|(partition, at, end)| (partition.clone(), end.map(|end| lag(*at, end)))).collect()
    }

    /// Everything before these positions is delivered and committed.
    pub(crate) fn set_arrived(&self, positions: Vec<(TopicPartition, i64)>) {
        *lock(&self.arrived) = positions;
    }

    /// The position before which everything of a partition is delivered and committed. It may lie beyond the committed
    /// offset, when what follows the last record is none: the end of a transaction, or what compaction took out.
    pub(crate) fn arrived(&self, partition: &TopicPartition) -> Option<i64> {
        lock(&self.arrived).iter().find(|(known, _)| known == partition).map(|(_, position)| *position)
    }

    pub(crate) fn set_quiet(&self, quiet: bool) {
        self.quiet.store(quiet, Ordering::Release);
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Acquire)
    }

    pub(crate) fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::Release);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Acquire)
    }
}

/// How far the connector is in a partition; offsets are those of the next record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Taken {
    /// Handed to the connector, or being handed.
    pub(crate) read: i64,
    /// Taken by the connector, dropped, or given up; none before the first.
    pub(crate) offset: Option<i64>,
    /// Timestamp of the last record that it took.
    pub(crate) timestamp: Option<i64>,
    /// Timestamp of the first record that it is being given.
    pub(crate) waiting: Option<i64>,
    /// Committed, as far as is known.
    pub(crate) committed: Option<i64>,
}

/// Locks; a panic elsewhere while locked leaves plain data that is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
