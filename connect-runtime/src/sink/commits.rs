//! Committing what the task has proven.

use connect_api::{Error, Result};
use tokio::sync::oneshot;
use tokio::time::{Duration, Instant, timeout};

use super::asks::{Ask, Committable, Proof};
use super::partitions::{api, kafka};
use super::task::Loop;
use crate::health::Lane;
use crate::metrics::Committed;

/// How long the next commit waits after one that failed.
const COMMIT_AGAIN_AFTER: Duration = Duration::from_secs(1);

impl Loop {
    /// Asks the driver what can be committed, unless it is being asked.
    pub(super) fn prove(&mut self) {
        if self.proving.is_none() && Instant::now() >= self.not_before {
            let (answer, proven) = oneshot::channel();
            // No room means that the driver is busy with earlier requests: the next tick asks again.
            if self.asks.try_send(Ask::Prove(answer)).is_ok() {
                self.proving = Some(proven);
                self.proving_covers = (self.in_driver == 0).then_some(self.lots_sent);
            }
        }
    }

    pub(super) async fn proven(&mut self, proven: Result<Proof>) -> Result<()> {
        match proven {
            Ok(Proof { offsets, open }) => {
                let covers_all = !open && self.proving_covers == Some(self.lots_sent);
                if !self.commit_now(offsets).await {
                    self.not_before = Instant::now() + COMMIT_AGAIN_AFTER;
                } else if covers_all {
                    self.uncommitted = false;
                }
                Ok(())
            }
            Err(error) if error.is_retriable() => {
                tracing::warn!(task = %self.id, ?error, "the task could not prove its records; nothing is committed");
                self.progress.lanes.enter(Lane::Commit, "pre_commit");
                self.progress.failed(1);
                self.not_before = Instant::now() + error.retry_delay().unwrap_or(COMMIT_AGAIN_AFTER);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Commits; says whether all of it was. What was not is committed with the next one.
    pub(super) async fn commit_now(&mut self, offsets: Committable) -> bool {
        if offsets.is_empty() {
            return true;
        }
        let began = Instant::now();
        self.progress.lanes.enter(Lane::Commit, "commit");
        let committed = self.try_commit(offsets).await;
        let how = match committed {
            Some(true) => {
                self.progress.lanes.clear(Lane::Commit);
                Committed::Well
            }
            Some(false) => Committed::Badly,
            None => Committed::Late,
        };
        self.progress.metrics.committed(how, began.elapsed());
        self.progress.count_active();
        committed == Some(true)
    }

    /// The same; none when no answer came in time.
    async fn try_commit(&mut self, offsets: Committable) -> Option<bool> {
        let wanted: Vec<_> = offsets.iter().map(|(partition, offset)| (kafka(partition), *offset)).collect();
        let committed = match timeout(self.flush_timeout, self.consumer.commit(&wanted)).await {
            Ok(Ok(results)) => results,
            Ok(Err(error)) => {
                tracing::warn!(task = %self.id, %error, "offsets were not committed; they will be with the next commit");
                return Some(false);
            }
            Err(_) => {
                tracing::warn!(task = %self.id, limit = ?self.flush_timeout, "offsets were not committed in time");
                return None;
            }
        };
        let mut done = Vec::new();
        for (partition, result) in committed {
            match result {
                Ok(()) => {
                    let offset = wanted.iter().find(|(wanted, _)| *wanted == partition).map(|(_, offset)| *offset);
                    done.extend(offset.map(|offset| (api(&partition), offset)));
                }
                Err(error) => tracing::warn!(task = %self.id, %partition, %error, "offset was not committed"),
            }
        }
        let all = done.len() == wanted.len();
        for (partition, offset) in &done {
            if let Some(taken) = self.progress.taken().get_mut(partition) {
                taken.committed = Some(*offset);
            }
        }
        // An ended driver needs not know.
        if self.asks.send(Ask::Committed(done)).await.is_ok() {
            self.in_driver += 1;
        }
        Some(all)
    }
}

/// The driver's answer to what can be committed; never, unless it was asked.
pub(super) async fn answer(proving: &mut Option<oneshot::Receiver<Result<Proof>>>) -> Result<Proof> {
    match proving {
        Some(proving) => proving.await.unwrap_or_else(|_| Err(Error::fatal("the task has ended"))),
        None => std::future::pending().await,
    }
}
