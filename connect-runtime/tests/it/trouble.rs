//! Connectors that hang, panic, and fail for ever: they harm nobody but themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use connect_api::{Delivery, Error, Flow, OffsetMap, Record, Result, SinkRecord, Transform, Value};
use connect_runtime::testing::TestWorker;
use connect_runtime::{
    ErrorOptions, RestartOptions, RetryPolicy, SinkOptions, SourceOptions, State, sink_fn, source_fn,
};
use tokio::time::Instant;

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
    let began = Instant::now();
    let error = worker.worker().stop("sink").await.unwrap_err().to_string();
    assert!(began.elapsed() <= Duration::from_secs(6), "{:?}", began.elapsed());
    assert!(error.contains("it was in put since 6"), "{error}");
    assert_eq!(worker.worker().status("sink").unwrap().state, State::Stopped);
    assert_eq!(worker.state("other"), State::Running);
    assert_eq!(worker.committed("sink", "t"), [0]);
}

/// How a sink's `put` or a source's `poll` goes wrong, until it is mended.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Panics,
    Fails,
    /// A retriable error.
    Refuses,
}

impl Wrong {
    fn happen(self) -> Result<()> {
        match self {
            Self::Panics => panic!("out of cheese"),
            Self::Fails => Err(Error::fatal("no such table")),
            Self::Refuses => Err(Error::retriable("connection refused")),
        }
    }
}

/// A sink and a source that go wrong until `mended`, beside a sink and a source that are well.
async fn beside_others(wrong: Wrong, mended: &Arc<AtomicBool>) -> (TestWorker, Seen, Seen) {
    let worker = TestWorker::start().await;
    worker.send_all("t", numbers(3).iter().map(String::as_str)).await;
    let (seen, others) = (Seen::default(), Seen::default());
    let well = Arc::clone(mended);
    let bad = seen.sink(move |seen, records| {
        if !well.load(Ordering::Relaxed) {
            wrong.happen()?;
        }
        seen.take(records)
    });
    worker.start_sink(sink("t"), bad, ()).await;
    let well = Arc::clone(mended);
    let bad = source_fn(move |after: Option<OffsetMap>| {
        let well = Arc::clone(&well);
        async move {
            if !well.load(Ordering::Relaxed) {
                wrong.happen()?;
            }
            let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
            Ok((next..3).map(|n| (Record::new("from-bad", n.to_string()), OffsetMap::of("n", n))).collect())
        }
    });
    worker.start_source(SourceOptions::new("source"), bad, ()).await;
    worker.start_sink(SinkOptions::new("other", ["t"]), others.taking(), ()).await;
    let other = source_fn(async |after: Option<OffsetMap>| {
        let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(vec![(Record::new("from-other", next.to_string()), OffsetMap::of("n", next))])
    });
    worker.start_source(SourceOptions::new("other source"), other, ()).await;
    (worker, seen, others)
}

/// The others go on as if nothing were.
async fn check_others(worker: &TestWorker, others: &Seen, text: &str) {
    let came = worker.values("from-other").len();
    worker.send_all("t", [text]).await;
    worker.until(|| others.all().last().is_some_and(|last| last == text)).await;
    worker.until(|| worker.values("from-other").len() > came).await;
    for name in ["other", "other source"] {
        let task = &worker.status(name).tasks[0];
        assert_eq!((worker.state(name), &task.trouble, task.restarts), (State::Running, &None, 0), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_goes_wrong_for_ever_is_told_harms_no_other_and_is_stopped_in_time() {
    for wrong in [Wrong::Panics, Wrong::Fails, Wrong::Refuses] {
        let (worker, seen, others) = beside_others(wrong, &Arc::default()).await;
        for look in 0..2 {
            worker.advance(Duration::from_secs(200)).await;
            for (name, call) in [("sink", "put"), ("source", "poll")] {
                let status = worker.status(name);
                let task = &status.tasks[0];
                match wrong {
                    Wrong::Refuses => {
                        assert_eq!((status.state, task.state, &task.trace), (State::Running, State::Running, &None));
                        assert_eq!(task.trouble, Some(format!("{call}: connection refused")), "{name}");
                        assert!(task.counts.retries > 20 * (look + 1), "{name}: {:?}", task.counts);
                    }
                    Wrong::Panics | Wrong::Fails => {
                        assert_eq!((status.state, task.state, &task.trouble), (State::Running, State::Failed, &None));
                        let why = match wrong {
                            Wrong::Panics => "the connector panicked: out of cheese".to_owned(),
                            _ => format!("{call}: no such table"),
                        };
                        let trace = task.trace.as_deref().unwrap();
                        assert!(trace.contains(&why), "{name}: {trace}");
                    }
                }
            }
            check_others(&worker, &others, &format!("look {look}")).await;
        }
        assert_eq!((worker.committed("sink", "t"), seen.puts()), (vec![0], 0));
        for name in ["sink", "source"] {
            let began = Instant::now();
            worker.worker().stop(name).await.unwrap();
            assert!(began.elapsed() < Duration::from_secs(5), "{wrong:?} {name}: {:?}", began.elapsed());
            assert_eq!(worker.state(name), State::Stopped, "{name}");
        }
        check_others(&worker, &others, "after").await;
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_cause_is_mended_nothing_is_missing() {
    for wrong in [Wrong::Panics, Wrong::Fails, Wrong::Refuses] {
        let mended = Arc::new(AtomicBool::new(false));
        let (worker, seen, others) = beside_others(wrong, &mended).await;
        worker.advance(Duration::from_secs(60)).await;
        if !matches!(wrong, Wrong::Refuses) {
            // A restart alone mends nothing, and harms nobody.
            for name in ["sink", "source"] {
                worker.worker().restart_task(name, 0).await.unwrap();
            }
            worker.until(|| ["sink", "source"].iter().all(|name| worker.state(name) == State::Failed)).await;
            check_others(&worker, &others, "still").await;
        }
        mended.store(true, Ordering::Relaxed);
        if !matches!(wrong, Wrong::Refuses) {
            for name in ["sink", "source"] {
                worker.worker().restart_task(name, 0).await.unwrap();
            }
        }
        worker.until(|| seen.all().len() >= 3 && worker.values("from-bad").len() >= 3).await;
        worker.advance(Duration::from_secs(120)).await;
        assert_eq!(seen.all(), others.all(), "{wrong:?}");
        assert_eq!(worker.values("from-bad"), numbers(3), "{wrong:?}");
        assert_eq!(worker.committed("sink", "t"), worker.committed("other", "t"), "{wrong:?}");
        for name in ["sink", "source"] {
            let task = &worker.status(name).tasks[0];
            assert_eq!((task.state, &task.trace, &task.trouble), (State::Running, &None, &None), "{wrong:?} {name}");
        }
    }
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
    let began = Instant::now();
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
