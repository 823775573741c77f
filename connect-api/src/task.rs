//! What sources' and sinks' tasks have in common.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{BoxFuture, Shared};

use crate::Result;

/// A unit of work of a connector. A task is owned by one loop of the runtime, which calls one method at a time.
#[async_trait]
pub trait Task: Send + 'static {
    /// Ends the task: connections are closed, what was acquired is given back.
    ///
    /// *When it is called*: once, after the last other call, also when that one failed or was dropped.
    ///
    /// *Cancellation*: dropped when the worker's shutdown time is over.
    ///
    /// # Errors
    /// An error is logged; nothing else follows from it.
    async fn stop(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Which task of which connector. Prints as `connector-0`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// The connector's name.
    pub connector: Arc<str>,
    /// The task's number, from 0.
    pub task: usize,
}

impl TaskId {
    /// Task `task` of `connector`.
    pub fn new(connector: impl Into<Arc<str>>, task: usize) -> Self {
        Self { connector: connector.into(), task }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.connector, self.task)
    }
}

/// Tells a task that it is asked to stop. Clones hear the same.
#[derive(Clone)]
pub struct StopSignal(Shared<BoxFuture<'static, ()>>);

/// Asks whoever holds the [`StopSignal`] to stop, when told so or dropped.
#[derive(Debug)]
pub struct StopHandle(#[expect(dead_code, reason = "dropping it is the signal")] oneshot::Sender<()>);

impl StopSignal {
    /// A signal, and the handle that gives it.
    #[must_use]
    pub fn new() -> (StopHandle, Self) {
        let (sender, receiver) = oneshot::channel();
        (StopHandle(sender), Self(receiver.map(|_| ()).boxed().shared()))
    }

    /// A signal that is never given.
    #[must_use]
    pub fn never() -> Self {
        Self(futures::future::pending().boxed().shared())
    }

    /// Whether it was given.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.clone().now_or_never().is_some()
    }

    /// Waits until it is given.
    ///
    /// *Cancellation*: may be dropped and called again.
    pub async fn stopped(&self) {
        self.0.clone().await;
    }
}

impl StopHandle {
    /// Gives the signal.
    pub fn stop(self) {
        drop(self);
    }
}

impl fmt::Debug for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopSignal").field("stopped", &self.is_stopped()).finish()
    }
}
