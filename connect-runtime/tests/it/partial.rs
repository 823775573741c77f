//! A task that has not written everything yet when it is asked.

use connect_api::{Delivery, Offsets, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait};
use connect_runtime::testing::TestWorker;

use crate::support::sink;

/// Writes one record for each time it is asked, then all.
struct Slow;

struct SlowTask(i64);

#[async_trait]
impl SinkConnector for Slow {
    const NAME: &'static str = "slow";
    type Config = ();
    type Task = SlowTask;

    async fn task(&self, (): &(), _: SinkTaskContext) -> Result<SlowTask> {
        Ok(SlowTask(0))
    }
}

#[async_trait]
impl Task for SlowTask {}

#[async_trait]
impl SinkTask for SlowTask {
    async fn put(&mut self, _: &[SinkRecord]) -> Result<Delivery> {
        Ok(Delivery::Buffered)
    }

    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        self.0 += 1;
        let written = if self.0 > 5 { i64::MAX } else { self.0 };
        Ok(seen.iter().map(|(partition, next)| (partition.clone(), (*next).min(written))).collect())
    }
}

/// A commit that went well says nothing of records that the task still holds.
#[tokio::test(start_paused = true)]
async fn what_is_not_proven_has_not_arrived() {
    let worker = TestWorker::start().await;
    worker.topic("t", 1).await;
    worker.send_all("t", (0..20).map(|n| format!("value {n}"))).await;
    worker.start_sink(sink("t"), Slow, ()).await;
    worker.drained().await;
    assert_eq!(worker.committed("sink", "t"), [20]);
}
