//! Makes up structs in memory, as fast as it is polled.

use std::sync::Arc;

use connect_api::{
    Datum, OffsetMap, Record, Result, Schema, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Struct,
    Task, Type, Value, async_trait,
};

const PLACES: [&str; 4] = ["harbour", "station", "airport", "library"];
const NOTE: &str = "The quick brown fox jumps over the lazy dog, 0123456789 times a day, all the days we have.";

connect_api::config! {
    /// What to make.
    pub(crate) struct GeneratedSourceConfig {
        /// Where the records go.
        topic: String,
        /// How many.
        records: u64,
        /// How many one poll returns.
        #[serde(rename = "batch.records", default = "batch")]
        batch: u64,
    }
}

fn batch() -> u64 {
    2000
}

/// The connector: the records of `dev.connect.GeneratedSource`.
pub(crate) struct GeneratedSource;

pub(crate) struct GeneratedSourceTask {
    schema: Arc<Schema>,
    partition: Arc<OffsetMap>,
    topic: Arc<str>,
    names: Vec<Arc<str>>,
    places: Vec<Arc<str>>,
    note: Arc<str>,
    records: u64,
    batch: u64,
    next: u64,
}

#[async_trait]
impl SourceConnector for GeneratedSource {
    const NAME: &'static str = "dev.connect.GeneratedSource";
    type Config = GeneratedSourceConfig;
    type Split = ();
    type Task = GeneratedSourceTask;

    async fn splits(&self, _: &Self::Config, _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, config: &Self::Config, (): (), context: SourceTaskContext) -> Result<GeneratedSourceTask> {
        let partition = OffsetMap::of("task", "0");
        let stored = context.offset(&partition).await?;
        let next = stored.and_then(|offset| offset.get_i64("next")).unwrap_or(0);
        Ok(GeneratedSourceTask {
            schema: schema()?,
            partition: Arc::new(partition),
            topic: config.topic.as_str().into(),
            names: (0..1000).map(|number| format!("customer-{number:03}").into()).collect(),
            places: PLACES.map(Arc::from).into(),
            note: NOTE.into(),
            records: config.records,
            batch: config.batch,
            next: u64::try_from(next).unwrap_or(0),
        })
    }
}

fn schema() -> Result<Arc<Schema>> {
    Schema::structure()
        .name("dev.connect.Generated")
        .field("id", Schema::required(Type::Int64))
        .field("at", Schema::required(Type::Int64))
        .field("name", Schema::required(Type::String))
        .field("place", Schema::required(Type::String))
        .field("price", Schema::required(Type::Float64))
        .field("open", Schema::required(Type::Boolean))
        .field("note", Schema::required(Type::String))
        .build()
}

impl GeneratedSourceTask {
    #[expect(clippy::cast_possible_wrap, clippy::cast_possible_truncation, reason = "small numbers")]
    fn make(&mut self) -> Result<SourceRecord> {
        let id = self.next;
        self.next += 1;
        let values = [
            Value::Int64(1_000_000_000 + id as i64),
            Value::Int64(1_750_000_000_000 + id as i64),
            Value::String(Arc::clone(&self.names[id as usize % self.names.len()])),
            Value::String(Arc::clone(&self.places[id as usize % self.places.len()])),
            Value::Float64(f64::from((id % 10_007) as u32) / 8.0),
            Value::Boolean(id.is_multiple_of(2)),
            Value::String(Arc::clone(&self.note)),
        ];
        // Checked, as Java's is.
        let value = Datum::new(Arc::clone(&self.schema), Value::Struct(Struct::of(&self.schema, values)?));
        let record = Record::new(Arc::clone(&self.topic), value);
        Ok(SourceRecord::new(record, Arc::clone(&self.partition), OffsetMap::of("next", self.next as i64)))
    }
}

#[async_trait]
impl Task for GeneratedSourceTask {}

#[async_trait]
impl SourceTask for GeneratedSourceTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.next >= self.records {
            std::future::pending::<()>().await;
        }
        (0..self.batch.min(self.records - self.next)).map(|_| self.make()).collect()
    }
}
