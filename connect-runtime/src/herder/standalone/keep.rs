//! What is kept of what operators said, in the config topic.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::super::store::{StateTopic, Write, records};
use super::super::{ConnectorConfig, HerderError, Result};
use super::{Inner, Stage};
use crate::progress::lock;
use crate::worker::Target;

/// The config topic, and what was last written to it.
#[derive(Debug)]
pub(super) struct Kept {
    /// None when everything is in memory.
    pub(super) topic: Option<StateTopic>,
    /// Target states that have a record.
    pub(super) targets: Mutex<BTreeMap<String, Target>>,
    /// The tasks of each connector, as they were committed. Locked while tasks are written, so that one commit follows
    /// the other.
    pub(super) tasks: tokio::sync::Mutex<BTreeMap<String, Vec<ConnectorConfig>>>,
}

impl Kept {
    async fn write(&self, writes: Vec<Write>) -> Result<()> {
        match &self.topic {
            Some(topic) => topic.write(writes).await.map_err(|error| HerderError::internal(&error)),
            None => Ok(()),
        }
    }

    pub(super) fn target(&self, name: &str) -> Option<Target> {
        lock(&self.targets).get(name).copied()
    }
}

impl Inner {
    /// Keeps a configuration. A new connector's target state is written before, so that nobody starts what is not to be
    /// started.
    pub(super) async fn keep_config(
        &self,
        name: &str,
        config: &ConnectorConfig,
        target: Option<Target>,
        stage: &Stage,
    ) -> Result<()> {
        stage.enter("config topic");
        let known = self.kept.target(name).unwrap_or(Target::Started);
        let target = target.filter(|target| *target != known);
        let mut writes: Vec<_> = target.map(|target| records::target(name, target)).into_iter().collect();
        writes.push(records::connector(name, config));
        self.kept.write(writes).await?;
        if let Some(target) = target {
            lock(&self.kept.targets).insert(name.to_owned(), target);
        }
        Ok(())
    }

    /// Keeps a target state. A connector that is to stop has no tasks before it is said to be STOPPED.
    pub(super) async fn keep_target(&self, name: &str, target: Target, stage: &Stage) -> Result<()> {
        stage.enter("config topic");
        let before = self.entry(name).map(|entry| entry.target);
        self.target(name, target);
        let kept = async {
            if target == Target::Stopped && self.is_stored(name) {
                let mut tasks = self.kept.tasks.lock().await;
                self.kept.write(vec![records::commit(name, 0)]).await?;
                tasks.remove(name);
            }
            self.kept.write(vec![records::target(name, target)]).await
        };
        if let Err(error) = kept.await {
            before.inspect(|before| self.target(name, *before));
            return Err(error);
        }
        lock(&self.kept.targets).insert(name.to_owned(), target);
        Ok(())
    }

    /// Keeps the tasks that a connector has now, if they are others than before.
    pub(super) async fn keep_tasks(&self, name: &str, stage: &Stage) -> Result<()> {
        stage.enter("config topic");
        self.keep_tasks_now(name).await
    }

    pub(super) async fn keep_tasks_now(&self, name: &str) -> Result<()> {
        let mut known = self.kept.tasks.lock().await;
        let Some(entry) = self.entry(name).filter(|entry| entry.stored && entry.target != Target::Stopped) else {
            return Ok(());
        };
        // Until the splits are there, tasks are those of the last configuration.
        let Some(seen) = self.worker.seen(name).ok().filter(|seen| seen.stage.is_none()) else { return Ok(()) };
        let tasks: Vec<_> = seen.splits.iter().map(|split| self.task_config(&entry.config, split)).collect();
        if known.get(name).map_or(&[][..], Vec::as_slice) == tasks {
            return Ok(());
        }
        let mut writes: Vec<_> =
            tasks.iter().enumerate().map(|(number, task)| records::task(name, number, task)).collect();
        writes.push(records::commit(name, tasks.len()));
        self.kept.write(writes).await?;
        known.insert(name.to_owned(), tasks);
        Ok(())
    }

    /// Keeps nothing of a connector any more.
    pub(super) async fn forget(&self, name: &str, stage: &Stage) -> Result<()> {
        stage.enter("config topic");
        let mut tasks = self.kept.tasks.lock().await;
        if self.is_stored(name) || self.kept.target(name).is_some() {
            self.kept.write(records::gone(name, tasks.get(name).map_or(0, Vec::len))).await?;
        }
        tasks.remove(name);
        lock(&self.kept.targets).remove(name);
        Ok(())
    }

    fn is_stored(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.stored)
    }
}
