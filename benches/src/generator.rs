//! A source of equal records.

use std::sync::Arc;

use connect_api::{
    Datum, OffsetMap, Record, Result, Schema, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task, Type,
    Value, async_trait,
};

/// Makes `records` records of `bytes` bytes of text, 2000 a poll, and then waits.
#[derive(Debug, Clone, Copy)]
pub struct Generator {
    /// How many.
    pub records: u64,
    /// How large each one's value is.
    pub bytes: usize,
}

/// The task.
#[derive(Debug)]
pub struct GeneratorTask {
    left: u64,
    made: i64,
    topic: Arc<str>,
    schema: Arc<Schema>,
    value: Arc<str>,
    partition: Arc<OffsetMap>,
}

#[async_trait]
impl SourceConnector for Generator {
    const NAME: &'static str = "generator";
    type Config = ();
    type Split = ();
    type Task = GeneratorTask;

    async fn splits(&self, (): &(), _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, (): &(), (): (), _: SourceTaskContext) -> Result<GeneratorTask> {
        Ok(GeneratorTask {
            left: self.records,
            made: 0,
            topic: "bench".into(),
            schema: Schema::required(Type::String),
            value: "x".repeat(self.bytes).into(),
            partition: Arc::new(OffsetMap::of("generator", 0i64)),
        })
    }
}

#[async_trait]
impl Task for GeneratorTask {}

#[async_trait]
impl SourceTask for GeneratorTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.left == 0 {
            std::future::pending::<()>().await;
        }
        let count = self.left.min(2000);
        self.left -= count;
        let records = (0..count).map(|_| {
            self.made += 1;
            let value = Datum::new(Arc::clone(&self.schema), Value::String(Arc::clone(&self.value)));
            let record = Record::new(Arc::clone(&self.topic), value).with_timestamp(self.made);
            SourceRecord::new(record, Arc::clone(&self.partition), OffsetMap::of("made", self.made))
        });
        Ok(records.collect())
    }
}
