//! File work off the async threads.

use std::panic;

use connect_api::{Error, Result};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

/// Does blocking work.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(ended)
}

/// A state on which blocking work is done, one piece at a time.
///
/// When the future of a piece of work is dropped, the work goes on and its answer is kept: it is what the next
/// call gives. So nothing that was taken from a file is lost when a poll is dropped at pause.
#[derive(Debug)]
pub(crate) enum Desk<S, T> {
    Free(Box<S>),
    Busy(JoinHandle<(Box<S>, T)>),
    /// The work panicked, and the state is gone.
    Lost,
}

impl<S: Send + 'static, T: Send + 'static> Desk<S, T> {
    pub(crate) fn new(state: S) -> Self {
        Self::Free(Box::new(state))
    }

    /// Does a piece of work, or gives the answer of the one whose future was dropped.
    pub(crate) async fn run(&mut self, work: impl FnOnce(&mut S) -> T + Send + 'static) -> Result<T> {
        if matches!(self, Self::Free(_))
            && let Self::Free(mut state) = std::mem::replace(self, Self::Lost)
        {
            *self = Self::Busy(spawn_blocking(move || {
                let answer = work(&mut state);
                (state, answer)
            }));
        }
        let Self::Busy(handle) = self else {
            return Err(Error::fatal("the task's file work panicked before; restart the task"));
        };
        let joined = handle.await;
        *self = Self::Lost;
        let (state, answer) = joined.map_err(ended)?;
        *self = Self::Free(state);
        Ok(answer)
    }
}

/// A panic goes on in the caller, who knows what to do about a task that panics.
fn ended(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(payload) => panic::resume_unwind(payload),
        Err(error) => Error::fatal("the async runtime shut down during file work").with_source(error),
    }
}
