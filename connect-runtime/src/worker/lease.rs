//! The right of a task's life to store offsets. It ends with the life, also where the task itself goes on, as code that
//! blocks its thread does: nothing it stores then lies over what came after it.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use connect_api::{Error, OffsetMap, Result};

use crate::offsets::OffsetStore;
use crate::progress::lock;

/// Held by whoever started the life. When it is dropped, the right has ended.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Mutex<bool>>);

/// A store as a task has it.
#[derive(Debug)]
pub(crate) struct Leased {
    inner: Arc<dyn OffsetStore>,
    ended: Arc<Mutex<bool>>,
}

impl Lease {
    /// A store for a life, and the right to it.
    pub(crate) fn new(inner: Arc<dyn OffsetStore>) -> (Self, Leased) {
        let ended = Arc::new(Mutex::new(false));
        (Self(Arc::clone(&ended)), Leased { inner, ended })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        *lock(&self.0) = true;
    }
}

#[async_trait]
impl OffsetStore for Leased {
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.inner.load(connector, partitions).await
    }

    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()> {
        let mut storing = self.inner.store(connector, offsets);
        // Stores take effect in the order in which they are first polled. That is done while the right cannot end, so what
        // is stored after its end comes later.
        let first = poll_fn(|context| {
            let ended = lock(&self.ended);
            if *ended {
                let message =
                    "the task has ended, and another may be in its place: its offsets are not stored any more";
                return Poll::Ready(Err(Error::fatal(message)));
            }
            Poll::Ready(Ok(storing.as_mut().poll(context)))
        });
        match first.await? {
            Poll::Ready(stored) => stored,
            Poll::Pending => storing.await,
        }
    }

    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        self.inner.all(connector).await
    }
}
