//! The least that a source is: it counts, and goes on counting after a restart. `cargo run --example minimal_source`
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::sync::Arc;

use connect_api::{
    Delivery, OffsetMap, Record, Result, SinkRecord, SourceConnector, SourceRecord, SourceTask, SourceTaskContext,
    Task, async_trait,
};
use connect_runtime::{EmbeddedBroker, RestartOptions, SinkOptions, SourceOptions, Worker, sink_fn};

connect_api::config! {
    /// Configuration of [`CountSource`].
    struct CountConfig {
        /// The topic to write to.
        topic: String,
        /// Where to stop.
        last: i64,
    }
}

struct CountSource;

struct CountTask {
    topic: Arc<str>,
    last: i64,
    next: i64,
    partition: Arc<OffsetMap>,
}

#[async_trait]
impl SourceConnector for CountSource {
    const NAME: &'static str = "CountSource";
    type Config = CountConfig;
    type Split = ();
    type Task = CountTask;

    async fn splits(&self, _config: &CountConfig, _max_tasks: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, config: &CountConfig, _split: (), context: SourceTaskContext) -> Result<CountTask> {
        let partition = Arc::new(OffsetMap::of("counter", "main"));
        let stored = context.offset(&partition).await?;
        let next = stored.and_then(|offset| offset.get_i64("number")).map_or(1, |number| number + 1);
        Ok(CountTask { topic: config.topic.as_str().into(), last: config.last, next, partition })
    }
}

impl Task for CountTask {}

#[async_trait]
impl SourceTask for CountTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.next > self.last {
            return std::future::pending().await;
        }
        let number = self.next;
        self.next += 1;
        let record = Record::new(Arc::clone(&self.topic), number.to_string());
        Ok(vec![SourceRecord::new(record, Arc::clone(&self.partition), OffsetMap::of("number", number))])
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let worker = Worker::builder(EmbeddedBroker::new()).build().await?;
    let print = sink_fn(async |records: Vec<SinkRecord>| {
        records.iter().for_each(|record| println!("{} at offset {}", record.value.value, record.offset()));
        Ok(Delivery::Durable)
    });
    let config = CountConfig { topic: "numbers".into(), last: 5 };
    worker.start_source(SourceOptions::new("count"), CountSource, config).await?;
    worker.start_sink(SinkOptions::new("print", ["numbers"]), print, ()).await?;
    assert!(worker.drained().await?.is_complete());

    // The task asks for its stored offset, so nothing is counted twice.
    worker.restart("count", RestartOptions { include_tasks: true, only_failed: false }).await?;
    assert!(worker.drained().await?.is_complete());
    worker.shutdown().await
}
