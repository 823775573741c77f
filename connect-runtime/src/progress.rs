//! What tasks count and show while they run.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use connect_api::Error;
use connect_kafka::TopicPartition;
use tokio::time::Instant;

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
    /// How far each partition is behind the log's end; none where it is not known yet.
    lags: Mutex<Vec<(TopicPartition, Option<i64>)>>,
    /// Up to where each partition was read when everything of it was last delivered and committed.
    arrived: Mutex<Vec<(TopicPartition, i64)>>,
    /// Whether there is nothing to do: nothing to read, nothing under way.
    quiet: AtomicBool,
    /// The same, and everything is committed.
    idle: AtomicBool,
    doing: Mutex<(&'static str, Instant)>,
    /// What is being tried again, and why.
    trouble: Mutex<Option<String>>,
}

impl TaskProgress {
    pub(crate) fn new() -> Self {
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
            lags: Mutex::default(),
            arrived: Mutex::default(),
            quiet: AtomicBool::new(false),
            idle: AtomicBool::new(false),
            doing: Mutex::new(("starting", Instant::now())),
            trouble: Mutex::default(),
        }
    }

    /// Notes which of the connector's calls, or what else, the task is in.
    pub(crate) fn enter(&self, what: &'static str) {
        *lock(&self.doing) = (what, Instant::now());
    }

    /// What the task is doing, and since when.
    pub(crate) fn doing(&self) -> (&'static str, Instant) {
        *lock(&self.doing)
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

    pub(crate) fn set_lags(&self, lags: Vec<(TopicPartition, Option<i64>)>) {
        *lock(&self.lags) = lags;
    }

    /// The partitions that are read, and how far each is behind the log's end.
    pub(crate) fn lags(&self) -> Vec<(TopicPartition, Option<u64>)> {
        let known = |lag: i64| u64::try_from(lag).unwrap_or(0);
        lock(&self.lags).iter().map(|(partition, lag)| (partition.clone(), lag.map(known))).collect()
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

/// Locks; a panic elsewhere while locked leaves plain data that is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
