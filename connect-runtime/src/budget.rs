//! Memory as a budget in bytes, shared by the tasks of a worker.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that may be under way at once. Taken by what was polled or fetched, given back when it is delivered.
#[derive(Debug, Clone)]
pub(crate) struct ByteBudget {
    permits: Arc<Semaphore>,
    total: u32,
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub(crate) struct Share(#[expect(dead_code, reason = "dropping it gives it back")] OwnedSemaphorePermit);

impl ByteBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        let total = u32::try_from(bytes).unwrap_or(u32::MAX).max(1);
        Self { permits: Arc::new(Semaphore::new(total as usize)), total }
    }

    /// Waits for a share. What is larger than the whole budget takes all of it, and so goes alone.
    pub(crate) async fn take(&self, bytes: usize) -> Option<Share> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.total);
        Arc::clone(&self.permits).acquire_many_owned(bytes).await.ok().map(Share)
    }

    pub(crate) fn used(&self) -> usize {
        self.total as usize - self.permits.available_permits()
    }
}
