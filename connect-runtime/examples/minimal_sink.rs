//! The least that a sink is: it prints what it gets. `cargo run --example minimal_sink`
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use connect_api::{
    Delivery, OffsetMap, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait,
};
use connect_runtime::{EmbeddedBroker, SinkOptions, SourceOptions, Worker, source_fn};

connect_api::config! {
    /// Configuration of [`PrintSink`].
    struct PrintConfig {
        /// Stands before each value.
        prefix: String,
    }
}

struct PrintSink;

struct PrintTask {
    prefix: String,
}

#[async_trait]
impl SinkConnector for PrintSink {
    const NAME: &'static str = "PrintSink";
    type Config = PrintConfig;
    type Task = PrintTask;

    async fn task(&self, config: &PrintConfig, _context: SinkTaskContext) -> Result<PrintTask> {
        Ok(PrintTask { prefix: config.prefix.clone() })
    }
}

impl Task for PrintTask {}

#[async_trait]
impl SinkTask for PrintTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        for record in records {
            println!("{}{}", self.prefix, record.value.value);
        }
        Ok(Delivery::Durable)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let worker = Worker::builder(EmbeddedBroker::new()).build().await?;
    let greetings = source_fn(async |after| {
        let greetings = ["hello", "good evening"].into_iter().filter(|_| after.is_none());
        Ok(greetings.zip(0i64..).map(|(text, n)| (Record::new("greetings", text), OffsetMap::of("n", n))).collect())
    });
    worker.start_source(SourceOptions::new("greetings"), greetings, ()).await?;
    worker.start_sink(SinkOptions::new("print", ["greetings"]), PrintSink, PrintConfig { prefix: "> ".into() }).await?;
    assert!(worker.drained().await?.is_complete());
    worker.shutdown().await
}
