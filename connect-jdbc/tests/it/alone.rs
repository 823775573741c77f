//! A sink's task without a runtime.

use connect_api::host::SinkHost;
use connect_api::{Error, Result, SinkRecord, TopicPartition, async_trait};

/// For a task that asks nothing of its runtime.
pub(crate) struct NoHost;

#[async_trait]
impl SinkHost for NoHost {
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
