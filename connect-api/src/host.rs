//! For runtimes: what stands behind the contexts that tasks are given.
//!
//! A connector author needs none of this: `connect-runtime` has contexts for tests that drive a task by hand, among its
//! things for tests. A runtime implements these traits and passes them to [`SinkTaskContext::new`](crate::SinkTaskContext::new) and
//! [`SourceTaskContext::new`](crate::SourceTaskContext::new), which check arguments before they call.

use async_trait::async_trait;

use crate::{Boundary, Error, OffsetMap, Result, SinkRecord, TopicPartition};

/// Serves a sink task's context. Requests take effect after the task's present call.
#[async_trait]
pub trait SinkHost: Send + Sync {
    /// The partitions assigned now, sorted.
    fn assignment(&self) -> Vec<TopicPartition>;
    /// No records of these, please.
    fn pause(&self, partitions: &[TopicPartition]);
    /// Records of these again.
    fn resume(&self, partitions: &[TopicPartition]);
    /// Go on from there.
    fn seek(&self, partition: &TopicPartition, offset: i64);
    /// Commit soon.
    fn request_commit(&self);
    /// Whether there is where to report to.
    fn can_report(&self) -> bool;
    /// Reports a bad record; returns when it is written.
    async fn report(&self, record: &SinkRecord, error: Error) -> Result<()>;
}

/// Serves a source task's context.
#[async_trait]
pub trait SourceHost: Send + Sync {
    /// Stored offsets, in the order of the partitions.
    async fn offsets(&self, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>>;
    /// Whether the task sets transaction boundaries.
    fn has_transactions(&self) -> bool {
        false
    }
    /// The task set a boundary.
    fn transaction_boundary(&self, _boundary: Boundary) {}
}

/// The class of the error that says "this task has no flush"; Java's for a call that is not supported.
const NO_FLUSH: &str = "java.lang.UnsupportedOperationException";

/// What [`SinkTask::flush`](crate::SinkTask::flush) answers when a task has none.
#[must_use]
pub fn no_flush() -> Error {
    Error::fatal("the task said its records were buffered, but has no flush").with_class(NO_FLUSH)
}

/// Whether an error is that of [`no_flush`]: the task never buffers, so that what it took is durable unless it said
/// otherwise.
#[must_use]
pub fn is_no_flush(error: &Error) -> bool {
    error.class_name() == NO_FLUSH
}
