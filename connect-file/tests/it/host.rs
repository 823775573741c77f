//! What a runtime would be.

use std::sync::Arc;

use connect_api::host::{SinkHost, SourceHost};
use connect_api::{
    Error, OffsetMap, Record, Result, SinkRecord, SinkTaskContext, SourceRecord, SourceTaskContext, StopSignal, TaskId,
    TimestampType, TopicPartition, Value, async_trait,
};

pub(crate) struct Stored(pub(crate) Option<OffsetMap>);

#[async_trait]
impl SourceHost for Stored {
    async fn offsets(&self, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        Ok(partitions.iter().map(|_| self.0.clone()).collect())
    }
}

pub(crate) fn source_context(stored: Option<OffsetMap>) -> SourceTaskContext {
    SourceTaskContext::new(TaskId::new("lines", 0), StopSignal::never(), Arc::new(Stored(stored)))
}

struct Nothing;

#[async_trait]
impl SinkHost for Nothing {
    fn assignment(&self) -> Vec<TopicPartition> {
        Vec::new()
    }
    fn pause(&self, _: &[TopicPartition]) {}
    fn resume(&self, _: &[TopicPartition]) {}
    fn seek(&self, _: &TopicPartition, _: i64) {}
    fn request_commit(&self) {}
    fn can_report(&self) -> bool {
        false
    }
    async fn report(&self, _: &SinkRecord, error: Error) -> Result<()> {
        Err(error)
    }
}

pub(crate) fn sink_context() -> SinkTaskContext {
    SinkTaskContext::new(TaskId::new("lines", 0), StopSignal::never(), Arc::new(Nothing))
}

/// Records to put.
pub(crate) fn records<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Vec<SinkRecord> {
    let origin = Arc::new(TopicPartition::new("topic", 0));
    let record = |(offset, value): (i64, V)| {
        let record = Record::new("topic", value.into());
        SinkRecord::new(record, Arc::clone(&origin), offset, TimestampType::CreateTime)
    };
    (0..).zip(values).map(record).collect()
}

/// The texts of records.
pub(crate) fn texts(records: &[SourceRecord]) -> Vec<&str> {
    records.iter().map(|record| record.value.value.as_str().expect("values are strings")).collect()
}

/// The positions of records.
pub(crate) fn positions(records: &[SourceRecord]) -> Vec<i64> {
    records.iter().map(|record| record.source_offset.get_i64("position").expect("files have positions")).collect()
}
