//! What can be asked of a connector, and how its actor obeys.

use connect_api::{Error, Result};
use tokio::sync::oneshot;

use super::actor::Actor;
use super::concerns::Concerns;
use super::made::{Made, Renewed};
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
    /// Another configuration; says when its tasks are spawned, or it failed.
    Reconfigure {
        made: Box<Made>,
        concerns: Concerns,
        done: oneshot::Sender<()>,
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
            Command::Reconfigure { made, concerns, done } => {
                self.waiting.push(done);
                self.reconfigure(*made, concerns);
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
            stopped = self.respawn(&chosen).await;
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
        let stopped = self.respawn(&[number]).await;
        if self.tasks[number].stale {
            self.split();
        }
        stopped
    }

    /// Ends tasks and begins them again, unless their splits are to be made anew first.
    async fn respawn(&mut self, chosen: &[usize]) -> Result<()> {
        for number in chosen {
            if let Some(task) = lock(&self.view).tasks.get_mut(*number) {
                task.restarting = true;
            }
        }
        self.note_change();
        let stopped = self.stop_tasks(|number| chosen.contains(&number)).await;
        for number in chosen {
            self.tasks[*number].attempts = None;
            if !self.tasks[*number].stale {
                self.note_restart(*number, "request");
                self.spawn(*number);
            }
        }
        stopped
    }

    /// Takes another configuration. Its splits are asked for first: until they are there, tasks run as they did.
    fn reconfigure(&mut self, made: Made, concerns: Concerns) {
        // What is being looked at is the old one.
        self.looking = None;
        self.renew(Some(Box::new(made)));
        for slot in &mut self.tasks {
            slot.stale |= concerns == Concerns::AllTasks;
            slot.attempts = None;
        }
        let target = *self.target.borrow();
        if target == Target::Stopped || (target == Target::Paused && self.tasks.is_empty()) {
            self.tell_waiting();
        } else {
            self.split();
        }
    }
}
