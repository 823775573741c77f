//! How a task says that it runs.

use tokio::sync::watch;

use super::status::State;

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
}

impl Running {
    pub(crate) fn new(paused: bool) -> (Self, watch::Receiver<State>) {
        let (state, states) = watch::channel(State::Unassigned);
        (Self { state, paused }, states)
    }

    /// The task has been made.
    pub(crate) fn started(&self) {
        self.state.send_replace(if self.paused { State::Paused } else { State::Running });
    }

    /// It was paused or resumed.
    pub(crate) fn paused(&self, paused: bool) {
        self.state.send_replace(if paused { State::Paused } else { State::Running });
    }
}
