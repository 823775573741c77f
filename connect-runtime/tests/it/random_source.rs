//! Random schedules of a source: whatever the broker, the offset store and the source itself answer, however often it
//! is restarted or the worker killed, no stored offset passes a record that is not acknowledged, dropped or a dead
//! letter, every record arrives, and nothing is repeated but what follows the stored offset.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use connect_api::{
    Error, Flow, OffsetMap, Record, Result, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task,
    Transform, async_trait,
};
use connect_kafka::{InMemoryBroker, TopicPartition};
use connect_runtime::offsets::{MemoryOffsetStore, OffsetStore};
use connect_runtime::testing::{Api, Code, Fault, TestWorker};
use connect_runtime::{ErrorOptions, RestartOptions, RetryPolicy, SourceOptions, WorkerConfig};
use proptest::prelude::*;

use crate::support::tolerant;

const PARTITIONS: i64 = 3;

/// Records of each source partition.
const RECORDS: i64 = 40;

/// What one `poll` answers.
#[derive(Debug, Clone, Copy)]
enum Poll {
    Batch(i64),
    Nothing,
    Busy,
    Fail,
}

/// What the offset store does with one call.
#[derive(Debug, Clone, Copy)]
enum Store {
    Take,
    Refuse,
    TakeAndSayNothing,
    TakeLate,
    Hang,
}

#[derive(Debug, Clone, Copy)]
enum Trouble {
    Nothing,
    RestartTask,
    RestartAll,
    PauseAndResume,
    Crash,
    Refuse,
    RefuseForGood,
    LoseReply,
    Delay,
    Silence,
    Recover,
}

/// What happened, in order.
#[derive(Debug)]
struct Stored {
    partition: i64,
    /// The last record that is covered.
    last: i64,
    /// How far the topic and the dead letter queue went then.
    ends: (i64, i64),
}

#[derive(Debug, Default)]
struct Log {
    polls: Vec<Poll>,
    stores: Vec<Store>,
    stored: Vec<Stored>,
    /// How often each record was polled.
    polled: BTreeMap<(i64, i64), usize>,
    lives: usize,
}

type SharedLog = Arc<Mutex<Log>>;

/// A store that keeps what it says it keeps, when it likes.
#[derive(Debug)]
struct Shaky {
    store: MemoryOffsetStore,
    log: SharedLog,
    broker: Arc<OnceLock<InMemoryBroker>>,
}

impl Shaky {
    fn note(&self, offsets: &[(OffsetMap, Option<OffsetMap>)]) {
        let end = |topic: &str| self.broker.get().unwrap().log_end(&TopicPartition::new(topic, 0)).unwrap();
        let ends = (end("t"), end("dlq"));
        let stored = offsets.iter().map(|(partition, offset)| {
            let last = offset.as_ref().unwrap().get_i64("n").unwrap();
            Stored { partition: partition.get_i64("p").unwrap(), last, ends }
        });
        self.log.lock().unwrap().stored.extend(stored);
    }
}

#[async_trait]
impl OffsetStore for Shaky {
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.store.load(connector, partitions).await
    }

    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()> {
        let answer = self.log.lock().unwrap().stores.pop().unwrap_or(Store::Take);
        // What is asked for must be proven, whatever becomes of it.
        self.note(&offsets);
        match answer {
            Store::Take => self.store.store(connector, offsets).await,
            Store::Refuse => Err(Error::retriable("not now")),
            Store::TakeAndSayNothing => {
                self.store.store(connector, offsets).await?;
                Err(Error::retriable("no answer"))
            }
            Store::TakeLate => {
                tokio::time::sleep(Duration::from_millis(120)).await;
                self.store.store(connector, offsets).await
            }
            Store::Hang => std::future::pending().await,
        }
    }

    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        self.store.all(connector).await
    }
}

#[derive(Clone)]
struct Moody(SharedLog);

struct MoodyTask {
    log: SharedLog,
    partitions: Vec<Arc<OffsetMap>>,
    next: Vec<i64>,
    turn: usize,
}

#[async_trait]
impl SourceConnector for Moody {
    const NAME: &'static str = "moody";
    type Config = ();
    type Split = ();
    type Task = MoodyTask;

    async fn splits(&self, (): &(), _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, (): &(), (): (), context: SourceTaskContext) -> Result<MoodyTask> {
        let partitions: Vec<_> = (0..PARTITIONS).map(|p| OffsetMap::of("p", p)).collect();
        let mut next = Vec::new();
        for partition in &partitions {
            next.push(context.offset(partition).await?.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1));
        }
        self.0.lock().unwrap().lives += 1;
        Ok(MoodyTask {
            log: Arc::clone(&self.0),
            partitions: partitions.into_iter().map(Arc::new).collect(),
            next,
            turn: 0,
        })
    }
}

#[async_trait]
impl Task for MoodyTask {}

#[async_trait]
impl SourceTask for MoodyTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let mut log = self.log.lock().unwrap();
        let count = match log.polls.pop().unwrap_or(Poll::Batch(5)) {
            Poll::Batch(count) => count,
            Poll::Nothing => 0,
            Poll::Busy => return Err(Error::retriable("busy")),
            Poll::Fail => return Err(Error::fatal("gave up")),
        };
        let mut records = Vec::new();
        // Records of several partitions alternate within a batch.
        for _ in 0..count {
            self.turn = (self.turn + 1) % self.next.len();
            let (p, n) = (self.turn as i64, self.next[self.turn]);
            if n == RECORDS {
                continue;
            }
            self.next[self.turn] += 1;
            *log.polled.entry((p, n)).or_default() += 1;
            let record = Record::new("t", format!("{p}/{n}"));
            records.push(SourceRecord::new(record, Arc::clone(&self.partitions[self.turn]), OffsetMap::of("n", n)));
        }
        Ok(records)
    }

    fn is_idle(&self) -> Option<bool> {
        Some(self.next.iter().all(|next| *next == RECORDS))
    }
}

/// Drops some, refuses others.
struct Fussy;

fn is_dropped(n: i64) -> bool {
    n % 7 == 3 || n == RECORDS - 1
}

impl Transform for Fussy {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match place(record.value.value.as_str().unwrap()).1 {
            n if is_dropped(n) => Ok(Flow::Drop),
            n if n % 13 == 5 => Err(Error::data("bad")),
            _ => Ok(Flow::Keep),
        }
    }
}

/// The source partition and number of a record.
fn place(text: &str) -> (i64, i64) {
    let (p, n) = text.split_once('/').unwrap();
    (p.parse().unwrap(), n.parse().unwrap())
}

fn poll() -> impl Strategy<Value = Poll> {
    prop_oneof![
        5 => (1..12i64).prop_map(Poll::Batch),
        1 => Just(Poll::Nothing),
        1 => Just(Poll::Busy),
        1 => Just(Poll::Fail),
    ]
}

fn store() -> impl Strategy<Value = Store> {
    prop_oneof![
        4 => Just(Store::Take),
        2 => Just(Store::Refuse),
        1 => Just(Store::TakeAndSayNothing),
        2 => Just(Store::TakeLate),
        1 => Just(Store::Hang),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        2 => Just(Trouble::Nothing),
        1 => Just(Trouble::RestartTask),
        1 => Just(Trouble::RestartAll),
        1 => Just(Trouble::PauseAndResume),
        2 => Just(Trouble::Crash),
        1 => Just(Trouble::Refuse),
        1 => Just(Trouble::RefuseForGood),
        1 => Just(Trouble::LoseReply),
        1 => Just(Trouble::Delay),
        1 => Just(Trouble::Silence),
        2 => Just(Trouble::Recover),
    ]
}

async fn strike(worker: &mut TestWorker, trouble: Trouble) {
    let produce = |fault: Fault| worker.faults().inject(fault.topic("t"));
    match trouble {
        Trouble::Nothing => {}
        // A task that hangs in the store or waits for the broker is ended the hard way, which is told and no matter.
        Trouble::RestartTask => drop(worker.worker().restart_task("moody", 0).await),
        Trouble::RestartAll => {
            let all = RestartOptions { include_tasks: true, only_failed: false };
            drop(worker.worker().restart("moody", all).await);
        }
        Trouble::PauseAndResume => {
            worker.worker().pause("moody").await.unwrap();
            worker.advance(Duration::from_millis(30)).await;
            worker.worker().resume("moody").await.unwrap();
        }
        Trouble::Crash => {
            worker.crash().await;
            worker.restart().await;
        }
        Trouble::Refuse => produce(Fault::fail(Api::Produce, Code::NotEnoughReplicas).times(3)),
        Trouble::RefuseForGood => produce(Fault::fail(Api::Produce, Code::InvalidRecord).times(1)),
        Trouble::LoseReply => produce(Fault::lose_reply(Api::Produce).times(2)),
        Trouble::Delay => produce(Fault::delay(Api::Produce, Duration::from_millis(90)).times(3)),
        Trouble::Silence => produce(Fault::silence(Api::Produce)),
        Trouble::Recover => worker.faults().clear(),
    }
}

/// What each topic holds, in order.
fn held(worker: &TestWorker) -> [Vec<(i64, i64)>; 2] {
    let texts = [worker.values("t"), worker.dead_letters("dlq").iter().map(|letter| letter.text()).collect()];
    texts.map(|texts: Vec<String>| texts.iter().map(|text| place(text)).collect())
}

fn check(worker: &TestWorker, log: &Log) -> std::result::Result<(), TestCaseError> {
    let [topic, dead] = held(worker);
    for Stored { partition, last, ends } in &log.stored {
        let proven: BTreeSet<_> = topic[..ends.0 as usize].iter().chain(&dead[..ends.1 as usize]).collect();
        for n in 0..=*last {
            prop_assert!(
                is_dropped(n) || proven.contains(&(*partition, n)),
                "offset {last} of source partition {partition} was stored before record {n} had arrived"
            );
        }
    }
    // A batch that was written, and refused when it was sent again because the answer was lost, is in both.
    for records in [&topic, &dead] {
        let mut times = BTreeMap::<_, usize>::new();
        for record in records {
            *times.entry(*record).or_default() += 1;
        }
        for (record, times) in times {
            let polled = log.polled.get(&record).copied().unwrap_or_default();
            prop_assert!(times <= polled, "{record:?} is there {times} times and was polled {polled} times");
        }
    }
    for p in 0..PARTITIONS {
        let mine: Vec<_> = topic.iter().filter(|record| record.0 == p).collect();
        let back = mine.windows(2).filter(|pair| pair[1] <= pair[0]).count();
        prop_assert!(back < log.lives, "order: {back} times back in {} lives: {mine:?}", log.lives);
    }
    Ok(())
}

async fn run(
    polls: Vec<Poll>,
    stores: Vec<Store>,
    troubles: Vec<Trouble>,
    patient: bool,
) -> std::result::Result<(), TestCaseError> {
    let log = Arc::new(Mutex::new(Log { polls, stores, ..Log::default() }));
    let broker = Arc::new(OnceLock::new());
    let store = Shaky { store: MemoryOffsetStore::new(), log: Arc::clone(&log), broker: Arc::clone(&broker) };
    let millis = connect_api::config::Millis::new;
    let config = WorkerConfig {
        offset_flush_interval: millis(50),
        offset_flush_timeout: millis(200),
        ..WorkerConfig::default()
    };
    let mut worker = TestWorker::builder().config(config).offset_store(store).start().await;
    broker.set(worker.broker().clone()).unwrap();
    worker.topic("t", 1).await;
    worker.topic("dlq", 1).await;
    let retry = if patient { RetryPolicy { budget: None, ..RetryPolicy::NONE } } else { RetryPolicy::NONE };
    let options = SourceOptions::new("moody")
        .transform("fussy", Fussy)
        .errors(ErrorOptions { retry, ..tolerant() })
        .restart_failed(RetryPolicy::FOREVER);
    worker.start_source(options, Moody(Arc::clone(&log)), ()).await;
    for trouble in troubles {
        worker.advance(Duration::from_millis(70)).await;
        check(&worker, &log.lock().unwrap())?;
        strike(&mut worker, trouble).await;
    }
    worker.faults().clear();
    worker.settled().await;
    check(&worker, &log.lock().unwrap())?;
    let [topic, dead] = held(&worker);
    let arrived: BTreeSet<_> = topic.into_iter().chain(dead).collect();
    for p in 0..PARTITIONS {
        for n in 0..RECORDS {
            prop_assert_eq!(arrived.contains(&(p, n)), !is_dropped(n), "record {} of source partition {}", n, p);
        }
        let stored = worker.stored_offset("moody", &OffsetMap::of("p", p)).await;
        // The last ones were dropped, and count all the same.
        prop_assert_eq!(stored, Some(OffsetMap::of("n", RECORDS - 1)), "everything is stored");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_stores_past_an_unproven_record(
        polls in prop::collection::vec(poll(), 0..40),
        stores in prop::collection::vec(store(), 0..20),
        troubles in prop::collection::vec(trouble(), 0..12),
        patient: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(polls, stores, troubles, patient))?;
    }
}
