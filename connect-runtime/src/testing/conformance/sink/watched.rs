//! A sink that a script makes fail.

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{
    Delivery, Offsets, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, TopicPartition, async_trait,
};

use super::super::script::{Call, Script, When, injected};

/// The connector under test.
#[derive(Debug)]
pub(super) struct Watched<C> {
    pub(super) connector: C,
    pub(super) script: Arc<Script>,
}

#[derive(Debug)]
pub(super) struct WatchedTask<T> {
    task: T,
    script: Arc<Script>,
}

#[async_trait]
impl<C: SinkConnector> SinkConnector for Watched<C> {
    const NAME: &'static str = C::NAME;
    type Config = C::Config;
    type Task = WatchedTask<C::Task>;

    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<Self::Task> {
        let task = self.connector.task(config, context).await?;
        Ok(WatchedTask { task, script: Arc::clone(&self.script) })
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        self.connector.validate(config).await
    }
}

#[async_trait]
impl<T: SinkTask> Task for WatchedTask<T> {
    async fn stop(&mut self) -> Result<()> {
        self.task.stop().await
    }
}

#[async_trait]
impl<T: SinkTask> SinkTask for WatchedTask<T> {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        let wrong = self.script.begin(Call::Put);
        if wrong == Some(When::Before) {
            return Err(injected(When::Before));
        }
        let delivery = self.task.put(records).await?;
        if delivery == Delivery::Buffered {
            self.script.set_buffered();
        }
        if wrong == Some(When::After) { Err(injected(When::After)) } else { Ok(delivery) }
    }

    async fn flush(&mut self) -> Result<()> {
        self.task.flush().await
    }

    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        let wrong = self.script.begin(Call::PreCommit);
        if wrong == Some(When::Before) {
            return Err(injected(When::Before));
        }
        let proven = self.task.pre_commit(seen).await?;
        if wrong == Some(When::After) { Err(injected(When::After)) } else { Ok(proven) }
    }

    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.task.open(partitions).await
    }

    async fn close(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.task.close(partitions).await
    }
}
