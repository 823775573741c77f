//! Reading and writing topics of the broker in memory, past its faults where that is possible.

use std::sync::Arc;

use connect_api::{Record, SinkRecord};
use connect_kafka::batch::{Batch, Checksum, FetchedRecord};
use connect_kafka::producer::{AutoCreate, Producer, ProducerConfig};
use connect_kafka::{Broker, Clock, InMemoryBroker, TopicPartition};
use futures::FutureExt;

use crate::convert::{Converters, Encoded};

/// How many partitions a topic has; 0 when there is no such topic.
pub(super) fn partitions(broker: &InMemoryBroker, topic: &str) -> i32 {
    (0..).find(|number| broker.log_end(&TopicPartition::new(topic, *number)).is_err()).unwrap_or(0)
}

/// All records of a topic, by partition and offset. A broker in memory takes only whole batches, and waits for nothing to
/// read them past its faults.
pub(super) fn raw(broker: &InMemoryBroker, topic: &str) -> Vec<(Arc<connect_api::TopicPartition>, FetchedRecord)> {
    let mut records = Vec::new();
    for number in 0..partitions(broker, topic) {
        let origin = Arc::new(connect_api::TopicPartition::new(topic, number));
        let batches = broker.batches(&TopicPartition::new(topic, number)).now_or_never();
        let batches = batches.expect("a broker in memory has everything at hand").expect("the partition is there");
        for bytes in batches {
            let batch = Batch::parse(&bytes, Checksum::Verify).expect("the broker keeps no broken batch");
            if !batch.is_control() {
                let read = batch.records().map(|record| record.expect("the broker keeps no broken record"));
                records.extend(read.map(|record| (Arc::clone(&origin), record)));
            }
        }
    }
    records
}

/// The records of a topic as a connector with the worker's converters would see them.
pub(super) fn decoded(broker: &InMemoryBroker, converters: &Converters, topic: &str) -> Vec<SinkRecord> {
    let decode = |(origin, raw): (Arc<connect_api::TopicPartition>, FetchedRecord)| {
        converters.decode(&raw, &origin).unwrap_or_else(|failed| {
            panic!(
                "the record of {origin} at offset {} cannot be read by {}: {}",
                raw.offset,
                failed.class,
                failed.error.trace()
            )
        })
    };
    raw(broker, topic).into_iter().map(decode).collect()
}

/// Writes records, in this order, and waits until the broker has them.
pub(super) async fn write(broker: &InMemoryBroker, clock: Clock, converters: &Converters, records: Vec<Record>) {
    let shared: Arc<dyn Broker> = Arc::new(broker.clone());
    let config = ProducerConfig {
        client_id: "test".into(),
        clock,
        auto_create: AutoCreate::Broker,
        ..ProducerConfig::default()
    };
    let mut producer = Producer::new(shared, config);
    let mut encoded = Encoded::default();
    for record in records {
        if let Err(failed) = converters.encode(&record, &mut encoded) {
            panic!(
                "a record for topic {:?} cannot be written by {}: {}",
                record.topic,
                failed.class,
                failed.error.trace()
            );
        }
        let (key, value, headers) = (encoded.key(), encoded.value(), encoded.headers());
        let appended = producer.append(&record.topic, record.partition, record.timestamp, key, value, headers).await;
        appended.unwrap_or_else(|error| panic!("a record for topic {:?} was refused: {error}", record.topic));
    }
    for ack in producer.close().await {
        ack.result.unwrap_or_else(|error| panic!("records for {} were not written: {error}", ack.partition));
    }
}
