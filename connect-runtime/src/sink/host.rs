//! What stands behind a sink task's context.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use connect_api::host::SinkHost;
use connect_api::{Error, Result, SinkRecord, TopicPartition};
use connect_kafka::batch::{FetchedRecord, TimestampType};
use connect_kafka::consumer::FetchedBatch;
use tokio::sync::Notify;

use super::lot::raw_record;
use super::reread::Reread;
use crate::convert::{Converters, Encoded};
use crate::failures::{Failure, Failures, Origin, Stage};
use crate::progress::lock;

/// What the task asked for, until it takes effect.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) paused: BTreeSet<TopicPartition>,
    pub(super) pauses_changed: bool,
    pub(super) seeks: Vec<(TopicPartition, i64)>,
}

pub(super) struct Host {
    pub(super) assignment: Mutex<Vec<TopicPartition>>,
    pub(super) asked: Mutex<Asked>,
    pub(super) commit: Arc<Notify>,
    pub(super) failures: Arc<Failures>,
    pub(super) converters: Converters,
    /// The bytes of the records that the task has now.
    pub(super) raw: Mutex<Vec<FetchedBatch>>,
    /// For records that it had before.
    pub(super) reread: Reread,
}

impl Host {
    /// The bytes a record was read from; for one that the task made itself, or that is gone from its topic, what the
    /// converters make of it.
    async fn raw(&self, record: &SinkRecord) -> FetchedRecord {
        let (origin, offset) = (record.origin(), record.offset());
        let mut found = raw_record(&lock(&self.raw), origin, offset);
        if found.is_none() && lock(&self.assignment).contains(origin) {
            found = self.reread.record(origin, offset).await;
        }
        found.unwrap_or_else(|| {
            let mut encoded = Encoded::default();
            let converted = self.converters.encode(record, &mut encoded).is_ok();
            FetchedRecord {
                offset: record.offset(),
                timestamp: record.timestamp.unwrap_or(-1),
                timestamp_type: TimestampType::CreateTime,
                key: encoded.key().filter(|_| converted).map(Bytes::copy_from_slice),
                value: encoded.value().filter(|_| converted).map(Bytes::copy_from_slice),
                headers: encoded
                    .headers
                    .iter()
                    .map(|(key, value)| (Bytes::copy_from_slice(key.as_bytes()), value.clone()))
                    .collect(),
            }
        })
    }

    /// Gives a record up that the task could not deliver.
    pub(super) async fn give_up(&self, record: &SinkRecord, error: Error) -> Result<()> {
        let origin = record.origin();
        let raw = self.raw(record).await;
        let failure = Failure {
            stage: Stage::TaskPut,
            class: "org.apache.kafka.connect.sink.SinkTask".into(),
            error,
            origin: Origin::Sink { topic: Arc::clone(&origin.topic), partition: origin.partition, raw },
        };
        self.failures.give_up(failure).await
    }
}

#[async_trait]
impl SinkHost for Host {
    fn assignment(&self) -> Vec<TopicPartition> {
        lock(&self.assignment).clone()
    }

    fn pause(&self, partitions: &[TopicPartition]) {
        let mut asked = lock(&self.asked);
        asked.paused.extend(partitions.iter().cloned());
        asked.pauses_changed = true;
    }

    fn resume(&self, partitions: &[TopicPartition]) {
        let mut asked = lock(&self.asked);
        asked.paused.retain(|paused| !partitions.contains(paused));
        asked.pauses_changed = true;
    }

    fn seek(&self, partition: &TopicPartition, offset: i64) {
        lock(&self.asked).seeks.push((partition.clone(), offset));
    }

    fn request_commit(&self) {
        self.commit.notify_one();
    }

    fn can_report(&self) -> bool {
        self.failures.can_report()
    }

    async fn report(&self, record: &SinkRecord, error: Error) -> Result<()> {
        self.give_up(record, error).await
    }
}
