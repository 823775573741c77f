//! For runtimes: what stands behind the contexts that tasks are given.
//!
//! A connector author needs none of this. A runtime, or a test that drives a task by hand, implements these
//! traits and passes them to [`SinkTaskContext::new`](crate::SinkTaskContext::new) and
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
