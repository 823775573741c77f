//! Our client alone: records of one size to a topic, and back.

use std::error::Error;
use std::sync::Arc;

use connect_kafka::consumer::{FetchConfig, PartitionConsumer};
use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{Broker, TopicPartition};

/// Produces `records` values of `bytes` bytes and waits until all are acknowledged.
///
/// # Errors
/// A record was not written.
pub async fn produce(
    broker: Arc<dyn Broker>,
    config: ProducerConfig,
    topic: &str,
    records: u64,
    bytes: usize,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut producer = Producer::new(broker, config);
    let (topic, value) = (Arc::from(topic), vec![b'x'; bytes]);
    for _ in 0..records {
        producer.append(&topic, None, None, None, Some(&value), []).await?;
        while let Some(ack) = producer.try_ack() {
            ack.result?;
        }
    }
    producer.flush_batches();
    while producer.unacked().0 > 0 {
        producer.next_ack().await.result?;
    }
    Ok(())
}

/// Reads as many records from partition 0 of the topic, each to its value.
///
/// # Errors
/// They cannot be read, or are not of `bytes` bytes.
pub async fn consume(
    broker: Arc<dyn Broker>,
    topic: &str,
    records: u64,
    bytes: usize,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut consumer = PartitionConsumer::new(broker, FetchConfig::default());
    consumer.assign([(TopicPartition::new(topic, 0), 0)]);
    let (mut count, mut found) = (0, 0);
    while count < records {
        for batch in consumer.next().await?.batches {
            for record in batch.views() {
                found += record?.value.map_or(0, <[u8]>::len);
                count += 1;
            }
        }
    }
    if found as u64 == records * bytes as u64 {
        Ok(())
    } else {
        Err(format!("{found} bytes in {count} records").into())
    }
}
