//! Storing a source's offsets, one flush at a time.

use std::sync::Arc;
use std::time::Duration;

use connect_api::{Error, OffsetMap, Result, TaskId};
use futures::future::BoxFuture;
use tokio::time::{Instant, timeout};

use super::tracker::{Storable, Tracker};
use crate::health::Lane;
use crate::metrics::Committed;
use crate::offsets::OffsetStore;
use crate::progress::TaskProgress;

/// How long the next flush waits after one that failed.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A flush that ended: what it was to store, and how it went.
pub(super) type Flushed = (Storable, Result<()>);

/// Stores offsets; at most one flush is under way.
pub(super) struct OffsetFlusher {
    id: TaskId,
    store: Arc<dyn OffsetStore>,
    limit: Duration,
    /// After a flush that failed the next one waits a while, whoever asks for it.
    not_before: Instant,
    progress: Arc<TaskProgress>,
    began: Instant,
    running: Option<BoxFuture<'static, Flushed>>,
}

impl OffsetFlusher {
    pub(super) fn new(id: TaskId, store: Arc<dyn OffsetStore>, limit: Duration, progress: Arc<TaskProgress>) -> Self {
        let now = Instant::now();
        Self { id, store, limit, not_before: now, progress, began: now, running: None }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Starts to store what can be stored, unless a flush is running.
    pub(super) fn start(&mut self, tracker: &mut Tracker) {
        if Instant::now() >= self.not_before {
            self.start_now(tracker);
        }
    }

    /// The same, also after a flush that failed.
    pub(super) fn start_now(&mut self, tracker: &mut Tracker) {
        if self.running.is_some() || !tracker.has_storable() {
            return;
        }
        let storable = tracker.take_storable();
        self.began = Instant::now();
        self.progress.lanes.enter(Lane::Commit, "store offsets");
        let (store, connector, limit) = (Arc::clone(&self.store), Arc::clone(&self.id.connector), self.limit);
        self.running = Some(Box::pin(async move {
            let offsets = storable
                .offsets
                .iter()
                .map(|(partition, offset)| (OffsetMap::clone(partition), Some(offset.clone())))
                .map(|(partition, offset)| (partition, offset.filter(|offset| !offset.is_null())))
                .collect();
            let stored = match timeout(limit, store.store(&connector, offsets)).await {
                Ok(stored) => stored,
                Err(_) => Err(Error::retriable(format!("offsets were not stored within {limit:?}"))),
            };
            (storable, stored)
        }));
    }

    /// Waits for the flush that is running; for ever when none is.
    pub(super) async fn finished(&mut self) -> Flushed {
        match &mut self.running {
            Some(running) => {
                let flushed = running.await;
                self.running = None;
                let took = self.began.elapsed();
                if flushed.1.is_err() {
                    // Still to be done: the lane stays as it is.
                    self.not_before = Instant::now() + AGAIN_AFTER;
                    self.progress.metrics.committed(Committed::Badly, took);
                } else {
                    self.progress.lanes.clear(Lane::Commit);
                    self.progress.metrics.committed(Committed::Well, took);
                }
                flushed
            }
            None => std::future::pending().await,
        }
    }
}
