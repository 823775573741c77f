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
    /// Target states that have a record; none where it is not known which, after a write that did not succeed.
    pub(super) targets: Mutex<BTreeMap<String, Option<Target>>>,
    /// The tasks of each connector, as they were committed. Locked while tasks are written, so that one commit follows
    /// the other, and while a connector's end or stop is, so that none follows that.
    pub(super) tasks: tokio::sync::Mutex<BTreeMap<String, Vec<ConnectorConfig>>>,
}

impl Kept {
    async fn write(&self, writes: Vec<Write>) -> Result<()> {
        match &self.topic {
            Some(topic) => topic.write(writes).await.map_err(|error| HerderError::internal(&error)),
            None => Ok(()),
        }
    }

    /// Writes a target state before what else there is to write.
    async fn write_target(&self, name: &str, target: Target, others: Vec<Write>) -> Result<()> {
        let mut writes = vec![records::target(name, target)];
        writes.extend(others);
        lock(&self.targets).insert(name.to_owned(), None);
        self.write(writes).await?;
        lock(&self.targets).insert(name.to_owned(), Some(target));
        Ok(())
    }

    pub(super) fn target(&self, name: &str) -> Option<Target> {
        lock(&self.targets).get(name).copied().flatten()
    }
}

impl Inner {
    /// Keeps a configuration. A target state that is not kept yet is written before, so that nobody starts what is not to
    /// be started.
    pub(super) async fn keep_config(
        &self,
        name: &str,
        config: &ConnectorConfig,
        target: Target,
        stage: &Stage,
    ) -> Result<()> {
        stage.enter("config topic");
        let connector = records::connector(name, config);
        // Without a record, a connector is to run.
        let known = lock(&self.kept.targets).get(name).copied().unwrap_or(Some(Target::Started));
        if known == Some(target) {
            self.kept.write(vec![connector]).await
        } else {
            self.kept.write_target(name, target, vec![connector]).await
        }
    }

    /// Keeps a target state. A connector that is to stop has no tasks before it is said to be STOPPED.
    pub(super) async fn keep_target(&self, name: &str, target: Target, stage: &Stage) -> Result<()> {
        stage.enter("config topic");
        let mut tasks = self.kept.tasks.lock().await;
        if target == Target::Stopped && self.is_stored(name) {
            tasks.remove(name);
            self.kept.write(vec![records::commit(name, 0)]).await?;
        }
        self.kept.write_target(name, target, Vec::new()).await?;
        self.target(name, target);
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
        if self.is_stored(name) || lock(&self.kept.targets).contains_key(name) {
            self.kept.write(records::gone(name, tasks.get(name).map_or(0, Vec::len))).await?;
        }
        tasks.remove(name);
        lock(&self.kept.targets).remove(name);
        if let Some(entry) = lock(&self.book).get_mut(name) {
            entry.stored = false;
        }
        Ok(())
    }

    fn is_stored(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.stored)
    }
}
