//! How many records a put brings.

use connect_api::{Delivery, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait};
use connect_runtime::testing::TestWorker;

use crate::support::{Seen, numbers, sink};

/// A sink that asks for so many records at once.
struct Wide(usize, Seen);

struct WideTask(Seen);

#[async_trait]
impl SinkConnector for Wide {
    const NAME: &'static str = "wide";
    type Config = ();
    type Task = WideTask;

    async fn task(&self, (): &(), _: SinkTaskContext) -> Result<WideTask> {
        Ok(WideTask(self.1.clone()))
    }

    fn most_records(&self, (): &()) -> usize {
        self.0
    }
}

impl Task for WideTask {}

#[async_trait]
impl SinkTask for WideTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        self.0.take(records)
    }
}

/// The most records that one of the puts brought, of 9,000 that were there before the sink.
async fn widest(wanted: usize, consumer: Option<usize>) -> usize {
    let worker = TestWorker::start().await;
    let values = numbers(9000);
    worker.send_all("t", values.iter().map(String::as_str)).await;
    let seen = Seen::default();
    let options = sink("t");
    let options = match consumer {
        Some(records) => options.max_poll_records(records),
        None => options,
    };
    worker.start_sink(options, Wide(wanted, seen.clone()), ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), values);
    seen.sizes().into_iter().max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_sink_says_how_many_records_a_put_should_bring_unless_the_consumer_does() {
    for (wanted, consumer, expected) in [(3000, None, 3000), (9, None, 9), (3000, Some(700), 700), (0, None, 1)] {
        assert_eq!(widest(wanted, consumer).await, expected, "{wanted}, {consumer:?}");
    }
}
