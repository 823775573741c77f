//! Restarts.

use std::sync::Arc;

use connect_api::ErrorKind;

use super::super::{ConnectorStateInfo, HerderError, Result};
use super::write::from_worker;
use super::{Inner, Stage};
use crate::worker::{RestartOptions, State};

impl Inner {
    /// The status with RESTARTING for whatever a restart restarts. The rest of it stays until that runs again.
    pub(super) fn planned_restart(&self, name: &str, options: RestartOptions) -> Result<ConnectorStateInfo> {
        self.must_know(name)?;
        let mut status = self.status(name)?;
        let chosen = |state: State| !options.only_failed || state == State::Failed;
        if chosen(status.connector.state) {
            status.connector.state = State::Restarting;
        }
        if options.include_tasks {
            for task in status.tasks.iter_mut().filter(|task| chosen(task.state)) {
                task.state = State::Restarting;
            }
        }
        Ok(status)
    }

    pub(super) async fn restart(self: &Arc<Self>, name: &str, options: RestartOptions, stage: &Stage) -> Result<()> {
        self.must_know(name)?;
        if self.mended(name, stage).await? {
            return Ok(());
        }
        stage.enter("restart");
        match self.worker.restart(name, options).await {
            Err(error) if self.worker.known(name).is_ok() && error.kind() == ErrorKind::Fatal => {
                tracing::warn!(connector = name, %error, "tasks were ended the hard way");
            }
            restarted => restarted.map_err(|error| from_worker(&error))?,
        }
        self.keep_tasks(name, stage).await
    }

    pub(super) async fn restart_task(&self, name: &str, task: usize, stage: &Stage) -> Result<()> {
        self.must_know(name)?;
        let tasks = self.worker.seen(name).map_or(0, |seen| seen.splits.len());
        if task >= tasks {
            let message = format!("connector {name:?} has no task {task}; it has {tasks} tasks");
            return Err(HerderError::not_found(message));
        }
        stage.enter("restart");
        match self.worker.restart_task(name, task).await {
            // It was ended the hard way, and has begun again.
            Err(error) if self.worker.known(name).is_ok() && error.kind() == ErrorKind::Fatal => {
                tracing::warn!(connector = name, task, %error, "the task was ended the hard way");
                Ok(())
            }
            restarted => restarted.map_err(|error| from_worker(&error)),
        }
    }
}
