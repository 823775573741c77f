//! How a task says that it runs.

use std::sync::Arc;

use tokio::sync::watch;

use super::changes::Changes;
use super::spawn::Environment;
use super::status::State;
use crate::metrics::WorkerMetrics;
use crate::progress::TaskProgress;

/// What a connector is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Started,
    Paused,
    Stopped,
}

/// A task's say about its state while it lives. When it has ended, its end decides.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    state: watch::Sender<State>,
    paused: bool,
    connector: Arc<str>,
    progress: Arc<TaskProgress>,
    metrics: Arc<WorkerMetrics>,
    changes: Arc<Changes>,
}

impl Running {
    pub(crate) fn new(
        paused: bool,
        connector: Arc<str>,
        progress: Arc<TaskProgress>,
        environment: &Environment,
    ) -> (Self, watch::Receiver<State>) {
        let (state, states) = watch::channel(State::Unassigned);
        let (metrics, changes) = (Arc::clone(&environment.metrics), Arc::clone(&environment.changes));
        (Self { state, paused, connector, progress, metrics, changes }, states)
    }

    /// The task has been made.
    pub(crate) fn started(&self) {
        self.metrics.tasks.ended(true);
        self.turn(self.paused);
    }

    /// It was paused or resumed.
    pub(crate) fn paused(&self, paused: bool) {
        self.turn(paused);
    }

    fn turn(&self, paused: bool) {
        let state = if paused { State::Paused } else { State::Running };
        self.progress.metrics.turned(state);
        self.state.send_replace(state);
        self.changes.note(&self.connector);
    }
}
