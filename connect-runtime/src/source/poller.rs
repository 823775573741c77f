//! The first half of a source: calls the connector's task, hands on what it polled.

use std::sync::Arc;

use connect_api::{Result, SourceRecord, SourceTask, StopSignal, TaskId};
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep, sleep_until, timeout};
use tracing::Instrument as _;

use crate::budget::{ByteBudget, Share};
use crate::health::Lane;
use crate::progress::TaskProgress;
use crate::retry::RetryPolicy;
use crate::spans;
use crate::worker::Target;

/// A source that cannot say whether it is idle is taken to be so after this time without records.
const IDLE_AFTER: Duration = Duration::from_secs(1);

/// A poll that answers with nothing is not repeated before this time has passed since it began: a source that
/// neither waits nor has records must not keep a core busy, nor stop a paused clock.
const EMPTY_POLL: Duration = Duration::from_millis(10);

/// Records of one poll, with their share of the memory budget.
pub(super) struct Polled {
    pub(super) records: Vec<SourceRecord>,
    pub(super) share: Option<Share>,
    /// When the poll began.
    pub(super) at: Instant,
}

/// Calls a source task until it is told to stop.
pub(super) struct Poller {
    pub(super) id: TaskId,
    pub(super) task: Box<dyn SourceTask>,
    pub(super) batches: mpsc::Sender<Result<Polled>>,
    /// Records whose offsets were stored, for the task's `commit`.
    pub(super) committed: mpsc::UnboundedReceiver<Vec<SourceRecord>>,
    pub(super) stop: StopSignal,
    pub(super) target: watch::Receiver<Target>,
    pub(super) budget: ByteBudget,
    pub(super) progress: Arc<TaskProgress>,
    /// Says whether nothing comes.
    pub(super) idle: watch::Sender<bool>,
    pub(super) seed: u64,
}

impl Poller {
    /// Polls until told to stop, until an error, or until nobody takes the batches. Gives the task back: it is
    /// to be told of the last commits, and stopped.
    pub(super) async fn run(mut self) -> (Box<dyn SourceTask>, mpsc::UnboundedReceiver<Vec<SourceRecord>>) {
        let stop = self.stop.clone();
        tokio::select! {
            biased;
            () = stop.stopped() => {}
            () = self.poll_on() => {}
        }
        (self.task, self.committed)
    }

    async fn poll_on(&mut self) {
        let mut attempts = None;
        let mut last_records = Instant::now();
        loop {
            if *self.target.borrow() == Target::Paused {
                self.progress.rest("paused");
            }
            if self.target.wait_for(|target| *target != Target::Paused).await.is_err() {
                return;
            }
            while let Ok(done) = self.committed.try_recv() {
                commit(&self.id, &mut *self.task, &done, &self.progress).await;
            }
            let began = Instant::now();
            let polled = self.poll().await;
            if polled.is_ok() {
                self.progress.lanes.moved(Lane::Call);
            }
            if polled.is_ok() && attempts.take().is_some() {
                self.progress.well();
            }
            let (records, share) = match polled {
                Ok(records) if records.is_empty() => {
                    self.progress.empty_looks.add(1);
                    let idle = self.task.is_idle();
                    self.set_idle(idle.unwrap_or_else(|| last_records.elapsed() >= IDLE_AFTER));
                    sleep_until(began + EMPTY_POLL).await;
                    continue;
                }
                Ok(records) => {
                    last_records = Instant::now();
                    self.set_idle(false);
                    let bytes = records.iter().map(|record| record.size_hint()).sum();
                    self.progress.read.add(records.len() as u64);
                    self.progress.metrics.polled(records.len(), began.elapsed());
                    // A share is waited for where others hold all of the budget, and do not move.
                    self.progress.enter("wait for memory");
                    (records, self.budget.take(bytes).await)
                }
                Err(error) if error.is_retriable() => {
                    let attempts = attempts.get_or_insert_with(|| RetryPolicy::FOREVER.begin(self.seed));
                    let delay = attempts.next_delay(error.retry_delay()).unwrap_or_default();
                    self.progress.failed(1);
                    self.progress.retries.add(1);
                    self.progress.in_trouble("poll", &error);
                    tracing::warn!(task = %self.id, %error, ?delay, "poll failed, trying again");
                    sleep(delay).await;
                    continue;
                }
                Err(error) => {
                    // Nobody listens only when the task is being ended anyway.
                    let _ = self.batches.send(Err(error.context("poll"))).await;
                    return;
                }
            };
            // Where that takes long, something behind it does not move.
            self.progress.rest("deliver");
            if self.batches.send(Ok(Polled { records, share, at: began })).await.is_err() {
                return;
            }
        }
    }

    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.task.waits() {
            self.progress.rest("poll");
        } else {
            self.progress.enter("poll");
        }
        let idle = &self.idle;
        let poll = self.task.poll().instrument(spans::stage("poll"));
        tokio::pin!(poll);
        loop {
            if let Ok(polled) = timeout(IDLE_AFTER, &mut poll).await {
                return polled;
            }
            idle.send_if_modified(|idle| !std::mem::replace(idle, true));
            self.progress.empty_looks.add(1);
        }
    }

    fn set_idle(&self, idle: bool) {
        self.idle.send_if_modified(|now| std::mem::replace(now, idle) != idle);
    }
}

/// Tells the task of records that are done with; a failure is logged.
pub(super) async fn commit(id: &TaskId, task: &mut dyn SourceTask, done: &[SourceRecord], progress: &TaskProgress) {
    progress.enter("commit");
    if let Err(error) = task.commit(done).instrument(spans::batch("commit", done.len())).await {
        tracing::warn!(task = %id, ?error, "the task's commit failed; it goes on");
    }
}
