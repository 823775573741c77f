//! A record of 200 bytes at a time, at a steady rate.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use benches::monotonic;
use connect_api::{
    Datum, OffsetMap, Record, Result, Schema, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task, Type,
    Value, async_trait,
};
use tokio::time::{Instant, sleep_until};

/// When each record was given to the worker.
pub(crate) type Polled = Arc<Mutex<Vec<Duration>>>;

connect_api::config! {
    /// What to make.
    pub(crate) struct PacedSourceConfig {
        /// Where the records go.
        topic: String,
        /// How many.
        records: u64,
        /// How many a second.
        rate: u32,
    }
}

/// The connector.
pub(crate) struct PacedSource(pub(crate) Polled);

pub(crate) struct PacedSourceTask {
    polled: Polled,
    topic: Arc<str>,
    schema: Arc<Schema>,
    partition: Arc<OffsetMap>,
    every: Duration,
    began: Option<Instant>,
    left: u64,
    made: u32,
}

#[async_trait]
impl SourceConnector for PacedSource {
    const NAME: &'static str = "dev.connect.PacedSource";
    type Config = PacedSourceConfig;
    type Split = ();
    type Task = PacedSourceTask;

    async fn splits(&self, _: &Self::Config, _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, config: &Self::Config, (): (), _: SourceTaskContext) -> Result<PacedSourceTask> {
        Ok(PacedSourceTask {
            polled: Arc::clone(&self.0),
            topic: config.topic.as_str().into(),
            schema: Schema::required(Type::String),
            partition: Arc::new(OffsetMap::of("task", "0")),
            every: Duration::from_secs(1) / config.rate.max(1),
            began: None,
            left: config.records,
            made: 0,
        })
    }
}

#[async_trait]
impl Task for PacedSourceTask {}

#[async_trait]
impl SourceTask for PacedSourceTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.left == 0 {
            std::future::pending::<()>().await;
        }
        let began = *self.began.get_or_insert_with(Instant::now);
        sleep_until(began + self.every * self.made).await;
        self.left -= 1;
        self.made += 1;
        let now = monotonic();
        self.polled.lock().unwrap_or_else(PoisonError::into_inner).push(now);
        let text = Value::String(format!("{:0200}", now.as_nanos()).into());
        let record = Record::new(Arc::clone(&self.topic), Datum::new(Arc::clone(&self.schema), text));
        Ok(vec![SourceRecord::new(record, Arc::clone(&self.partition), OffsetMap::of("made", i64::from(self.made)))])
    }
}
