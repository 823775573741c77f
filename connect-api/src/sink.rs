//! Sinks: connectors that take records out of Kafka.

use async_trait::async_trait;

use crate::config::{Config, ConfigErrors};
use crate::{Offsets, Result, SinkRecord, SinkTaskContext, Task, TopicPartition};

/// What a sink says of the records it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "offsets move only on what the target system really has"]
pub enum Delivery {
    /// The target system has them, and keeps them if this process and that system die now. Their offsets may
    /// be committed.
    Durable,
    /// The task holds them still. Their offsets wait for [`SinkTask::pre_commit`].
    Buffered,
}

/// A kind of sink: what it is called, how it is configured, and how its tasks are made.
#[async_trait]
pub trait SinkConnector: Send + Sync + 'static {
    /// The name in `connector.class`; for the connectors of Kafka Connect the Java class name.
    const NAME: &'static str;
    /// Other names in `connector.class`.
    const ALIASES: &'static [&'static str] = &[];
    /// The version shown to operators.
    const VERSION: &'static str = "undefined";
    /// The configuration; see [`config`](mod@crate::config).
    type Config: Config;
    /// What it makes.
    type Task: SinkTask;

    /// Makes a task that is connected and ready for records.
    ///
    /// *When it is called*: at every start of a task, on a task's own loop.
    ///
    /// *Retries*: a retriable error is tried again with backoff.
    ///
    /// *Cancellation*: dropped when the task is stopped meanwhile.
    ///
    /// # Errors
    /// Any other error fails the task.
    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<Self::Task>;

    /// How many records a put should bring at most, where the consumer's `max.poll.records` does not say it.
    ///
    /// *When it is called*: before a task is made.
    fn most_records(&self, _config: &Self::Config) -> usize {
        2000
    }

    /// Checks what the types of the configuration cannot say; it may reach the target system.
    ///
    /// *When it is called*: before a connector is created or changed, after the configuration could be read,
    /// and on request. The runtime sets a deadline.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    async fn validate(&self, _config: &Self::Config) -> Result<(), ConfigErrors> {
        Ok(())
    }

    /// Whether the target system keeps the offsets given by [`SinkTask::pre_commit`] itself, and has now been
    /// told these new ones (`None`: forget the partition).
    ///
    /// *When it is called*: when an operator alters the offsets of a stopped connector.
    ///
    /// # Errors
    /// Why the offsets cannot be altered.
    async fn alter_offsets(&self, _config: &Self::Config, _offsets: &[(TopicPartition, Option<i64>)]) -> Result<()> {
        Ok(())
    }
}

/// A sink's task.
#[async_trait]
pub trait SinkTask: Task {
    /// Delivers records, in order. The slice is never empty.
    ///
    /// *When it is called*: whenever records are there, one call at a time.
    ///
    /// *Retries*: after a retriable error the **same records are put again**, with backoff and in the same
    /// order, so a task that may have delivered some of them either says which failed by
    /// [`Error::records`](crate::Error::records) or delivers idempotently.
    /// After a data error that does not say which records failed, the runtime puts halves of the batch, until
    /// the bad records stand alone.
    ///
    /// *Cancellation*: dropped when the worker's shutdown time is over; the records then count as not delivered.
    ///
    /// # Errors
    /// [`Error::records`](crate::Error::records) for some of the records: the task took the others, and a task that
    /// buffers may hold them until its `flush`. [`Error::retriable`](crate::Error::retriable) or
    /// [`Error::data`](crate::Error::data) for all of them; [`Error::fatal`](crate::Error::fatal) fails the task.
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery>;

    /// Makes what `put` said to be [`Delivery::Buffered`] durable.
    ///
    /// *When it is called*: by [`pre_commit`](Self::pre_commit), also when nothing is buffered. A task that never
    /// buffers needs none.
    ///
    /// # Errors
    /// A retriable error is tried again with backoff, and no offset moves until it succeeds.
    async fn flush(&mut self) -> Result<()> {
        Err(crate::host::no_flush())
    }

    /// Says which offsets may be committed, `seen` being what was put.
    ///
    /// *When it is called*: before each commit in which something was buffered, or may be as `put` answered with
    /// failed records: every
    /// `offset.flush.interval.ms`, when the task asked for it, before partitions are revoked, and at the end.
    ///
    /// The answer may name less than `seen`, never more; a partition left out keeps its committed offset.
    ///
    /// # Errors
    /// A retriable error is tried again with backoff; any other fails the task. Nothing is committed.
    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        self.flush().await?;
        Ok(seen)
    }

    /// Partitions were assigned; records of them follow.
    ///
    /// # Errors
    /// Fails the task.
    async fn open(&mut self, _partitions: &[TopicPartition]) -> Result<()> {
        Ok(())
    }

    /// Partitions were taken away; no more records of them follow. Offsets were committed before, unless the
    /// partitions were lost.
    ///
    /// # Errors
    /// Fails the task.
    async fn close(&mut self, _partitions: &[TopicPartition]) -> Result<()> {
        Ok(())
    }
}
