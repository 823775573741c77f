//! A sink's task from its start to its end: the loop between the consumer and the driver.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use connect_api::{Error, Result, SinkTaskContext, StopSignal, TaskId};
use connect_kafka::consumer::{ConsumerError, FetchedBatches, GroupConfig, GroupConsumer, Subscription};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tracing::Instrument as _;

use super::asks::{Ask, Proof};
use super::commits::answer;
use super::decode::Decoder;
use super::driver::{Driver, Told};
use super::host::{Asked, Host};
use super::lot::Lot;
use super::reread::{MakeClient, Reread};
use super::watermark::Watermark;
use crate::budget::ByteBudget;
use crate::health::Lane;
use crate::plugins::RunningSink;
use crate::progress::TaskProgress;
use crate::spans;
use crate::worker::{Linked, Running, Target, TaskParts};

/// How long enough may be waiting for the task before partitions are paused.
const HOLD_AFTER: Duration = Duration::from_secs(1);

/// Fetched bytes that wait for the task before no more are taken.
const QUEUE_BYTES: usize = 2 << 20;

/// What a sink task needs.
pub(crate) struct SinkJob {
    pub(crate) parts: TaskParts,
    pub(crate) connector: RunningSink,
    pub(crate) group: GroupConfig,
    pub(crate) subscription: Subscription,
    pub(crate) max_poll_records: usize,
    /// For a client beside the consumer's.
    pub(crate) second: MakeClient,
}

/// Runs a sink task until it is told to stop or fails.
///
/// Whatever happens, at the end what is proven is committed, partitions are closed, and the task is stopped.
pub(crate) async fn run(job: SinkJob, stop: StopSignal) -> Result<()> {
    let SinkJob { parts: job, connector, group, subscription, max_poll_records, second } = job;
    let host = Arc::new(Host {
        assignment: Mutex::default(),
        asked: Mutex::new(Asked::default()),
        commit: Arc::clone(&job.commit),
        failures: Arc::clone(&job.failures),
        converters: job.converters.clone(),
        raw: Mutex::default(),
        reread: Reread::new(second, &group.fetch),
    });
    let context = SinkTaskContext::new(job.id.clone(), stop.clone(), Arc::<Host>::clone(&host));
    job.progress.enter("start");
    let start = || connector.task(context.clone()).instrument(spans::stage("start"));
    let task = tokio::select! {
        biased;
        () = stop.stopped() => return Ok(()),
        task = crate::worker::retry_start(&job.id, Some(&job.progress), job.seed, start) => task?,
    };
    let (lots_in, lots) = mpsc::channel(1);
    let (asks_in, asks) = mpsc::channel(4);
    let (told_in, told) = mpsc::unbounded_channel();
    let driver = Driver {
        id: job.id.clone(),
        task,
        lots,
        asks,
        told: told_in,
        host: Arc::clone(&host),
        watermark: Watermark::default(),
        max_records: max_poll_records,
        epoch: 0,
        fresh_from: BTreeMap::new(),
        progress: Arc::clone(&job.progress),
        seed: job.seed,
        runs: Vec::new(),
    };
    let mut driver = Linked::spawn(driver.run().in_current_span());
    let decoder = Decoder {
        converters: job.converters,
        chain: job.chain,
        failures: job.failures,
        progress: Arc::clone(&job.progress),
        max_records: max_poll_records,
        seed: job.seed,
        queue: VecDeque::new(),
        origins: Vec::new(),
        uses: job.uses,
    };
    let rebalance_timeout = group.rebalance_timeout;
    let consumer = GroupConsumer::new(job.broker, group, subscription);
    let mut sink = Loop {
        id: job.id.clone(),
        consumer,
        decoder,
        lots: lots_in,
        asks: asks_in,
        told,
        host,
        budget: job.budget,
        flush_interval: job.flush_interval,
        flush_timeout: job.flush_timeout,
        rebalance_timeout,
        progress: Arc::clone(&job.progress),
        running: job.running,
        target: job.target,
        commit: job.commit,
        fetched: None,
        proving: None,
        proving_covers: None,
        not_before: Instant::now(),
        lots_sent: 0,
        in_driver: 0,
        epoch: 0,
        full_since: None,
        held: false,
        uncommitted: false,
    };
    sink.running.started();
    let ended = tokio::select! {
        biased;
        () = stop.stopped() => Ok(()),
        ended = sink.run() => ended,
        // The driver ends before it is told to only when the task failed; why is asked below.
        () = driver.done() => Ok(()),
    };
    job.progress.set_idle(false);
    job.progress.set_reach(Vec::new());
    job.progress.taken().clear();
    job.progress.lanes.clear(Lane::Way);
    sink.end().await;
    drop(sink);
    match driver.end().await {
        Ok((mut task, served)) => {
            job.progress.enter("stop");
            if let Err(error) = task.stop().instrument(spans::stage("stop")).await {
                tracing::warn!(task = %job.id, ?error, "the task's stop failed");
            }
            // What went wrong in the task says more than that the driver has ended.
            served.and(ended)
        }
        Err(panicked) => Err(panicked),
    }
}

/// Between the consumer and the driver.
pub(super) struct Loop {
    pub(super) id: TaskId,
    pub(super) consumer: GroupConsumer,
    pub(super) decoder: Decoder,
    pub(super) lots: mpsc::Sender<Lot>,
    pub(super) asks: mpsc::Sender<Ask>,
    pub(super) told: mpsc::UnboundedReceiver<Told>,
    pub(super) host: Arc<Host>,
    pub(super) budget: ByteBudget,
    pub(super) flush_interval: Duration,
    pub(super) flush_timeout: Duration,
    pub(super) rebalance_timeout: Duration,
    pub(super) progress: Arc<TaskProgress>,
    pub(super) running: Running,
    pub(super) target: watch::Receiver<Target>,
    pub(super) commit: Arc<Notify>,
    /// Fetched, and waiting for its share of the memory budget.
    pub(super) fetched: Option<FetchedBatches>,
    /// A commit under way: the driver's answer is awaited.
    pub(super) proving: Option<oneshot::Receiver<Result<Proof>>>,
    /// How many lots were sent when it was asked with none in the driver: what the answer covers.
    pub(super) proving_covers: Option<u64>,
    /// After a commit that failed the next one waits a while, whoever asks for it.
    pub(super) not_before: Instant,
    pub(super) lots_sent: u64,
    /// Lots that the driver has.
    pub(super) in_driver: usize,
    pub(super) epoch: u64,
    /// Since when enough is waiting for the task.
    pub(super) full_since: Option<Instant>,
    /// Whether partitions are paused for that.
    pub(super) held: bool,
    /// Whether something was put since the last commit that left nothing behind.
    pub(super) uncommitted: bool,
}

impl Loop {
    async fn run(&mut self) -> Result<()> {
        let mut flush = interval_at(Instant::now() + self.flush_interval, self.flush_interval);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut lot: Option<Lot> = None;
        let commit = Arc::clone(&self.commit);
        let lots = self.lots.clone();
        loop {
            if lot.is_none() && !self.decoder.is_empty() {
                let next = self.decoder.next_lot(self.epoch).await?;
                // A lot without ends came from batches of nothing but stale records.
                lot = (!next.ends.is_empty()).then_some(next);
                continue;
            }
            self.throttle();
            self.show_idle(lot.is_some());
            let waiting = self.fetched.as_ref().map(FetchedBatches::bytes);
            let now = Instant::now();
            let listens = self.fetched.is_none() && (self.full_since.is_none() || self.held);
            tokio::select! {
                biased;
                told = self.told.recv() => match told {
                    Some(told) => self.hear(told, &[], &mut lot),
                    None => return Err(Error::fatal("the task has ended")),
                },
                changed = self.target.changed() => {
                    if changed.is_err() { return Ok(()) }
                    let paused = *self.target.borrow_and_update() == Target::Paused;
                    self.apply_pauses();
                    self.running.paused(paused);
                    commit.notify_one();
                }
                proven = answer(&mut self.proving) => {
                    self.proving = None;
                    self.proven(proven).await?;
                }
                _ = flush.tick() => self.prove(),
                () = commit.notified() => self.prove(),
                permit = lots.reserve(), if lot.is_some() => {
                    let (Ok(permit), Some(next)) = (permit, lot.take()) else {
                        return Err(Error::fatal("the task has ended"));
                    };
                    self.in_driver += 1;
                    self.lots_sent += 1;
                    self.uncommitted = true;
                    permit.send(next);
                }
                share = self.budget.take(waiting.unwrap_or_default()), if waiting.is_some() => {
                    if let (Some(share), Some(fetched)) = (share, self.fetched.take()) {
                        self.decoder.add(fetched, share);
                    }
                }
                () = sleep_until(self.full_since.unwrap_or(now) + HOLD_AFTER), if self.full_since.is_some() && !self.held => {
                    self.held = true;
                    self.apply_pauses();
                }
                event = self.consumer.next(), if listens => match event {
                    Ok(event) => self.event(event, &mut lot).await?,
                    Err(error) => return Err(consumer_error(error)),
                },
            }
        }
    }

    /// Takes no more from the consumer while enough is waiting for the task. When that lasts, partitions are paused
    /// instead, so that rebalances are heard of; that throws away what was fetched ahead, so not at once.
    fn throttle(&mut self) {
        let limit = if self.full_since.is_some() { QUEUE_BYTES / 2 } else { QUEUE_BYTES };
        if self.decoder.bytes() >= limit {
            self.full_since.get_or_insert_with(Instant::now);
        } else if self.full_since.take().is_some() && std::mem::take(&mut self.held) {
            self.apply_pauses();
        }
    }

    fn show_idle(&self, has_lot: bool) {
        self.progress.set_reach(self.consumer.reach());
        let quiet = !has_lot && self.in_driver == 0 && self.fetched.is_none() && self.decoder.is_empty();
        self.progress.set_quiet(quiet);
        let idle = quiet && !self.uncommitted;
        if idle {
            self.progress.set_arrived(self.consumer.positions());
        }
        self.progress.set_idle(idle);
    }

    /// Ends in order: what is proven is committed, partitions are closed, the group is left.
    async fn end(&mut self) {
        let (answer, closed) = oneshot::channel();
        if self.asks.send(Ask::End(answer)).await.is_ok() {
            match closed.await {
                Ok(Ok(offsets)) => {
                    self.commit_now(offsets).await;
                }
                Ok(Err(error)) => {
                    tracing::warn!(task = %self.id, ?error, "the last records could not be proven; they will be put again")
                }
                Err(_) => {}
            }
        }
        let leave = self.consumer.leave();
        match timeout(self.flush_timeout, leave).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(task = %self.id, %error, "the group was not left; the session will run out")
            }
            Err(_) => tracing::debug!(task = %self.id, "the group was not left in time; the session will run out"),
        }
    }
}

pub(super) fn consumer_error(error: ConsumerError) -> Error {
    Error::fatal("the consumer failed").with_source(error)
}
