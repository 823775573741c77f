//! Several tasks share a sink's topics.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::{
    Delivery, Offsets, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, TopicPartition, async_trait,
};
use connect_runtime::testing::TestWorker;
use connect_runtime::{SinkOptions, WorkerConfig};

use crate::support::numbers;

/// Buffers records until `flush`, and writes down what happens.
#[derive(Clone, Default)]
struct Buffering(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    flushed: Vec<String>,
    owned: BTreeSet<(usize, TopicPartition)>,
    overlaps: Vec<String>,
    seek_to: Option<i64>,
}

struct BufferingTask {
    state: Arc<Mutex<State>>,
    context: SinkTaskContext,
    buffer: Vec<String>,
}

#[async_trait]
impl SinkConnector for Buffering {
    const NAME: &'static str = "buffering";
    type Config = ();
    type Task = BufferingTask;

    async fn task(&self, (): &(), context: SinkTaskContext) -> Result<BufferingTask> {
        Ok(BufferingTask { state: self.0.clone(), context, buffer: Vec::new() })
    }
}

#[async_trait]
impl Task for BufferingTask {}

#[async_trait]
impl SinkTask for BufferingTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        self.buffer.extend(records.iter().map(|record| record.value.value.to_string()));
        if let Some(offset) = self.state.lock().unwrap().seek_to.take() {
            self.context.seek(records[0].origin(), offset)?;
        }
        Ok(Delivery::Buffered)
    }

    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        self.state.lock().unwrap().flushed.append(&mut self.buffer);
        Ok(seen)
    }

    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let mut state = self.state.lock().unwrap();
        for partition in partitions {
            if state.owned.iter().any(|(_, owned)| owned == partition) {
                state.overlaps.push(partition.to_string());
            }
            state.owned.insert((self.context.id().task, partition.clone()));
        }
        Ok(())
    }

    async fn close(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let mut state = self.state.lock().unwrap();
        for partition in partitions {
            state.owned.remove(&(self.context.id().task, partition.clone()));
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_share_partitions_and_lose_and_repeat_nothing_in_a_rebalance() {
    shared_and_rebalanced(SinkOptions::new("sink", ["t"]).tasks_max(3)).await;
}

#[tokio::test(start_paused = true)]
async fn nor_when_they_give_up_only_what_moves() {
    shared_and_rebalanced(SinkOptions::new("sink", ["t"]).tasks_max(3).cooperative()).await;
}

async fn shared_and_rebalanced(options: SinkOptions) {
    let worker = TestWorker::start().await;
    worker.topic("t", 6).await;
    let sink = Buffering::default();
    worker.start_sink(options, sink.clone(), ()).await;
    let mut sent = Vec::new();
    for round in 0..8 {
        let values: Vec<_> = numbers(50).into_iter().map(|number| format!("{round}-{number}")).collect();
        for value in &values {
            worker.send("t", value.as_str(), value.as_str()).await;
        }
        sent.extend(values);
        if round % 2 == 1 {
            worker.worker().restart_task("sink", round % 3).await.unwrap();
        }
        worker.advance(Duration::from_secs(1)).await;
    }
    worker.drained().await;
    let state = sink.0.lock().unwrap();
    assert_eq!(state.overlaps, [""; 0], "no partition has two owners");
    let owners: BTreeSet<_> = state.owned.iter().map(|(task, _)| *task).collect();
    assert_eq!((state.owned.len(), owners.len()), (6, 3), "all partitions are owned, by all tasks");
    let mut flushed = state.flushed.clone();
    flushed.sort();
    sent.sort();
    assert_eq!(flushed, sent, "clean stops repeat nothing");
    assert_eq!(worker.committed("sink", "t").iter().sum::<i64>(), 400);
}

#[tokio::test(start_paused = true)]
async fn a_crash_repeats_only_what_was_not_committed() {
    let config =
        WorkerConfig { offset_flush_interval: connect_api::config::Millis::new(1000), ..WorkerConfig::default() };
    let mut worker = TestWorker::builder().config(config).start().await;
    worker.send_all("t", numbers(100).iter().map(String::as_str)).await;
    let sink = Buffering::default();
    worker.start_sink(SinkOptions::new("sink", ["t"]), sink.clone(), ()).await;
    worker.advance(Duration::from_secs(2)).await;
    assert_eq!(worker.committed("sink", "t"), [100], "committed by the interval alone");
    worker.send_all("t", ["100", "101"]).await;
    worker.crash().await;
    worker.restart().await;
    worker.drained().await;
    let flushed = sink.0.lock().unwrap().flushed.clone();
    assert_eq!(flushed, numbers(102), "records that were only buffered came again, flushed ones did not");
}

#[tokio::test(start_paused = true)]
async fn a_seek_goes_back_and_drops_what_was_on_its_way() {
    let worker = TestWorker::start().await;
    worker.send_all("t", numbers(10).iter().map(String::as_str)).await;
    let sink = Buffering::default();
    sink.0.lock().unwrap().seek_to = Some(3);
    worker.start_sink(SinkOptions::new("sink", ["t"]).max_poll_records(5), sink.clone(), ()).await;
    worker.drained().await;
    let flushed = sink.0.lock().unwrap().flushed.clone();
    assert_eq!(flushed, ["0", "1", "2", "3", "4", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(worker.committed("sink", "t"), [10]);
}
