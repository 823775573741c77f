//! Records to put, and what there is of records that were read.

use std::sync::Arc;

use connect_api::{Record, SinkRecord, SourceRecord, TimestampType, TopicPartition, Value};

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
