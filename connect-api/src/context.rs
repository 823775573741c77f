//! What a task can ask of the runtime, and tell it.

use std::fmt;
use std::sync::Arc;

use crate::host::{SinkHost, SourceHost};
use crate::{Error, OffsetMap, Result, SinkRecord, SourceRecord, StopSignal, TaskId, TopicPartition};

/// What a sink's task can ask of the runtime. Clones are the same context.
#[derive(Clone)]
pub struct SinkTaskContext {
    id: TaskId,
    stop: StopSignal,
    host: Arc<dyn SinkHost>,
}

impl SinkTaskContext {
    /// A context served by a runtime.
    #[must_use]
    pub fn new(id: TaskId, stop: StopSignal, host: Arc<dyn SinkHost>) -> Self {
        Self { id, stop, host }
    }

    /// Which task this is.
    #[must_use]
    pub const fn id(&self) -> &TaskId {
        &self.id
    }

    /// Tells when the task is asked to stop. A task that waits for something in the middle of a call gives up
    /// on this signal instead of using up the shutdown time.
    #[must_use]
    pub const fn stop_signal(&self) -> &StopSignal {
        &self.stop
    }

    /// The partitions assigned now, sorted.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.host.assignment()
    }

    /// Asks for no records of these partitions until [`resume`](Self::resume). Records already fetched may
    /// still be put.
    ///
    /// # Errors
    /// A fatal error when a partition is not assigned.
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.known(partitions)?;
        self.host.pause(partitions);
        Ok(())
    }

    /// Ends [`pause`](Self::pause).
    ///
    /// # Errors
    /// A fatal error when a partition is not assigned.
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.known(partitions)?;
        self.host.resume(partitions);
        Ok(())
    }

    /// Goes on reading a partition from this offset, forward or back, after the present call of the task.
    ///
    /// # Errors
    /// A fatal error when the partition is not assigned or the offset is negative.
    pub fn seek(&self, partition: &TopicPartition, offset: i64) -> Result<()> {
        self.known(std::slice::from_ref(partition))?;
        if offset < 0 {
            return Err(Error::fatal(format!("cannot seek {partition} to the negative offset {offset}")));
        }
        self.host.seek(partition, offset);
        Ok(())
    }

    /// Asks for a commit of offsets soon, instead of at the next `offset.flush.interval.ms`.
    pub fn request_commit(&self) {
        self.host.request_commit();
    }

    /// Reports bad records one by one, for a task that goes on with the others. `None` when the connector has
    /// neither a dead letter queue nor error logging, as in Kafka Connect; then [`Error::records`] is the way.
    #[must_use]
    pub fn errant_record_reporter(&self) -> Option<ErrantRecordReporter> {
        self.host.can_report().then(|| ErrantRecordReporter { host: Arc::clone(&self.host) })
    }

    fn known(&self, partitions: &[TopicPartition]) -> Result<()> {
        let assigned = self.host.assignment();
        match partitions.iter().find(|partition| !assigned.contains(partition)) {
            None => Ok(()),
            Some(unknown) => {
                let list: Vec<_> = assigned.iter().map(ToString::to_string).collect();
                Err(Error::fatal(format!(
                    "{unknown} is not assigned to task {}; assigned: {}",
                    self.id,
                    list.join(", ")
                )))
            }
        }
    }
}

/// Reports bad records (KIP-610).
#[derive(Clone)]
pub struct ErrantRecordReporter {
    host: Arc<dyn SinkHost>,
}

impl ErrantRecordReporter {
    /// Reports a record that the task could not deliver: it is logged and sent to the dead letter queue as
    /// configured. Returns when the report is written; offsets do not pass the record before.
    ///
    /// # Errors
    /// With `errors.tolerance=none` the error that fails the task, whether or not the task passes it on.
    pub async fn report(&self, record: &SinkRecord, error: Error) -> Result<()> {
        self.host.report(record, error).await
    }
}

/// What a source's task can ask of the runtime. Clones are the same context.
#[derive(Clone)]
pub struct SourceTaskContext {
    id: TaskId,
    stop: StopSignal,
    host: Arc<dyn SourceHost>,
}

impl SourceTaskContext {
    /// A context served by a runtime.
    #[must_use]
    pub fn new(id: TaskId, stop: StopSignal, host: Arc<dyn SourceHost>) -> Self {
        Self { id, stop, host }
    }

    /// Which task this is.
    #[must_use]
    pub const fn id(&self) -> &TaskId {
        &self.id
    }

    /// Tells when the task is asked to stop.
    #[must_use]
    pub const fn stop_signal(&self) -> &StopSignal {
        &self.stop
    }

    /// The stored offset of a source partition; `None` when there is none yet.
    ///
    /// # Errors
    /// A retriable error when the offsets cannot be read now.
    pub async fn offset(&self, partition: &OffsetMap) -> Result<Option<OffsetMap>> {
        Ok(self.offsets(std::slice::from_ref(partition)).await?.pop().flatten())
    }

    /// The stored offsets of source partitions, in the same order.
    ///
    /// # Errors
    /// A retriable error when the offsets cannot be read now.
    pub async fn offsets(&self, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.host.offsets(partitions).await
    }

    /// The transaction of a source that sets its own boundaries; `None` unless exactly-once is on and
    /// `transaction.boundary=connector`.
    #[must_use]
    pub fn transaction(&self) -> Option<TransactionContext> {
        self.host.has_transactions().then(|| TransactionContext { host: Arc::clone(&self.host) })
    }
}

/// Where transactions of an exactly-once source end.
#[derive(Clone)]
pub struct TransactionContext {
    host: Arc<dyn SourceHost>,
}

/// A boundary that a source sets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Boundary {
    /// Commit after the batch that `poll` returns next.
    CommitBatch,
    /// Commit after this record of that batch.
    CommitRecord(Box<SourceRecord>),
    /// Abort the batch that `poll` returns next. Its offsets are stored all the same.
    AbortBatch,
    /// Abort what was sent up to this record. The offsets are stored all the same.
    AbortRecord(Box<SourceRecord>),
}

impl TransactionContext {
    /// Sets a boundary. To ask for a commit and an abort at the same place fails the task.
    pub fn request(&self, boundary: Boundary) {
        self.host.transaction_boundary(boundary);
    }
}

macro_rules! debug {
    ($($context:ident => $show:expr),*) => {$(
        impl fmt::Debug for $context {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&Self) -> Option<&TaskId> = $show;
                f.debug_struct(stringify!($context)).field("task", &show(self)).finish_non_exhaustive()
            }
        }
    )*};
}

debug! {
    SinkTaskContext => |context| Some(&context.id),
    SourceTaskContext => |context| Some(&context.id),
    ErrantRecordReporter => |_| None,
    TransactionContext => |_| None
}
