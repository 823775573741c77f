//! A sink that takes everything and keeps nothing.

use connect_api::{Delivery, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait};

/// The connector.
#[derive(Debug, Clone, Copy)]
pub struct Discard;

/// The task.
#[derive(Debug)]
pub struct DiscardTask;

#[async_trait]
impl SinkConnector for Discard {
    const NAME: &'static str = "discard";
    type Config = ();
    type Task = DiscardTask;

    async fn task(&self, (): &(), _: SinkTaskContext) -> Result<DiscardTask> {
        Ok(DiscardTask)
    }
}

#[async_trait]
impl Task for DiscardTask {}

#[async_trait]
impl SinkTask for DiscardTask {
    async fn put(&mut self, _: &[SinkRecord]) -> Result<Delivery> {
        Ok(Delivery::Durable)
    }
}
