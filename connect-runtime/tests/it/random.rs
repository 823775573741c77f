//! Random schedules: whatever a sink answers, however often it is restarted or the worker killed, no committed
//! offset passes a record that is not proven, and in the end every record is delivered or a dead letter.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::{
    Delivery, Error, Flow, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, Transform,
    async_trait,
};
use connect_runtime::testing::{Api, Code, Fault, TestWorker};
use connect_runtime::{ErrorOptions, RetryPolicy, SinkOptions, WorkerConfig};
use proptest::prelude::*;

use crate::support::{is_bad, tolerant};

const RECORDS: usize = 120;
const PARTITIONS: i32 = 3;

/// What the sink answers to one `put`.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Take,
    TakeAndSayNothing,
    Busy,
    SomeBusy,
    TakeAndSeekBack,
    Fail,
}

#[derive(Debug, Clone, Copy)]
enum Trouble {
    Nothing,
    RestartTask,
    Crash,
    Rebalance,
    LoseCommit,
    FailFetch,
}

#[derive(Default)]
struct Target {
    /// Places the target has for good.
    durable: BTreeSet<(i32, i64)>,
    answers: Vec<Answer>,
}

#[derive(Clone)]
struct Moody {
    target: Arc<Mutex<Target>>,
    buffers: bool,
}

struct MoodyTask {
    sink: Moody,
    context: SinkTaskContext,
    buffer: Vec<(i32, i64)>,
}

#[async_trait]
impl SinkConnector for Moody {
    const NAME: &'static str = "moody";
    type Config = ();
    type Task = MoodyTask;

    async fn task(&self, (): &(), context: SinkTaskContext) -> Result<MoodyTask> {
        Ok(MoodyTask { sink: self.clone(), context, buffer: Vec::new() })
    }
}

#[async_trait]
impl Task for MoodyTask {}

impl MoodyTask {
    fn take(&mut self, records: &[SinkRecord], keep: impl Fn(usize) -> bool) {
        let places = records.iter().enumerate().filter(|(index, _)| keep(*index));
        self.buffer.extend(places.map(|(_, record)| (record.origin().partition, record.offset())));
        if !self.sink.buffers {
            self.sink.target.lock().unwrap().durable.extend(self.buffer.drain(..));
        }
    }
}

#[async_trait]
impl SinkTask for MoodyTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let answer = self.sink.target.lock().unwrap().answers.pop().unwrap_or(Answer::Take);
        let said = if self.sink.buffers { Delivery::Buffered } else { Delivery::Durable };
        match answer {
            Answer::Busy => Err(Error::retriable("busy")),
            Answer::Fail => Err(Error::fatal("gave up")),
            Answer::SomeBusy => {
                let busy = |index: usize| index % 3 == 1;
                self.take(records, |index| !busy(index) && !is_bad(&records[index]));
                let failed = (0..records.len()).filter_map(|index| match () {
                    () if is_bad(&records[index]) => Some((index, Error::data("bad"))),
                    () if busy(index) => Some((index, Error::retriable("busy"))),
                    () => None,
                });
                let failed: Vec<_> = failed.collect();
                if failed.is_empty() { Ok(said) } else { Err(Error::records(failed)) }
            }
            _ if records.iter().any(is_bad) => Err(Error::data("one of them is bad")),
            Answer::TakeAndSayNothing => {
                self.take(records, |_| true);
                Err(Error::retriable("no answer"))
            }
            Answer::TakeAndSeekBack => {
                self.take(records, |_| true);
                let last = &records[records.len() - 1];
                self.context.seek(last.origin(), (last.offset() - 7).max(0))?;
                Ok(said)
            }
            Answer::Take => {
                self.take(records, |_| true);
                Ok(said)
            }
        }
    }

    async fn flush(&mut self) -> Result<()> {
        self.sink.target.lock().unwrap().durable.extend(self.buffer.drain(..));
        Ok(())
    }
}

/// Drops one in eleven.
struct Drops;

fn is_dropped(text: &str) -> bool {
    text.parse::<usize>().is_ok_and(|number| number % 11 == 5)
}

impl Transform for Drops {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        Ok(if record.value.value.as_str().is_some_and(is_dropped) { Flow::Drop } else { Flow::Keep })
    }
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Take),
        1 => Just(Answer::TakeAndSayNothing),
        1 => Just(Answer::Busy),
        2 => Just(Answer::SomeBusy),
        1 => Just(Answer::TakeAndSeekBack),
        1 => Just(Answer::Fail),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        3 => Just(Trouble::Nothing),
        1 => Just(Trouble::RestartTask),
        1 => Just(Trouble::Crash),
        1 => Just(Trouble::Rebalance),
        1 => Just(Trouble::LoseCommit),
        1 => Just(Trouble::FailFetch),
    ]
}

/// No committed offset is beyond a record that the target does not have, that was not dropped, and that is no dead
/// letter.
fn check(
    worker: &TestWorker,
    target: &Target,
    dropped: &BTreeSet<(i32, i64)>,
) -> std::result::Result<(), TestCaseError> {
    prop_assert!(target.durable.is_disjoint(dropped), "what is dropped is not put");
    let place = |letter: &connect_runtime::testing::DeadLetter| {
        let number = |name: &str| letter.header(name).and_then(|text| text.parse::<i64>().ok()).unwrap();
        (number("__connect.errors.partition") as i32, number("__connect.errors.offset"))
    };
    let dead: BTreeSet<_> = worker.dead_letters("dlq").iter().map(place).collect();
    for (partition, committed) in (0..PARTITIONS).zip(worker.committed("sink", "t")) {
        for offset in 0..committed {
            let place = (partition, offset);
            prop_assert!(
                target.durable.contains(&place) || dead.contains(&place) || dropped.contains(&place),
                "{place:?} was passed by {committed}"
            );
        }
    }
    Ok(())
}

async fn run(
    answers: Vec<Answer>,
    troubles: Vec<Trouble>,
    buffers: bool,
    patient: bool,
) -> std::result::Result<(), TestCaseError> {
    let config =
        WorkerConfig { offset_flush_interval: connect_api::config::Millis::new(50), ..WorkerConfig::default() };
    let mut worker = TestWorker::builder().config(config).start().await;
    worker.topic("t", PARTITIONS).await;
    worker.topic("dlq", 1).await;
    for number in 0..RECORDS {
        let value = if number % 25 == 13 { format!("bad {number}") } else { number.to_string() };
        worker.send("t", number.to_string().as_str(), value.as_str()).await;
    }
    let records = worker.records("t").into_iter().filter(|record| record.value.value.as_str().is_some_and(is_dropped));
    let dropped: BTreeSet<_> = records.map(|record| (record.origin().partition, record.offset())).collect();
    assert_eq!(dropped.len(), (0..RECORDS).filter(|number| number % 25 != 13 && number % 11 == 5).count());
    // With retries records go through the chain one by one, without them as a batch.
    let retry = if patient { RetryPolicy { budget: None, ..RetryPolicy::NONE } } else { RetryPolicy::NONE };
    let sink = Moody { target: Arc::new(Mutex::new(Target { answers, ..Target::default() })), buffers };
    let options = SinkOptions::new("sink", ["t"])
        .tasks_max(2)
        .max_poll_records(16)
        .transform("drops", Drops)
        .errors(ErrorOptions { retry, ..tolerant() })
        .restart_failed(RetryPolicy::FOREVER);
    worker.start_sink(options, sink.clone(), ()).await;
    for trouble in troubles {
        worker.advance(Duration::from_millis(70)).await;
        check(&worker, &sink.target.lock().unwrap(), &dropped)?;
        match trouble {
            Trouble::Nothing => {}
            Trouble::RestartTask => worker.worker().restart_task("sink", 1).await.unwrap(),
            Trouble::Crash => {
                worker.crash().await;
                worker.restart().await;
            }
            // Nobody to rebalance when the group is empty just then.
            Trouble::Rebalance => drop(worker.broker().rebalance("connect-sink")),
            Trouble::LoseCommit => worker.faults().inject(Fault::lose_reply(Api::CommitOffsets).times(1)),
            Trouble::FailFetch => worker.faults().inject(Fault::fail(Api::Fetch, Code::NotLeaderOrFollower).times(2)),
        }
    }
    worker.settled().await;
    let target = sink.target.lock().unwrap();
    check(&worker, &target, &dropped)?;
    prop_assert_eq!(worker.committed("sink", "t").iter().sum::<i64>(), RECORDS as i64, "everything is committed");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_commits_past_an_unproven_record(
        answers in prop::collection::vec(answer(), 0..40),
        troubles in prop::collection::vec(trouble(), 0..12),
        buffers: bool,
        patient: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(answers, troubles, buffers, patient))?;
    }
}
