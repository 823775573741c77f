//! A source's task from its start to its end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use connect_api::{Error, Result, SourceTaskContext, StopSignal, TaskId};
use connect_kafka::producer::{Producer, ProducerConfig};
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, timeout};
use tracing::Instrument as _;

use super::deliver::Delivery;
use super::host::Host;
use super::offsets::OffsetFlusher;
use super::poller::{Poller, commit};
use super::topics::TopicMaker;
use super::tracker::Tracker;
use crate::convert::Encoded;
use crate::offsets::OffsetStore;
use crate::plugins::RunningSource;
use crate::spans;
use crate::worker::{Target, TaskParts};

/// What a source task needs.
pub(crate) struct SourceJob {
    pub(crate) parts: TaskParts,
    pub(crate) connector: RunningSource,
    pub(crate) split: String,
    pub(crate) producer: ProducerConfig,
    pub(crate) topics: Option<TopicMaker>,
    pub(crate) store: Arc<dyn OffsetStore>,
}

/// Runs a source task until it is told to stop or fails.
///
/// Whatever happens, at the end acknowledgements are awaited for a while, offsets are stored, and the task is
/// told of its last commits and stopped.
pub(crate) async fn run(job: SourceJob, stop: StopSignal) -> Result<()> {
    let SourceJob { parts: job, connector, split, producer, topics, store } = job;
    let host = Arc::new(Host { id: job.id.clone(), store: Arc::clone(&store) });
    let context = SourceTaskContext::new(job.id.clone(), stop.clone(), host);
    job.progress.enter("start");
    let start = || connector.task(&split, context.clone()).instrument(spans::stage("start"));
    let started = tokio::select! {
        biased;
        () = stop.stopped() => return Ok(()),
        task = crate::worker::retry_start(&job.id, Some(&job.progress), job.seed, start) => task?,
    };
    job.running.started();

    let (batches, mut polled) = mpsc::channel(1);
    let (committed, commits) = mpsc::unbounded_channel();
    let (idle, mut poller_idle) = watch::channel(false);
    let (poller_stop, poller_stopped) = StopSignal::new();
    let wants_commit = started.wants_commit();
    let poller = Poller {
        id: job.id.clone(),
        task: started,
        batches,
        committed: commits,
        stop: poller_stopped,
        target: job.target.clone(),
        budget: job.budget,
        progress: Arc::clone(&job.progress),
        idle,
        seed: job.seed,
    };
    let poller = crate::worker::Linked::spawn(poller.run().in_current_span());

    let mut delivery = Delivery {
        chain: job.chain,
        converters: job.converters,
        producer: Producer::new(job.broker, producer),
        topics,
        tracker: Tracker::new(wants_commit),
        failures: Arc::clone(&job.failures),
        progress: Arc::clone(&job.progress),
        encoded: Encoded::default(),
        keep_sent: job.failures.can_report(),
        sent: BTreeMap::new(),
        held: VecDeque::new(),
        seed: job.seed,
        uses: job.uses,
    };
    let mut flusher = OffsetFlusher::new(job.id.clone(), store, job.flush_timeout, Arc::clone(&job.progress));
    let mut flush = interval_at(Instant::now() + job.flush_interval, job.flush_interval);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut target = job.target;

    let ended: Result<()> = loop {
        let quiet = delivery.tracker.unfinished() == 0 && polled.is_empty() && *poller_idle.borrow_and_update();
        job.progress.set_quiet(quiet);
        job.progress.set_idle(quiet && !flusher.is_running() && !delivery.tracker.has_storable());
        tokio::select! {
            biased;
            () = stop.stopped() => break Ok(()),
            changed = target.changed() => match changed {
                Ok(()) => job.running.paused(*target.borrow_and_update() == Target::Paused),
                Err(_) => break Ok(()),
            },
            (storable, stored) = flusher.finished() => match stored {
                Ok(()) => {
                    if wants_commit {
                        // The poller is gone only when the task ends, which the next turn sees.
                        let _ = committed.send(storable.records);
                    }
                }
                Err(error) => {
                    tracing::warn!(task = %job.id, ?error, "offsets could not be stored, trying again later");
                    delivery.tracker.put_back(storable);
                }
            },
            ack = delivery.producer.next_ack() => {
                if let Err(error) = delivery.answered(ack).await {
                    break Err(error);
                }
            }
            _ = flush.tick() => flusher.start(&mut delivery.tracker),
            () = job.commit.notified() => flusher.start(&mut delivery.tracker),
            batch = polled.recv() => {
                let delivered = match batch {
                    Some(Ok(batch)) => tokio::select! {
                        biased;
                        () = stop.stopped() => break Ok(()),
                        delivered = delivery.batch(batch) => delivered,
                    },
                    Some(Err(error)) => Err(error),
                    // It ends by itself only after an error it told of, or by a panic, of which `end` tells.
                    None => break Ok(()),
                };
                if let Err(error) = delivered {
                    break Err(error);
                }
            }
            Ok(()) = poller_idle.changed() => {}
        }
    };
    job.progress.set_idle(false);
    finish(&job.id, job.flush_timeout, &mut delivery, &mut flusher, &committed, wants_commit).await;
    drop((polled, committed));
    poller_stop.stop();
    let (mut task, mut commits) = match poller.end().await {
        Ok(back) => back,
        Err(panicked) => return ended.and(Err(panicked)),
    };
    while let Ok(done) = commits.try_recv() {
        commit(&job.id, &mut *task, &done, &job.progress).await;
    }
    job.progress.enter("stop");
    if let Err(error) = task.stop().instrument(spans::stage("stop")).await {
        tracing::warn!(task = %job.id, ?error, "the task's stop failed");
    }
    ended
}

/// Waits for acknowledgements, then stores offsets, each within the flush timeout.
async fn finish(
    id: &TaskId,
    limit: Duration,
    delivery: &mut Delivery,
    flusher: &mut OffsetFlusher,
    committed: &mpsc::UnboundedSender<Vec<connect_api::SourceRecord>>,
    wants_commit: bool,
) {
    delivery.producer.flush_batches();
    let acks = async {
        loop {
            // Answers may have arrived that nobody took yet: then none is awaited, and all the same they count.
            let ack = match delivery.producer.try_ack() {
                Some(ack) => ack,
                None if delivery.producer.unacked().0 > 0 => delivery.producer.next_ack().await,
                None => return Ok::<_, Error>(()),
            };
            delivery.answered(ack).await?;
        }
    };
    match timeout(limit, acks).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(task = %id, ?error, "a record failed while the task ended"),
        Err(_) => tracing::warn!(
            task = %id,
            unacknowledged = delivery.producer.unacked().0,
            "records were not acknowledged in time; they will be sent again after a restart"
        ),
    }
    for _ in 0..2 {
        flusher.start_now(&mut delivery.tracker);
        if !flusher.is_running() {
            break;
        }
        let (storable, stored) = flusher.finished().await;
        match stored {
            Ok(()) if wants_commit => {
                let _ = committed.send(storable.records);
            }
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(task = %id, ?error, "offsets could not be stored; records since the last commit will be sent again");
                break;
            }
        }
    }
}
