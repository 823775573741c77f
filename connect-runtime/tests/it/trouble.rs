//! Connectors that hang, panic, and fail for ever: they harm nobody but themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use connect_api::{Delivery, Error, Flow, OffsetMap, Record, Result, SinkRecord, Transform, Value};
use connect_runtime::testing::TestWorker;
use connect_runtime::{
    ErrorOptions, RestartOptions, RetryPolicy, SinkOptions, SourceOptions, State, sink_fn, source_fn,
};

use crate::support::{Seen, numbers, sink};

/// Fails so many times, then takes everything.
fn failing(times: usize, error: fn() -> Error) -> impl Fn(&Seen, &[SinkRecord]) -> Result<Delivery> {
    let attempts = AtomicUsize::new(0);
    move |seen, records| {
        if attempts.fetch_add(1, Ordering::Relaxed) < times { Err(error()) } else { seen.take(records) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_sink_is_stopped_in_time_and_says_where_it_hung() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["a"]).await;
    let hang = sink_fn(|_: Vec<SinkRecord>| async {
        std::future::pending::<()>().await;
        Ok(Delivery::Durable)
    });
    worker.start_sink(sink("t"), hang, ()).await;
    let seen = Seen::default();
    worker.start_sink(SinkOptions::new("other", ["t"]), seen.taking(), ()).await;
    worker.until(|| worker.status("sink").tasks[0].doing.0 == "put" && seen.puts() == 1).await;
    worker.advance(Duration::from_secs(60)).await;
    assert_eq!(worker.state("sink"), State::Running, "as in Kafka Connect");
    assert!(worker.status("sink").tasks[0].doing.1 >= Duration::from_secs(60));
    let began = tokio::time::Instant::now();
    let error = worker.worker().stop("sink").await.unwrap_err().to_string();
    assert!(began.elapsed() <= Duration::from_secs(6), "{:?}", began.elapsed());
    assert!(error.contains("it was in put since 6"), "{error}");
    assert_eq!(worker.worker().status("sink").unwrap().state, State::Stopped);
    assert_eq!(worker.state("other"), State::Running);
    assert_eq!(worker.committed("sink", "t"), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_its_own_task() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["a"]).await;
    worker.start_sink(sink("t"), sink_fn(|_: Vec<SinkRecord>| async { panic!("out of cheese") }), ()).await;
    let panics = source_fn(|_: Option<OffsetMap>| async { panic!("out of wine") });
    worker.start_source(SourceOptions::new("source"), panics, ()).await;
    let seen = Seen::default();
    worker.start_sink(SinkOptions::new("other", ["t"]), seen.taking(), ()).await;
    worker
        .until(|| worker.state("sink") == State::Failed && worker.state("source") == State::Failed && seen.puts() == 1)
        .await;
    assert!(worker.trace("sink").contains("panicked: out of cheese"), "{}", worker.trace("sink"));
    assert!(worker.trace("source").contains("panicked: out of wine"), "{}", worker.trace("source"));
    assert_eq!(worker.state("other"), State::Running);
    assert_eq!(worker.committed("sink", "t"), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_away_gets_everything_when_it_is_back() {
    let worker = TestWorker::start().await;
    worker.send_all("t", numbers(10).iter().map(String::as_str)).await;
    let seen = Seen::default();
    let away = seen.sink(failing(20, || Error::retriable("connection refused")));
    worker.start_sink(sink("t"), away, ()).await;
    worker.until(|| seen.puts() == 1).await;
    worker.drained().await;
    assert_eq!(seen.all(), numbers(10));
    assert_eq!(worker.status("sink").tasks[0].counts.retries, 20);
}

/// Marks each record, and fails twice after that.
#[derive(Default)]
struct Stumbles(AtomicUsize);

impl Transform for Stumbles {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.value = Value::from(format!("{}!", record.value.value)).into();
        match self.0.fetch_add(1, Ordering::Relaxed) % 3 {
            2 => Ok(Flow::Keep),
            _ => Err(Error::retriable("not now")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_transform_that_is_tried_again_gets_the_record_as_it_was() {
    let worker = TestWorker::start().await;
    let errors = ErrorOptions { retry: RetryPolicy::FOREVER, ..ErrorOptions::default() };
    let source = source_fn(async |after: Option<OffsetMap>| {
        let records = ["a", "b"].into_iter().zip(1..).map(|(text, n)| (Record::new("t", text), OffsetMap::of("n", n)));
        Ok(if after.is_none() { records.collect() } else { Vec::new() })
    });
    let options = SourceOptions::new("source").transform("stumbles", Stumbles::default()).errors(errors.clone());
    worker.start_source(options, source, ()).await;
    worker.drained().await;
    assert_eq!(worker.values("t"), ["a!", "b!"]);
    let seen = Seen::default();
    let options = sink("t").transform("stumbles", Stumbles::default()).errors(errors);
    worker.start_sink(options, seen.taking(), ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), ["a!!", "b!!"]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_fails_for_ever_stops_at_once() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["a"]).await;
    let away = sink_fn(|_: Vec<SinkRecord>| async {
        Err::<Delivery, _>(Error::retriable("connection refused").retry_after(Duration::from_secs(3600)))
    });
    worker.start_sink(sink("t"), away, ()).await;
    worker.until(|| worker.status("sink").tasks[0].counts.retries == 1).await;
    let began = tokio::time::Instant::now();
    worker.worker().stop("sink").await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    assert_eq!(worker.committed("sink", "t"), [0]);
}

#[tokio::test(start_paused = true)]
async fn failed_tasks_start_again_when_told_so() {
    let worker = TestWorker::start().await;
    worker.send_all("t", numbers(3).iter().map(String::as_str)).await;
    let seen = Seen::default();
    let flaky = seen.sink(failing(3, || Error::fatal("the disk is on fire")));
    worker.start_sink(sink("t").restart_failed(RetryPolicy::FOREVER), flaky, ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), numbers(3));
    assert_eq!(worker.status("sink").tasks[0].restarts, 3);
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_stays_so_until_it_is_restarted() {
    let worker = TestWorker::start().await;
    let broken = Arc::new(AtomicBool::new(true));
    let switch = broken.clone();
    let source = source_fn(move |after: Option<OffsetMap>| {
        let broken = switch.clone();
        async move {
            if broken.load(Ordering::Relaxed) {
                return Err(Error::fatal("no such table"));
            }
            let next = after.and_then(|offset| offset.get_i64("n")).unwrap_or(0) + 1;
            Ok((next..=3).map(|n| (Record::new("t", n.to_string()), OffsetMap::of("n", n))).collect())
        }
    });
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    worker.until(|| worker.state("source") == State::Failed).await;
    worker.advance(Duration::from_secs(3600)).await;
    assert_eq!(worker.state("source"), State::Failed);
    assert!(worker.trace("source").contains("poll: no such table"), "{}", worker.trace("source"));
    broken.store(false, Ordering::Relaxed);
    worker.worker().restart("source", RestartOptions { include_tasks: true, only_failed: true }).await.unwrap();
    worker.drained().await;
    assert_eq!(worker.values("t"), ["1", "2", "3"]);
    let unknown = worker.worker().restart_task("source", 7).await.unwrap_err().to_string();
    assert!(unknown.contains("has no task 7; it has 1 tasks"), "{unknown}");
}
