//! What is seen of connectors. Nothing here waits.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::{
    ConnectorConfig, ConnectorInfo, ConnectorState, ConnectorStateInfo, ConnectorTaskId, ConnectorType, HerderError,
    Result, TaskInfo, TaskState,
};
use super::{Inner, unknown};
use crate::plugins::PluginKind;
use crate::progress::lock;
use crate::worker::State;

impl Inner {
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let mut names: BTreeSet<_> = self.worker.connectors().into_iter().collect();
        names.extend(lock(&self.book).keys().cloned());
        names.into_iter().collect()
    }

    pub(super) fn config(&self, name: &str) -> Result<ConnectorConfig> {
        if let Some(entry) = self.entry(name) {
            return Ok(ConnectorConfig::clone(&entry.config));
        }
        let made = self.worker.config(name).map_err(|_| unknown(name))?;
        // Started from code: there is nothing written.
        Ok(made.unwrap_or_else(|| [("name".to_owned(), name.to_owned())].into()))
    }

    pub(super) fn info(&self, name: &str) -> Result<ConnectorInfo> {
        let config = self.config(name)?;
        let tasks = self.worker.seen(name).map_or(0, |seen| seen.splits.len());
        let tasks = (0..tasks).map(|task| ConnectorTaskId { connector: name.to_owned(), task }).collect();
        Ok(ConnectorInfo { name: name.to_owned(), kind: self.kind(name, &config), config, tasks })
    }

    fn kind(&self, name: &str, config: &ConnectorConfig) -> ConnectorType {
        if let Ok(seen) = self.worker.seen(name) {
            return seen.made.job.kind().into();
        }
        let class = config.get("connector.class").and_then(|class| self.worker.plugins().connector(class).ok());
        match class.map(|plugin| plugin.info.kind) {
            Some(PluginKind::Source) => ConnectorType::Source,
            Some(PluginKind::Sink) => ConnectorType::Sink,
            _ => ConnectorType::Unknown,
        }
    }

    /// The version of a connector's plugin.
    pub(super) fn version(&self, config: &ConnectorConfig) -> Option<String> {
        let plugin = self.worker.plugins().connector(config.get("connector.class")?).ok()?;
        Some(plugin.info.version.to_owned())
    }

    pub(super) fn status(&self, name: &str) -> Result<ConnectorStateInfo> {
        let entry = self.entry(name);
        let config = self.config(name)?;
        let version = self.version(&config);
        let kind = self.kind(name, &config);
        let Ok(status) = self.worker.status(name) else {
            let worker_id = self.worker.environment().config.worker_id.clone();
            let trace = entry.and_then(|entry| entry.broken);
            let Some(trace) = trace else {
                return Err(HerderError::not_found(format!("connector {name:?} has no status yet")));
            };
            let connector = ConnectorState { state: State::Failed, worker_id, version, trace: Some(trace) };
            return Ok(ConnectorStateInfo { name: name.to_owned(), connector, tasks: Vec::new(), kind });
        };
        let worker_id = status.worker_id;
        let tasks = status.tasks.into_iter().map(|task| TaskState {
            id: task.id,
            state: task.state,
            worker_id: worker_id.clone(),
            version: version.clone(),
            trace: task.trace,
        });
        let tasks = tasks.collect();
        let connector = ConnectorState { state: status.state, worker_id, version, trace: status.trace };
        Ok(ConnectorStateInfo { name: name.to_owned(), connector, tasks, kind })
    }

    pub(super) fn task_status(&self, name: &str, task: usize) -> Result<TaskState> {
        let status = self.status(name)?;
        let found = status.tasks.into_iter().find(|known| known.id == task);
        found.ok_or_else(|| HerderError::not_found(format!("connector {name:?} has no status of a task {task}")))
    }

    pub(super) fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>> {
        let config = self.config(name)?;
        let splits = self.worker.seen(name).map(|seen| seen.splits).unwrap_or_default();
        let tasks = splits.iter().enumerate().map(|(task, split)| TaskInfo {
            id: ConnectorTaskId { connector: name.to_owned(), task },
            config: self.task_config(&config, split),
        });
        Ok(tasks.collect())
    }

    /// What a task is configured with: its connector's configuration, its class, and its split if it has one.
    pub(super) fn task_config(&self, config: &ConnectorConfig, split: &str) -> ConnectorConfig {
        let mut task = config.clone();
        let class = config.get("connector.class").map_or("", |class| class.trim());
        let class = self.worker.plugins().connector(class).map_or(class, |plugin| plugin.info.class);
        let class = class.strip_suffix("Connector").unwrap_or(class);
        task.insert("task.class".into(), format!("{class}Task"));
        if split != "null" {
            task.insert("task.split".into(), split.to_owned());
        }
        task
    }
}
