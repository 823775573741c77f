//! Sources under trouble on the way to Kafka.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::{
    Error, Flow, OffsetMap, Record, Result, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task,
    Transform, Value, async_trait,
};
use connect_runtime::testing::{Api, Code, Fault, TestWorker};
use connect_runtime::{SourceOptions, State, source_fn};

use crate::support::{numbers, tolerant};

/// Counts to `last`, ten records a poll.
fn counting(last: i64) -> impl SourceConnector<Config = ()> {
    source_fn(move |after: Option<OffsetMap>| async move {
        let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
        let end = last.min(next + 10);
        Ok((next..end).map(|n| (Record::new("t", n.to_string()), OffsetMap::of("n", n))).collect())
    })
}

fn partition() -> OffsetMap {
    OffsetMap::of("source", "closure")
}

#[tokio::test(start_paused = true)]
async fn lost_replies_and_refusals_neither_lose_nor_repeat_nor_reorder() {
    let worker = TestWorker::start().await;
    worker.topic("t", 1).await;
    worker.faults().inject(Fault::lose_reply(Api::Produce).times(3));
    worker.faults().inject(Fault::fail(Api::Produce, Code::NotEnoughReplicas).times(3));
    worker.start_source(SourceOptions::new("source"), counting(500), ()).await;
    worker.drained().await;
    assert_eq!(worker.values("t"), numbers(500));
    assert_eq!(worker.stored_offset("source", &partition()).await, Some(OffsetMap::of("n", 499i64)));
}

#[tokio::test(start_paused = true)]
async fn an_offset_is_not_stored_before_its_record_is_acknowledged() {
    let mut worker = TestWorker::start().await;
    worker.topic("t", 1).await;
    worker.faults().inject(Fault::silence(Api::Produce));
    worker.start_source(SourceOptions::new("source"), counting(50), ()).await;
    worker.advance(Duration::from_secs(90)).await;
    assert_eq!(worker.stored_offset("source", &partition()).await, None);
    worker.crash().await;
    worker.faults().clear();
    worker.restart().await;
    worker.drained().await;
    assert_eq!(worker.values("t"), numbers(50));
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_away_too_long_fails_the_task_and_loses_nothing() {
    let worker = TestWorker::start().await;
    worker.topic("t", 1).await;
    worker.faults().inject(Fault::fail(Api::Produce, Code::NotEnoughReplicas));
    // Connect's default is to wait for weeks.
    let options = SourceOptions::new("source").client_property("producer.override.delivery.timeout.ms", "120000");
    worker.start_source(options.errors(tolerant()), counting(20), ()).await;
    worker.until(|| worker.state("source") == State::Failed).await;
    assert!(worker.trace("source").contains("was not produced"), "{}", worker.trace("source"));
    assert_eq!(worker.stored_offset("source", &partition()).await, None, "tolerance is for bad records");
    worker.faults().clear();
    worker.worker().restart_task("source", 0).await.unwrap();
    worker.drained().await;
    assert_eq!(worker.values("t"), numbers(20));
}

struct Picky;

impl Transform for Picky {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match record.value.value.as_str() {
            Some("3") => Err(Error::data("no threes")),
            Some("4" | "9") => Ok(Flow::Drop),
            _ => Ok(Flow::Keep),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_and_dead_lettered_records_of_a_source_move_its_offset() {
    let worker = TestWorker::start().await;
    let options = SourceOptions::new("source").transform("picky", Picky).errors(tolerant());
    worker.start_source(options, counting(10), ()).await;
    worker.drained().await;
    assert_eq!(worker.values("t"), ["0", "1", "2", "5", "6", "7", "8"]);
    assert_eq!(worker.stored_offset("source", &partition()).await, Some(OffsetMap::of("n", 9i64)));
    let letters = worker.dead_letters("dlq");
    assert_eq!((letters.len(), letters[0].text(), letters[0].stage()), (1, "3".into(), Some("TRANSFORMATION".into())));
}

#[tokio::test(start_paused = true)]
async fn a_record_too_large_for_the_broker_is_a_bad_record() {
    let big = || {
        source_fn(|after: Option<OffsetMap>| async move {
            if after.is_some() {
                return Ok(Vec::new());
            }
            let texts = ["a".to_owned(), "x".repeat(2 << 20), "b".to_owned()];
            Ok(texts.into_iter().zip(0i64..).map(|(text, n)| (Record::new("t", text), OffsetMap::of("n", n))).collect())
        })
    };
    let worker = TestWorker::start().await;
    worker.start_source(SourceOptions::new("source"), big(), ()).await;
    worker.until(|| worker.state("source") == State::Failed).await;
    assert!(worker.trace("source").contains("the limit is"), "{}", worker.trace("source"));
    let worker = TestWorker::start().await;
    let errors = connect_runtime::ErrorOptions { tolerate: true, ..Default::default() };
    worker.start_source(SourceOptions::new("source").errors(errors), big(), ()).await;
    worker.drained().await;
    assert_eq!(worker.values("t"), ["a", "b"]);
}

/// A queue: what was polled is gone from it only after `commit`.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<Vec<i64>>>);

struct QueueTask {
    acknowledged: Arc<Mutex<Vec<i64>>>,
    next: i64,
}

#[async_trait]
impl SourceConnector for Queue {
    const NAME: &'static str = "queue";
    type Config = ();
    type Split = ();
    type Task = QueueTask;

    async fn splits(&self, (): &(), _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, (): &(), (): (), _: SourceTaskContext) -> Result<QueueTask> {
        Ok(QueueTask { acknowledged: self.0.clone(), next: 0 })
    }
}

#[async_trait]
impl Task for QueueTask {}

#[async_trait]
impl SourceTask for QueueTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.next == 5 {
            return Ok(Vec::new());
        }
        self.next += 1;
        let record = Record::new("t", Value::from(self.next.to_string()));
        Ok(vec![SourceRecord::new(record, Arc::new(OffsetMap::NULL), OffsetMap::of("id", self.next))])
    }

    async fn commit(&mut self, done: &[SourceRecord]) -> Result<()> {
        let ids = done.iter().map(|record| record.value.value.as_str().unwrap().parse::<i64>().unwrap());
        self.acknowledged.lock().unwrap().extend(ids);
        Ok(())
    }

    fn wants_commit(&self) -> bool {
        true
    }

    fn is_idle(&self) -> Option<bool> {
        Some(self.next == 5)
    }
}

struct Renamed;

impl Transform for Renamed {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.value = Value::from(format!("no. {}", record.value.value)).into();
        Ok(if record.value.value.as_str() == Some("no. 3") { Flow::Drop } else { Flow::Keep })
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_told_of_its_records_once_and_in_order() {
    let worker = TestWorker::start().await;
    let queue = Queue::default();
    // What it is told of is what it gave, not what a transform made of that.
    let options = SourceOptions::new("queue").transform("renamed", Renamed);
    worker.start_source(options, queue.clone(), ()).await;
    worker.drained().await;
    worker.worker().shutdown().await.unwrap();
    assert_eq!(*queue.0.lock().unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(worker.values("t"), ["no. 1", "no. 2", "no. 4", "no. 5"]);
}
