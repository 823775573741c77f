//! What is under way in all tasks together stays within `memory.budget.bytes`, and one batch of each task that waits
//! for its share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connect_api::{Delivery, OffsetMap, Record, SinkRecord};
use connect_kafka::{InMemoryBroker, TopicPartition};
use connect_runtime::testing::{Api, Fault, TestWorker};
use connect_runtime::{SinkOptions, SourceOptions, WorkerConfig, sink_fn, source_fn};

const TASKS: usize = 4;

fn config(budget: usize) -> WorkerConfig {
    let properties = BTreeMap::from([("memory.budget.bytes".to_owned(), budget.to_string())]);
    connect_api::config::parse::<WorkerConfig>(&properties).unwrap().config
}

/// Bytes that connectors hand out, and that have not come back.
#[derive(Debug, Default)]
struct Held {
    out: AtomicUsize,
    most: AtomicUsize,
}

impl Held {
    fn seen(&self, held: usize) {
        self.most.fetch_max(held, Ordering::Relaxed);
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_broker_holds_fast_sources_back() {
    const RECORD: usize = 1000;
    const BATCH: usize = 100 * RECORD;
    const BATCHES: i64 = 30;
    for budget in [2 << 20, 700_000, BATCH / 2] {
        let worker = TestWorker::builder().config(config(budget)).start().await;
        let broker = worker.broker().clone();
        let topics: Vec<_> = (0..TASKS).map(|number| format!("t{number}")).collect();
        for topic in &topics {
            worker.topic(topic, 1).await;
        }
        worker.faults().inject(Fault::delay(Api::Produce, Duration::from_secs(2)));
        let acknowledged = {
            let (broker, topics) = (broker.clone(), topics.clone());
            move || topics.iter().map(|topic| log_end(&broker, topic) * RECORD).sum::<usize>()
        };
        let held = Arc::new(Held::default());
        for topic in &topics {
            let (held, acknowledged, to) = (Arc::clone(&held), acknowledged.clone(), topic.clone());
            let fast = source_fn(move |after: Option<OffsetMap>| {
                let batch = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
                let record = || (Record::new(to.as_str(), "x".repeat(RECORD)), OffsetMap::of("n", batch));
                let records: Vec<_> = (0..100).filter(|_| batch < BATCHES).map(|_| record()).collect();
                let out = held.out.fetch_add(records.len() * RECORD, Ordering::Relaxed) + records.len() * RECORD;
                held.seen(out - acknowledged());
                async { Ok(records) }
            });
            worker.start_source(SourceOptions::new(topic.as_str()), fast, ()).await;
        }
        worker.drained().await;
        let (most, allowed) = (held.most(), budget.max(BATCH) + TASKS * BATCH);
        assert!(most <= allowed, "{most} bytes were under way with a budget of {budget}, allowed are {allowed}");
        assert!(most > budget / 2, "{most} bytes: the budget of {budget} is there to be used");
        assert_eq!(acknowledged(), TASKS * BATCHES as usize * BATCH, "everything arrives");
        assert_eq!(worker.worker().memory_used(), 0, "all of it is given back");
    }
}

fn log_end(broker: &InMemoryBroker, topic: &str) -> usize {
    broker.log_end(&TopicPartition::new(topic, 0)).unwrap() as usize
}

#[tokio::test(start_paused = true)]
async fn slow_sinks_hold_their_fetches_back() {
    const RECORD: usize = 64 << 10;
    const RECORDS: usize = 200;
    /// The default of `fetch.max.bytes` here.
    const FETCH: usize = 1 << 20;
    /// What is around the values, in all.
    const OVERHEAD: usize = 128 << 10;
    for budget in [3 << 20, 1 << 20, 100 << 10] {
        let worker = TestWorker::builder().config(config(budget)).start().await;
        let text = "x".repeat(RECORD);
        worker.send_all("t", std::iter::repeat_n(text.as_str(), RECORDS)).await;
        let held = Arc::new(Held::default());
        for number in 0..TASKS {
            let (held, shared) = (Arc::clone(&held), worker.worker().clone());
            let slow = sink_fn(move |records: Vec<SinkRecord>| {
                let (held, worker) = (Arc::clone(&held), shared.clone());
                async move {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    let names = worker.connectors();
                    let tasks = names.iter().flat_map(|name| worker.status(name).unwrap().tasks);
                    let fetched: usize = tasks.map(|task| task.counts.bytes as usize).sum();
                    held.seen(fetched - held.out.load(Ordering::Relaxed));
                    held.out.fetch_add(records.len() * RECORD, Ordering::Relaxed);
                    Ok(Delivery::Durable)
                }
            });
            let options = SinkOptions::new(format!("sink{number}"), ["t"]).max_poll_records(4);
            worker.start_sink(options, slow, ()).await;
        }
        worker.drained().await;
        let (most, allowed) = (held.most(), budget.max(FETCH) + TASKS * FETCH + OVERHEAD);
        assert!(most <= allowed, "{most} bytes were under way with a budget of {budget}, allowed are {allowed}");
        assert!(most > budget / 2, "{most} bytes: the budget of {budget} is there to be used");
        assert_eq!(held.out.load(Ordering::Relaxed), TASKS * RECORDS * RECORD, "everything arrives");
        assert_eq!(worker.worker().memory_used(), 0, "all of it is given back");
    }
}
