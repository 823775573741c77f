//! Contexts of tasks that a test calls by itself, without a worker.

use std::sync::Arc;

use connect_api::host::{SinkHost, SourceHost};
use connect_api::{
    Error, OffsetMap, Result, SinkRecord, SinkTaskContext, SourceTaskContext, StopSignal, TaskId, TopicPartition,
    async_trait,
};

/// A context for the first task of a sink that nobody runs: nothing is assigned to it, it is never told to stop, what it
/// asks for has no effect, and there is nowhere to report bad records to.
#[must_use]
pub fn sink_context(connector: &str) -> SinkTaskContext {
    SinkTaskContext::new(TaskId::new(connector, 0), StopSignal::never(), Arc::new(Alone))
}

/// A context for the first task of a source that nobody runs: it is never told to stop, and this is the stored offset of
/// whatever partition it asks for.
#[must_use]
pub fn source_context(connector: &str, stored: Option<OffsetMap>) -> SourceTaskContext {
    SourceTaskContext::new(TaskId::new(connector, 0), StopSignal::never(), Arc::new(Stored(stored)))
}

struct Alone;

#[async_trait]
impl SinkHost for Alone {
    fn assignment(&self) -> Vec<TopicPartition> {
        Vec::new()
    }

    fn pause(&self, _: &[TopicPartition]) {}

    fn resume(&self, _: &[TopicPartition]) {}

    fn seek(&self, _: &TopicPartition, _: i64) {}

    fn request_commit(&self) {}

    fn can_report(&self) -> bool {
        false
    }

    async fn report(&self, _: &SinkRecord, error: Error) -> Result<()> {
        Err(error)
    }
}

struct Stored(Option<OffsetMap>);

#[async_trait]
impl SourceHost for Stored {
    async fn offsets(&self, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        Ok(vec![self.0.clone(); partitions.len()])
    }
}
