//! A source that a script makes fail.

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{
    ExactlyOnce, Result, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task, async_trait,
};

use super::super::script::{Call, Script, When, injected};

/// The connector under test.
#[derive(Debug)]
pub(super) struct Watched<C> {
    pub(super) connector: Arc<C>,
    pub(super) script: Arc<Script>,
}

#[derive(Debug)]
pub(super) struct WatchedTask<T> {
    task: T,
    script: Arc<Script>,
}

#[async_trait]
impl<C: SourceConnector> SourceConnector for Watched<C> {
    const NAME: &'static str = C::NAME;
    type Config = C::Config;
    type Split = C::Split;
    type Task = WatchedTask<C::Task>;

    async fn splits(&self, config: &Self::Config, max_tasks: usize) -> Result<Vec<Self::Split>> {
        self.connector.splits(config, max_tasks).await
    }

    async fn changed(&self, config: &Self::Config) -> Result<()> {
        self.connector.changed(config).await
    }

    async fn task(&self, config: &Self::Config, split: Self::Split, context: SourceTaskContext) -> Result<Self::Task> {
        let task = self.connector.task(config, split, context).await?;
        Ok(WatchedTask { task, script: Arc::clone(&self.script) })
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        self.connector.validate(config).await
    }

    fn exactly_once(&self, config: &Self::Config) -> ExactlyOnce {
        self.connector.exactly_once(config)
    }
}

#[async_trait]
impl<T: SourceTask> Task for WatchedTask<T> {
    async fn stop(&mut self) -> Result<()> {
        self.task.stop().await
    }
}

#[async_trait]
impl<T: SourceTask> SourceTask for WatchedTask<T> {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        // What a task gave away in `poll` it cannot give again, so an answer is never lost here.
        if self.script.begin(Call::Poll).is_some() {
            return Err(injected(When::Before));
        }
        let records = self.task.poll().await?;
        for record in &records {
            for map in [&*record.source_partition, &record.source_offset] {
                if let Err(error) = map.validate() {
                    self.script.note_wrong(error.to_string());
                }
            }
        }
        Ok(records)
    }

    async fn commit(&mut self, done: &[SourceRecord]) -> Result<()> {
        self.task.commit(done).await
    }

    fn wants_commit(&self) -> bool {
        self.task.wants_commit()
    }

    fn is_idle(&self) -> Option<bool> {
        self.task.is_idle()
    }
}
