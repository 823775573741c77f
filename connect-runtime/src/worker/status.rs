//! What a worker shows of its connectors.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::{Health, TaskHealth};
use crate::progress::TaskProgress;

/// The state of a connector or a task; Kafka Connect's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum State {
    /// Not started yet, or shut down.
    Unassigned,
    /// It runs.
    Running,
    /// It is told to wait, and does.
    Paused,
    /// It ended with an error; see the trace.
    Failed,
    /// It is being stopped to be started again.
    Restarting,
    /// The connector is told to have no tasks.
    Stopped,
}

impl State {
    /// Kafka Connect's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unassigned => "UNASSIGNED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Failed => "FAILED",
            Self::Restarting => "RESTARTING",
            Self::Stopped => "STOPPED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Source or sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorKind {
    /// Brings records into Kafka.
    Source,
    /// Takes records out of Kafka.
    Sink,
}

impl fmt::Display for ConnectorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Source { "source" } else { "sink" })
    }
}

/// What a connector and its tasks are doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorStatus {
    /// Its name.
    pub name: Arc<str>,
    /// Source or sink.
    pub kind: ConnectorKind,
    /// Its own state.
    pub state: State,
    /// Why it failed, in the shape of a Java stack trace.
    pub trace: Option<String>,
    /// The worker that runs it.
    pub worker_id: String,
    /// Its tasks by number.
    pub tasks: Vec<TaskStatus>,
}

impl ConnectorStatus {
    /// The state that wants attention most: FAILED before anything else, RUNNING only when everything runs.
    #[must_use]
    pub fn worst_state(&self) -> State {
        let severity = |state: &State| match state {
            State::Failed => 5,
            State::Unassigned => 4,
            State::Restarting => 3,
            State::Stopped => 2,
            State::Paused => 1,
            State::Running => 0,
        };
        self.tasks.iter().map(|task| task.state).chain([self.state]).max_by_key(severity).unwrap_or(self.state)
    }

    /// Whether a task of it is under way with something and does not move.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.tasks.iter().any(|task| task.health.health == Health::Stalled)
    }

    /// The word for [`worst_state`](Self::worst_state); STALLED where that is RUNNING or PAUSED and a task
    /// [is stalled](Self::is_stalled).
    #[must_use]
    pub fn worst(&self) -> &'static str {
        match self.worst_state() {
            State::Running | State::Paused if self.is_stalled() => Health::Stalled.name(),
            state => state.name(),
        }
    }
}

/// What a task is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskStatus {
    /// Its number.
    pub id: usize,
    /// Its state.
    pub state: State,
    /// Why it failed, in the shape of a Java stack trace.
    pub trace: Option<String>,
    /// Whether it moves, and in what it is or hangs. Connect's state says nothing of that.
    pub health: TaskHealth,
    /// The call of the connector, or what else, it is in, and for how long.
    pub doing: (&'static str, Duration),
    /// The call that failed with a retriable error and is tried again, with that error: `put: connection refused`. None
    /// while all is well.
    pub trouble: Option<String>,
    /// How often it was started again after a failure.
    pub restarts: u64,
    /// What it has counted.
    pub counts: TaskCounts,
    /// The partitions that a sink's task reads.
    pub partitions: Vec<PartitionLag>,
}

/// How far a task is behind the end of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLag {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition number.
    pub partition: i32,
    /// Records that are not fetched yet, as of the last fetch; none before the first.
    pub lag: Option<u64>,
}

impl PartitionLag {
    pub(crate) fn of(progress: &TaskProgress) -> Vec<Self> {
        let lags = progress.lags().into_iter();
        lags.map(|(at, lag)| Self { topic: at.topic, partition: at.partition, lag }).collect()
    }
}

/// A task's counters since the worker started, over its restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TaskCounts {
    /// Records polled from the source, or read from Kafka.
    pub read: u64,
    /// Records that Kafka acknowledged, or the sink took.
    pub written: u64,
    /// Bytes of keys and values produced, or bytes fetched.
    pub bytes: u64,
    /// Records that transforms dropped.
    pub dropped: u64,
    /// Failed attempts at anything.
    pub failures: u64,
    /// Records that failed for good.
    pub errors: u64,
    /// Of these, records that the task went past.
    pub skipped: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Records written to the dead letter queue.
    pub dead_letters: u64,
    /// Records behind the end of the log, as of the last fetch.
    pub lag: u64,
}

impl TaskCounts {
    pub(crate) fn of(progress: &TaskProgress) -> Self {
        Self {
            read: progress.read.get(),
            written: progress.written.get(),
            bytes: progress.bytes.get(),
            dropped: progress.dropped.get(),
            failures: progress.failures.get(),
            errors: progress.errors.get(),
            skipped: progress.skipped.get(),
            retries: progress.retries.get(),
            dead_letters: progress.dead_letters.get() - progress.dead_letter_failures.get(),
            lag: progress.lags().iter().filter_map(|(_, lag)| *lag).sum(),
        }
    }
}

impl std::ops::Add for TaskCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            read: self.read + other.read,
            written: self.written + other.written,
            bytes: self.bytes + other.bytes,
            dropped: self.dropped + other.dropped,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
            retries: self.retries + other.retries,
            dead_letters: self.dead_letters + other.dead_letters,
            lag: self.lag + other.lag,
        }
    }
}
