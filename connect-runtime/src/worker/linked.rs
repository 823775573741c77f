//! Tokio tasks that belong to somebody.

use std::future::Future;

use connect_api::{Error, Result, TaskId};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::sleep;

use crate::progress::TaskProgress;
use crate::retry::RetryPolicy;

/// A spawned task that is aborted when its owner is gone.
#[derive(Debug)]
pub(crate) struct Linked<T> {
    handle: JoinHandle<T>,
    output: Option<Result<T, JoinError>>,
}

impl<T: Send + 'static> Linked<T> {
    pub(crate) fn spawn(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self { handle: tokio::spawn(future), output: None }
    }

    /// Waits until it has ended; [`end`](Self::end) then answers at once. May be dropped and called again.
    pub(crate) async fn done(&mut self) {
        if self.output.is_none() {
            self.output = Some((&mut self.handle).await);
        }
    }

    /// Ends it the hard way. It ends at its next await; one that never comes back to that goes on by itself.
    pub(crate) fn abort(&self) {
        self.handle.abort();
    }

    /// What it returned.
    ///
    /// # Errors
    /// A fatal error with the panic's message.
    pub(crate) async fn end(mut self) -> Result<T> {
        self.done().await;
        match self.output.take() {
            Some(Ok(output)) => Ok(output),
            Some(Err(error)) if error.is_panic() => {
                let panic = error.into_panic();
                let message = panic
                    .downcast_ref::<&str>()
                    .map(ToString::to_string)
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no message".into());
                Err(Error::fatal(format!("the connector panicked: {message}")).with_class("java.lang.Error"))
            }
            _ => Err(Error::fatal("the task was aborted")),
        }
    }
}

impl<T> Drop for Linked<T> {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// Runs `attempt` again after retriable errors, with backoff; `progress` shows them meanwhile.
pub(crate) async fn retry_start<T, F>(
    id: &TaskId,
    progress: Option<&TaskProgress>,
    seed: u64,
    mut attempt: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut attempts = RetryPolicy::FOREVER.begin(seed);
    loop {
        let error = match attempt().await {
            Ok(value) => {
                progress.inspect(|progress| progress.well());
                return Ok(value);
            }
            Err(error) => error,
        };
        match attempts.next_delay(error.retry_delay()).filter(|_| error.is_retriable()) {
            Some(delay) => {
                tracing::warn!(task = %id, %error, ?delay, "start failed, trying again");
                progress.inspect(|progress| progress.in_trouble("start", &error));
                sleep(delay).await;
            }
            None => return Err(error.context("start")),
        }
    }
}
