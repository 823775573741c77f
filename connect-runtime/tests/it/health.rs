//! A task that hangs says so, and where; one that has nothing to do does not.

use std::sync::Arc;
use std::time::Duration;

use connect_api::{
    Delivery, Error, Flow, OffsetMap, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext,
    SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task, TopicPartition, Transform, async_trait,
};
use connect_runtime::testing::{Api, Fault, TestWorker};
use connect_runtime::{ErrorOptions, Health, RetryPolicy, SinkOptions, SourceOptions, State, sink_fn};
use tokio::sync::watch;

use crate::support::{Seen, sink};

const DEADLINE: Duration = Duration::from_secs(20);

/// Hangs in one call until it is let go.
#[derive(Debug, Clone)]
struct Gate {
    at: &'static str,
    open: watch::Receiver<bool>,
}

impl Gate {
    fn at(at: &'static str) -> (Self, watch::Sender<bool>) {
        let (opener, open) = watch::channel(false);
        (Self { at, open }, opener)
    }

    async fn pass(&self, call: &'static str) {
        if self.at == call {
            // The test that holds the other side has ended when this fails.
            let _ = self.open.clone().wait_for(|open| *open).await;
        }
    }
}

/// A sink that hangs in one of its calls.
struct Hanging(Gate);

#[async_trait]
impl SinkConnector for Hanging {
    const NAME: &'static str = "hanging";
    type Config = ();
    type Task = Self;

    async fn task(&self, (): &(), _: SinkTaskContext) -> Result<Self> {
        self.0.pass("start").await;
        Ok(Self(self.0.clone()))
    }
}

#[async_trait]
impl Task for Hanging {
    async fn stop(&mut self) -> Result<()> {
        self.0.pass("stop").await;
        Ok(())
    }
}

#[async_trait]
impl SinkTask for Hanging {
    async fn put(&mut self, _: &[SinkRecord]) -> Result<Delivery> {
        self.0.pass("put").await;
        Ok(Delivery::Buffered)
    }

    async fn flush(&mut self) -> Result<()> {
        self.0.pass("pre_commit").await;
        Ok(())
    }

    async fn open(&mut self, _: &[TopicPartition]) -> Result<()> {
        self.0.pass("open").await;
        Ok(())
    }
}

/// A source of one record, then of nothing, that hangs in one of its calls.
struct HangingSource(Gate, bool);

#[async_trait]
impl SourceConnector for HangingSource {
    const NAME: &'static str = "hanging";
    type Config = ();
    type Split = ();
    type Task = Self;

    async fn splits(&self, (): &(), _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, (): &(), (): (), _: SourceTaskContext) -> Result<Self> {
        self.0.pass("start").await;
        Ok(Self(self.0.clone(), false))
    }
}

#[async_trait]
impl Task for HangingSource {
    async fn stop(&mut self) -> Result<()> {
        self.0.pass("stop").await;
        Ok(())
    }
}

#[async_trait]
impl SourceTask for HangingSource {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if std::mem::replace(&mut self.1, true) {
            self.0.pass("poll").await;
            self.0.pass("wait").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Ok(Vec::new());
        }
        let partition = Arc::new(OffsetMap::of("source", "one"));
        Ok(vec![SourceRecord::new(Record::new("t", "a"), partition, OffsetMap::of("n", 1i64))])
    }

    async fn commit(&mut self, _: &[SourceRecord]) -> Result<()> {
        self.0.pass("commit").await;
        Ok(())
    }

    fn wants_commit(&self) -> bool {
        true
    }

    fn waits(&self) -> bool {
        self.0.at == "wait"
    }
}

/// A transform that needs what is not there.
struct Away;

impl Transform for Away {
    fn transform(&self, _: &mut Record) -> Result<Flow> {
        Err(Error::retriable("the registry is away"))
    }
}

fn health(worker: &TestWorker, connector: &str) -> (Health, &'static str) {
    let health = worker.status(connector).tasks[0].health;
    (health.health, health.stage)
}

/// STALLED in `stage` and nothing else a while after the deadline, RUNNING for Connect, and not before the deadline.
async fn stalls(worker: &TestWorker, connector: &str, stage: &str) {
    worker.advance(DEADLINE - Duration::from_secs(2)).await;
    assert_ne!(health(worker, connector).0, Health::Stalled, "{stage}: {:?}", worker.status(connector));
    worker.advance(DEADLINE).await;
    let status = worker.status(connector);
    assert_eq!(health(worker, connector), (Health::Stalled, stage), "{status:?}");
    let since = status.tasks[0].health.since;
    assert!(since >= DEADLINE && since <= DEADLINE * 2, "{stage}: {since:?}");
    let started = !matches!(stage, "start" | "open");
    if started {
        assert_eq!((status.worst_state(), status.worst()), (State::Running, "STALLED"));
    }
    let labels = [("connector", connector), ("task", "0")];
    assert_eq!(worker.worker().metrics().number("connect_task_stalled", &labels), Some(1.0));
    let labels = [("connector", connector), ("stage", stage)];
    let age = worker.worker().metrics().number("connect_task_stage_age_seconds", &labels);
    assert!(age.is_some_and(|age| age >= DEADLINE.as_secs_f64()), "{stage}: {age:?}");
}

async fn is_well(worker: &TestWorker, connector: &str) {
    worker.advance(Duration::from_secs(10)).await;
    assert_eq!(health(worker, connector).0, Health::Idle, "{:?}", worker.status(connector));
    assert_eq!(worker.status(connector).worst(), "RUNNING");
}

fn sink_options() -> SinkOptions {
    sink("t").progress_deadline(DEADLINE)
}

fn source_options() -> SourceOptions {
    SourceOptions::new("source").progress_deadline(DEADLINE)
}

/// Commits each second, so that a flush that hangs begins soon.
async fn worker() -> TestWorker {
    let config = connect_runtime::WorkerConfig {
        offset_flush_interval: connect_api::config::Millis::new(1000),
        ..connect_runtime::WorkerConfig::default()
    };
    TestWorker::builder().config(config).start().await
}

#[tokio::test(start_paused = true)]
async fn a_sink_stalls_where_a_call_hangs_and_no_longer() {
    for at in ["start", "open", "put", "pre_commit"] {
        let worker = worker().await;
        worker.send_all("t", ["a"]).await;
        let (gate, open) = Gate::at(at);
        worker.start_sink(sink_options(), Hanging(gate), ()).await;
        stalls(&worker, "sink", at).await;
        open.send_replace(true);
        worker.drained().await;
        is_well(&worker, "sink").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_stalls_where_a_call_hangs_and_no_longer() {
    for at in ["start", "poll", "commit"] {
        let worker = worker().await;
        let (gate, open) = Gate::at(at);
        worker.start_source(source_options(), HangingSource(gate, false), ()).await;
        stalls(&worker, "source", at).await;
        open.send_replace(true);
        is_well(&worker, "source").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_hangs_is_seen_while_it_does() {
    let config = connect_runtime::WorkerConfig {
        task_shutdown_graceful_timeout: connect_api::config::Millis::new(60_000),
        ..connect_runtime::WorkerConfig::default()
    };
    let worker = TestWorker::builder().config(config).start().await;
    worker.topic("t", 1).await;
    let (gate, _open) = Gate::at("stop");
    worker.start_sink(sink_options(), Hanging(gate.clone()), ()).await;
    worker.start_source(source_options(), HangingSource(gate, false), ()).await;
    worker.advance(Duration::from_secs(5)).await;
    let handle = worker.worker().clone();
    let stopping = tokio::spawn(async move { tokio::join!(handle.stop("sink"), handle.stop("source")) });
    worker.advance(Duration::from_secs(1)).await;
    for connector in ["sink", "source"] {
        assert_ne!(health(&worker, connector).0, Health::Stalled);
    }
    worker.advance(DEADLINE).await;
    for connector in ["sink", "source"] {
        assert_eq!(health(&worker, connector), (Health::Stalled, "stop"), "{connector}");
    }
    let (sink, source) = stopping.await.unwrap();
    assert!(sink.is_err() && source.is_err(), "they had to be aborted");
}

#[tokio::test(start_paused = true)]
async fn a_source_stalls_when_kafka_takes_nothing() {
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.faults().inject(Fault::silence(Api::Produce));
    let (gate, _open) = Gate::at("nowhere");
    worker.start_source(source_options(), HangingSource(gate, false), ()).await;
    stalls(&worker, "source", "produce").await;
    worker.faults().clear();
    worker.drained().await;
    is_well(&worker, "source").await;
}

#[tokio::test(start_paused = true)]
async fn a_task_stalls_while_records_cannot_be_changed_or_converted() {
    let forever = ErrorOptions {
        retry: RetryPolicy { budget: None, longest: Duration::from_secs(1), ..RetryPolicy::NONE },
        ..ErrorOptions::default()
    };
    let worker = worker().await;
    worker.send_all("t", ["a"]).await;
    let seen = Seen::default();
    let options = sink_options().errors(forever.clone()).transform("away", Away);
    worker.start_sink(options, seen.taking(), ()).await;
    stalls(&worker, "sink", "transform").await;
    let (gate, _open) = Gate::at("nowhere");
    let options = source_options().errors(forever).transform("away", Away);
    worker.start_source(options, HangingSource(gate, false), ()).await;
    stalls(&worker, "source", "transform").await;
    assert_eq!(seen.puts(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_sink_stalls_when_offsets_cannot_be_committed() {
    let worker = worker().await;
    worker.send_all("t", ["a"]).await;
    worker.faults().inject(Fault::silence(Api::CommitOffsets));
    let seen = Seen::default();
    worker.start_sink(sink_options(), seen.taking(), ()).await;
    stalls(&worker, "sink", "commit").await;
    worker.faults().clear();
    worker.drained().await;
    is_well(&worker, "sink").await;
}

#[tokio::test(start_paused = true)]
async fn a_put_that_is_refused_for_ever_does_not_move() {
    let worker = worker().await;
    worker.send_all("t", ["a"]).await;
    let refusing = sink_fn(|_: Vec<SinkRecord>| async { Err(Error::retriable("connection refused")) });
    worker.start_sink(sink_options(), refusing, ()).await;
    stalls(&worker, "sink", "wait before the next put").await;
    assert_eq!(worker.status("sink").tasks[0].trouble.as_deref(), Some("put: connection refused"));
}

#[tokio::test(start_paused = true)]
async fn who_has_nothing_to_do_is_idle() {
    let worker = worker().await;
    worker.topic("t", 1).await;
    let seen = Seen::default();
    worker.start_sink(sink_options(), seen.taking(), ()).await;
    for (name, at) in [("empty", "nowhere"), ("waiting", "wait")] {
        let (gate, open) = Gate::at(at);
        let options = SourceOptions::new(name).progress_deadline(DEADLINE);
        worker.start_source(options, HangingSource(gate, false), ()).await;
        worker.advance(Duration::from_secs(3600)).await;
        assert_eq!(health(&worker, name), (Health::Idle, "poll"));
        drop(open);
    }
    assert_eq!(health(&worker, "sink"), (Health::Idle, "wait for records"));
    let (gate, open) = Gate::at("poll");
    worker.start_source(source_options(), HangingSource(gate, false), ()).await;
    worker.worker().pause("source").await.unwrap();
    open.send_replace(true);
    worker.advance(Duration::from_secs(3600)).await;
    assert_eq!(health(&worker, "source"), (Health::Idle, "paused"));
    assert_eq!(worker.status("source").worst(), "PAUSED");
    worker.worker().stop("sink").await.unwrap();
    assert_eq!(worker.status("sink").worst(), "STOPPED");
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_nothing_is_called_stalled() {
    let worker = worker().await;
    worker.send_all("t", ["a"]).await;
    let (gate, _open) = Gate::at("put");
    worker.start_sink(sink("t").progress_deadline(Duration::ZERO), Hanging(gate), ()).await;
    worker.advance(Duration::from_secs(86_400)).await;
    assert_eq!(health(&worker, "sink"), (Health::Working, "put"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_is_down_and_not_stalled() {
    let worker = worker().await;
    worker.send_all("t", ["a"]).await;
    let failing = sink_fn(|_: Vec<SinkRecord>| async { Err(Error::fatal("out of cheese")) });
    worker.start_sink(sink_options(), failing, ()).await;
    worker.advance(Duration::from_secs(60)).await;
    let status = worker.status("sink");
    assert_eq!((status.tasks[0].health.health, status.worst()), (Health::Down, "FAILED"));
}
