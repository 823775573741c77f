//! One connector: an actor that owns its tasks. All that is asked of the connector goes through its queue, so
//! that a hung one hinders no other.

use std::sync::{Arc, Mutex};

use connect_api::Result;
use futures::future::{BoxFuture, select_all};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::commands::Command;
use super::connector::{Job, TaskRecord};
use super::linked::Linked;
use super::made::{Made, Renewed};
use super::running::Target;
use super::spawn::{Environment, Spawned};
use super::status::State;
use super::view::{SharedView, TaskView, View};
use crate::progress::lock;
use crate::retry::Attempts;
use crate::spans;

pub(crate) struct Actor {
    pub(super) environment: Arc<Environment>,
    pub(super) made: Made,
    pub(super) target: watch::Sender<Target>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) view: SharedView,
    pub(super) tasks: Vec<Slot>,
    /// Splits being asked for.
    pub(super) splitting: Option<BoxFuture<'static, Result<Vec<String>>>>,
    pub(super) changed: BoxFuture<'static, Result<()>>,
    /// Whoever waits until tasks are spawned, or the connector failed.
    pub(super) waiting: Vec<oneshot::Sender<()>>,
    /// When to look whether values of config providers are others.
    pub(super) look_at: Option<Instant>,
    pub(super) looking: Option<BoxFuture<'static, Result<Renewed>>>,
}

/// A task, running or not.
pub(super) struct Slot {
    pub(super) split: String,
    /// Whether the connector has another configuration than the split was made for.
    pub(super) stale: bool,
    pub(super) running: Option<Spawned>,
    pub(super) restart_at: Option<Instant>,
    pub(super) attempts: Option<Attempts>,
    pub(super) started: Instant,
}

enum Happened {
    Command(Option<Command>),
    Ended(usize),
    Split(Result<Vec<String>>),
    Changed(Result<()>),
    RestartDue,
    LookDue,
    Looked(Result<Renewed>),
}

impl Actor {
    /// A connector to be started; `ready` hears when its tasks are spawned, or it failed.
    pub(crate) fn new(
        environment: Arc<Environment>,
        made: Made,
        target: Target,
        commands: mpsc::Receiver<Command>,
        ready: oneshot::Sender<()>,
    ) -> (Self, SharedView) {
        let view = Arc::new(Mutex::new(View::new(made.clone())));
        let actor = Self {
            environment,
            made,
            target: watch::channel(target).0,
            commands,
            view: Arc::clone(&view),
            tasks: Vec::new(),
            splitting: None,
            changed: Box::pin(std::future::pending()),
            waiting: vec![ready],
            look_at: None,
            looking: None,
        };
        (actor, view)
    }

    pub(crate) async fn run(mut self) {
        self.start();
        self.plan_look();
        loop {
            let happened = self.next().await;
            match happened {
                Happened::Command(None) => return,
                Happened::Command(Some(Command::Shutdown(answer))) => {
                    let stopped = self.stop_tasks(|_| true).await;
                    self.set_state(State::Unassigned, None);
                    let _ = answer.send(stopped);
                    return;
                }
                Happened::Command(Some(command)) => self.obey(command).await,
                Happened::Ended(number) => self.ended(number).await,
                Happened::Split(Ok(splits)) => self.apply_splits(splits).await,
                Happened::Split(Err(error)) | Happened::Changed(Err(error)) => {
                    self.changed = Box::pin(std::future::pending());
                    let error = self.made.job.tasks().hidden.error(error);
                    lock(&self.view).tasks.iter_mut().for_each(|task| task.restarting = false);
                    tracing::error!(connector = %self.made.job.name(), ?error, "connector failed");
                    self.environment.metrics.connectors.ended(false);
                    self.set_state(State::Failed, Some(error.trace()));
                    self.tell_waiting();
                }
                Happened::Changed(Ok(())) => self.split(),
                // A value that has changed is a likely reason of the failure, so it is looked for first.
                Happened::RestartDue if self.made.values.is_some() => self.look(),
                Happened::RestartDue => self.restart_due(),
                Happened::LookDue => self.look(),
                Happened::Looked(made) => self.looked(made).await,
            }
        }
    }

    async fn next(&mut self) -> Happened {
        // What starts anew when the splits are there waits for them.
        let waits = self.looking.is_some() || self.splitting.is_some();
        let due = self.tasks.iter().filter_map(|slot| slot.restart_at).min().filter(|_| !waits);
        let look = self.look_due();
        let ends = self.tasks.iter_mut().enumerate().filter_map(|(number, slot)| {
            let running = slot.running.as_mut()?;
            Some(Box::pin(async move {
                running.life.done().await;
                number
            }))
        });
        let ends: Vec<_> = ends.collect();
        let ended = async {
            match ends.is_empty() {
                true => std::future::pending().await,
                false => select_all(ends).await.0,
            }
        };
        tokio::select! {
            biased;
            command = self.commands.recv() => Happened::Command(command),
            number = ended => Happened::Ended(number),
            splits = wait(&mut self.splitting) => Happened::Split(splits),
            changed = &mut self.changed => Happened::Changed(changed),
            made = wait(&mut self.looking) => Happened::Looked(made),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Happened::RestartDue,
            () = sleep_until(look.unwrap_or_else(Instant::now)), if look.is_some() => Happened::LookDue,
        }
    }

    pub(super) fn set_state(&self, state: State, trace: Option<String>) {
        let mut view = lock(&self.view);
        view.state = state;
        view.trace = trace;
        view.stage = None;
        drop(view);
        self.note_change();
    }

    /// Says that there is something new to see.
    pub(super) fn note_change(&self) {
        self.environment.changes.note(self.made.job.name());
    }

    /// Whoever waits for the start may have gone away.
    pub(super) fn tell_waiting(&mut self) {
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(());
        }
    }

    /// Starts the connector itself, and with it its tasks.
    fn start(&mut self) {
        let target = *self.target.borrow();
        match target {
            Target::Stopped => {
                self.set_state(State::Stopped, None);
                self.tell_waiting();
            }
            // Connect does not start a connector that was created paused until its first resume.
            Target::Paused if self.tasks.is_empty() => {
                self.set_state(State::Paused, None);
                self.tell_waiting();
            }
            _ => self.split(),
        }
    }

    pub(super) fn split(&mut self) {
        self.changed = Box::pin(std::future::pending());
        lock(&self.view).stage = Some(("splits", Instant::now()));
        // In a task of its own, so that a call that blocks its thread, or panics, leaves the actor alone.
        let job = self.made.job.clone();
        let splitting = Linked::spawn(async move { job.splits().await });
        self.splitting = Some(Box::pin(async move { splitting.end().await? }));
    }

    /// Starts tasks for new splits, ends those whose split is gone, leaves the others alone.
    async fn apply_splits(&mut self, splits: Vec<String>) {
        self.changed = match &self.made.job {
            Job::Source { connector, .. } => {
                let connector = Arc::clone(connector);
                let changed = Linked::spawn(async move { connector.changed().await });
                Box::pin(async move { changed.end().await? })
            }
            Job::Sink { .. } => Box::pin(std::future::pending()),
        };
        let differs = |number: usize, slot: &Slot| slot.stale || splits.get(number) != Some(&slot.split);
        let gone: Vec<_> = self
            .tasks
            .iter()
            .enumerate()
            .filter(|(number, slot)| differs(*number, slot))
            .map(|(number, _)| number)
            .collect();
        if let Err(error) = self.stop_tasks(|number| gone.contains(&number)).await {
            tracing::warn!(connector = %self.made.job.name(), %error, "tasks were ended the hard way");
        }
        self.tasks.truncate(splits.len());
        lock(&self.view).tasks.truncate(splits.len());
        for (number, split) in splits.into_iter().enumerate() {
            if let Some(slot) = self.tasks.get_mut(number) {
                (slot.split, slot.stale) = (split, false);
            } else {
                self.tasks.push(Slot {
                    split,
                    stale: false,
                    running: None,
                    restart_at: None,
                    attempts: None,
                    started: Instant::now(),
                });
            }
            if self.tasks[number].running.is_none() {
                self.note_restart(number, "change");
                self.spawn(number);
            }
        }
        let paused = *self.target.borrow() == Target::Paused;
        if lock(&self.view).state != State::Running {
            self.environment.metrics.connectors.ended(true);
        }
        self.set_state(if paused { State::Paused } else { State::Running }, None);
        self.tell_waiting();
    }

    pub(super) fn spawn(&mut self, number: usize) {
        let record = lock(&self.view).tasks.get(number).map(|task| Arc::clone(&task.record));
        let record = record.unwrap_or_else(|| Arc::new(TaskRecord::new(self.environment.metrics.measure)));
        let slot = &mut self.tasks[number];
        slot.restart_at = None;
        slot.started = Instant::now();
        let spawned = self.environment.spawn(&self.made.job, number, &slot.split, &record, self.target.subscribe());
        let mut view = lock(&self.view);
        let restarts = view.tasks.get(number).map_or(0, |task| task.restarts);
        let split = slot.split.clone();
        let task = TaskView { split, record, states: spawned.states.clone(), ended: None, restarting: false, restarts };
        slot.running = Some(spawned);
        if number < view.tasks.len() {
            view.tasks[number] = task;
        } else {
            view.tasks.push(task);
        }
        drop(view);
        self.note_change();
    }

    /// Counts why a task is started again, unless it starts for the first time.
    pub(super) fn note_restart(&self, number: usize, cause: &'static str) {
        if let Some(task) = lock(&self.view).tasks.get(number) {
            task.record.progress.metrics.restarted(cause);
        }
    }

    pub(super) fn end(&self, number: usize, state: State, trace: Option<String>) {
        if let Some(task) = lock(&self.view).tasks.get_mut(number) {
            task.record.progress.metrics.turned(state);
            task.ended = Some((state, trace));
        }
        self.note_change();
    }

    /// A task ended by itself.
    async fn ended(&mut self, number: usize) {
        let Some(spawned) = self.tasks[number].running.take() else { return };
        let error = match spawned.life.end().await.and_then(|ended| ended) {
            Ok(()) => return self.end(number, State::Unassigned, None),
            // A panic's message may have a value in it that no error had.
            Err(error) => self.made.job.tasks().hidden.error(error),
        };
        if *spawned.states.borrow() == State::Unassigned {
            self.environment.metrics.tasks.ended(false);
        }
        if let Some(task) = lock(&self.view).tasks.get(number) {
            task.record.progress.metrics.ended(&error);
        }
        let id = connect_api::TaskId::new(Arc::clone(self.made.job.name()), number);
        let delay = self.made.job.tasks().restart.and_then(|policy| {
            let slot = &mut self.tasks[number];
            if slot.started.elapsed() > policy.longest {
                // It ran well for a while: this is a new trouble, not the old one.
                slot.attempts = None;
            }
            slot.attempts.get_or_insert_with(|| policy.begin(number as u64)).next_delay(None)
        });
        spans::task(&id)
            .in_scope(|| tracing::error!(task = %id, error = %error.trace(), restart_in = ?delay, "task failed"));
        self.end(number, State::Failed, Some(error.trace()));
        self.tasks[number].restart_at = delay.map(|delay| Instant::now() + delay);
    }

    pub(super) fn restart_due(&mut self) {
        let now = Instant::now();
        for number in 0..self.tasks.len() {
            if self.tasks[number].restart_at.is_some_and(|at| at <= now) {
                self.spawn(number);
                if let Some(task) = lock(&self.view).tasks.get_mut(number) {
                    task.record.progress.metrics.restarted_itself();
                    task.restarts += 1;
                }
            }
        }
    }

    pub(super) fn is_failed(&self, number: usize) -> bool {
        lock(&self.view).tasks.get(number).is_some_and(|task| task.state().0 == State::Failed)
    }
}

async fn wait<T>(future: &mut Option<BoxFuture<'static, T>>) -> T {
    match future {
        Some(running) => {
            let output = running.await;
            *future = None;
            output
        }
        None => std::future::pending().await,
    }
}
