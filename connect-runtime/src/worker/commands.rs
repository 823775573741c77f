//! What can be asked of a connector, and how its actor obeys.

use connect_api::{Error, Result};
use tokio::sync::oneshot;

use super::actor::Actor;
use super::made::Renewed;
use super::running::Target;
use super::status::State;
use crate::progress::lock;

/// What can be asked of a connector.
pub(crate) enum Command {
    Pause(oneshot::Sender<Result<()>>),
    Resume(Renewed, oneshot::Sender<Result<()>>),
    Stop(oneshot::Sender<Result<()>>),
    Restart {
        include_tasks: bool,
        only_failed: bool,
        renewed: Renewed,
        answer: oneshot::Sender<Result<()>>,
    },
    RestartTask(usize, Renewed, oneshot::Sender<Result<()>>),
    /// The end; says which tasks had to be ended the hard way.
    Shutdown(oneshot::Sender<Result<()>>),
}

impl Actor {
    pub(super) async fn obey(&mut self, command: Command) {
        // Whoever asked may have gone away.
        match command {
            Command::Pause(answer) => {
                let was = self.target.send_replace(Target::Paused);
                if was == Target::Stopped || lock(&self.view).state != State::Failed {
                    self.set_state(State::Paused, None);
                }
                let _ = answer.send(Ok(()));
            }
            Command::Resume(renewed, answer) => {
                self.target.send_replace(Target::Started);
                if self.tasks.is_empty() {
                    self.renew(renewed);
                }
                if self.tasks.is_empty() {
                    self.split();
                } else if lock(&self.view).state != State::Failed {
                    self.set_state(State::Running, None);
                }
                let _ = answer.send(Ok(()));
            }
            Command::Stop(answer) => {
                self.target.send_replace(Target::Stopped);
                let stopped = self.stop_all().await;
                self.set_state(State::Stopped, None);
                let _ = answer.send(stopped);
            }
            Command::Restart { include_tasks, only_failed, renewed, answer } => {
                let restarted = match self.renew(renewed) {
                    true => self.start_again().await,
                    false => self.restart(include_tasks, only_failed).await,
                };
                let _ = answer.send(restarted);
            }
            Command::RestartTask(number, renewed, answer) => {
                let known = number < self.tasks.len();
                let restarted = match known && self.renew(renewed) {
                    // The others have the same values.
                    true => self.start_again().await,
                    false => self.restart_task(number).await,
                };
                let _ = answer.send(restarted);
            }
            Command::Shutdown(_) => {}
        }
    }

    async fn restart(&mut self, include_tasks: bool, only_failed: bool) -> Result<()> {
        let failed = lock(&self.view).state == State::Failed;
        if *self.target.borrow() == Target::Stopped {
            return Ok(());
        }
        let mut stopped = Ok(());
        if include_tasks {
            let chosen: Vec<_> =
                (0..self.tasks.len()).filter(|number| !only_failed || self.is_failed(*number)).collect();
            stopped = self.stop_tasks(|number| chosen.contains(&number)).await;
            for number in chosen {
                self.tasks[number].attempts = None;
                self.note_restart(number, "request");
                self.spawn(number);
            }
        }
        if !only_failed || failed {
            self.split();
        }
        stopped
    }

    async fn restart_task(&mut self, number: usize) -> Result<()> {
        if number >= self.tasks.len() {
            return Err(Error::config(format!(
                "connector {:?} has no task {number}; it has {} tasks",
                self.made.job.name(),
                self.tasks.len()
            )));
        }
        let stopped = self.stop_tasks(|stopping| stopping == number).await;
        self.tasks[number].attempts = None;
        self.note_restart(number, "request");
        self.spawn(number);
        stopped
    }
}
