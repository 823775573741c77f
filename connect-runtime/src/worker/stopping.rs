//! Stopping tasks: all together, within a limit, the hard way when they are late.

use std::time::Duration;

use connect_api::{Error, Result};
use tokio::time::{Instant, timeout_at};

use super::actor::Actor;
use super::spawn::Spawned;
use super::status::State;
use crate::progress::lock;

impl Actor {
    pub(super) async fn stop_all(&mut self) -> Result<()> {
        self.splitting = None;
        self.changed = Box::pin(std::future::pending());
        let stopped = self.stop_tasks(|_| true).await;
        self.tasks.clear();
        lock(&self.view).tasks.clear();
        // Nobody waits for tasks any more.
        self.tell_waiting();
        stopped
    }

    /// Stops tasks, all together within the graceful timeout; those that are late are aborted.
    pub(super) async fn stop_tasks(&mut self, chosen: impl Fn(usize) -> bool) -> Result<()> {
        let limit = self.environment.config.task_shutdown_graceful_timeout.duration();
        let deadline = Instant::now() + limit;
        let mut stopping = Vec::new();
        for (number, slot) in self.tasks.iter_mut().enumerate().filter(|(number, _)| chosen(*number)) {
            slot.restart_at = None;
            if let Some(Spawned { life, stop, lease, .. }) = slot.running.take() {
                stop.stop();
                stopping.push((number, life, lease));
            }
        }
        let mut late = Vec::new();
        // With its lease a task's right to store offsets ends, before anybody is told that it has ended.
        for (number, mut life, _lease) in stopping {
            if timeout_at(deadline, life.done()).await.is_ok() {
                let ended = life.end().await.and_then(|ended| ended);
                let failed = self.is_failed(number);
                match ended {
                    // A task that failed while it stopped says so; the record of an earlier failure stays.
                    Err(error) if !failed => {
                        let error = self.made.job.tasks().hidden.error(error);
                        self.end(number, State::Failed, Some(error.trace()));
                    }
                    _ if !failed => self.end(number, State::Unassigned, None),
                    _ => {}
                }
                continue;
            }
            life.abort();
            let (doing, since) = lock(&self.view).tasks[number].record.progress.doing();
            let message = format!(
                "task {number} did not stop within {limit:?} and was aborted: it was in {doing} since {:?}",
                round(since.elapsed())
            );
            tracing::error!(connector = %self.made.job.name(), "{message}");
            self.end(number, State::Unassigned, None);
            late.push(message);
        }
        if late.is_empty() { Ok(()) } else { Err(Error::fatal(late.join("; "))) }
    }
}

fn round(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
