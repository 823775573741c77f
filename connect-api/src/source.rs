//! Sources: connectors that bring records into Kafka.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::{Config, ConfigErrors};
use crate::{OffsetMap, Result, SourceRecord, SourceTaskContext, Task};

/// A kind of source: what it is called, how it is configured, how its work is split, and how tasks are made.
#[async_trait]
pub trait SourceConnector: Send + Sync + 'static {
    /// The name in `connector.class`; for the connectors of Kafka Connect the Java class name.
    const NAME: &'static str;
    /// Other names in `connector.class`.
    const ALIASES: &'static [&'static str] = &[];
    /// The version shown to operators.
    const VERSION: &'static str = "undefined";
    /// The configuration; see [`config`](mod@crate::config).
    type Config: Config;
    /// The share of the work that one task has, such as some tables; `()` for a source of one task. A type of your
    /// own derives `Serialize` and `Deserialize`; with this crate's, and `#[serde(crate = "connect_api::serde")]`,
    /// no other dependency is needed.
    type Split: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What it makes.
    type Task: SourceTask;
    /// Keys of the configuration of which a task needs to know only what is in its split, such as a list of tables. When
    /// nothing else changes, tasks whose split stays the same are left alone; otherwise all are restarted.
    const SPLIT_KEYS: &'static [&'static str] = &[];

    /// Splits the work into at most `max_tasks` (at least 1) shares, one for each task.
    ///
    /// *When it is called*: at the start of the connector, and after [`changed`](Self::changed).
    ///
    /// *Retries*: a retriable error is tried again with backoff.
    ///
    /// # Errors
    /// Any other error fails the connector.
    async fn splits(&self, config: &Self::Config, max_tasks: usize) -> Result<Vec<Self::Split>>;

    /// Returns when the work may have to be split anew, for example as a table was added.
    ///
    /// *When it is called*: again and again while the connector runs. By default it never returns.
    ///
    /// *Cancellation*: dropped when the connector stops.
    ///
    /// # Errors
    /// A retriable error is tried again with backoff; any other fails the connector.
    async fn changed(&self, _config: &Self::Config) -> Result<()> {
        std::future::pending().await
    }

    /// Makes a task that is connected and knows where to go on: it asks the context for the stored offsets.
    ///
    /// *When it is called*: at every start of a task, on a task's own loop.
    ///
    /// *Retries*: a retriable error is tried again with backoff.
    ///
    /// *Cancellation*: dropped when the task is stopped meanwhile.
    ///
    /// # Errors
    /// Any other error fails the task.
    async fn task(&self, config: &Self::Config, split: Self::Split, context: SourceTaskContext) -> Result<Self::Task>;

    /// Checks what the types of the configuration cannot say; it may reach the source system.
    ///
    /// *When it is called*: before a connector is created or changed, after the configuration could be read,
    /// and on request. The runtime sets a deadline.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    async fn validate(&self, _config: &Self::Config) -> Result<(), ConfigErrors> {
        Ok(())
    }

    /// Whether, so configured, a restart goes on exactly where the stored offset says, so that the runtime can
    /// promise exactly-once.
    fn exactly_once(&self, _config: &Self::Config) -> ExactlyOnce {
        ExactlyOnce::Unknown
    }

    /// Checks offsets that an operator wants to set (`None`: forget the partition) before they are stored.
    ///
    /// # Errors
    /// Why the source could not go on from there.
    async fn alter_offsets(&self, _config: &Self::Config, _offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
        Ok(())
    }
}

/// A source's answer to whether it can be exactly-once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExactlyOnce {
    /// It does not say.
    #[default]
    Unknown,
    /// It can.
    Supported,
    /// It cannot.
    Unsupported,
}

/// A source's task.
#[async_trait]
pub trait SourceTask: Task {
    /// Waits for records. An empty answer is legal, but a task that has nothing should wait a while instead. One that
    /// waits for longer than `task.progress.deadline.ms` is shown STALLED, unless it [`waits`](Self::waits).
    ///
    /// *When it is called*: while the task runs, one call at a time, and not while too much is on its way.
    ///
    /// *Retries*: after a retriable error it is called again with backoff.
    ///
    /// *Cancellation*: its future is dropped only at stop or pause; what it had taken by then it must be able
    /// to give again after a restart.
    ///
    /// # Errors
    /// Any other error fails the task.
    async fn poll(&mut self) -> Result<Vec<SourceRecord>>;

    /// Records are done with: they were acknowledged by Kafka, dropped by a transform, or dead-lettered, and
    /// their offsets have been stored. A queue would acknowledge them to its server here,
    /// and so should not wait in `poll` for long.
    ///
    /// *When it is called*: between polls, after offsets were stored, with all records since the last time in
    /// the order of `poll` and as `poll` gave them, but only when [`wants_commit`](Self::wants_commit).
    ///
    /// # Errors
    /// An error is logged; the task goes on, and the next call has the next records.
    async fn commit(&mut self, _done: &[SourceRecord]) -> Result<()> {
        Ok(())
    }

    /// Whether the runtime should keep the records for [`commit`](Self::commit). It costs their memory until
    /// then. Asked once, when the task was made.
    fn wants_commit(&self) -> bool {
        false
    }

    /// Whether there is nothing to read right now, so that a run until drained may end. Asked after
    /// [`poll`](Self::poll) answered with nothing. A source that cannot know says `None`; it is taken to be
    /// idle after it gave nothing for a second.
    fn is_idle(&self) -> Option<bool> {
        None
    }

    /// Whether [`poll`](Self::poll) waits for as long as nothing comes, so that one without an end is no sign of
    /// trouble. Asked before each poll.
    fn waits(&self) -> bool {
        false
    }
}
