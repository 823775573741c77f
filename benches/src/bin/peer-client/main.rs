//! Our client alone, to be measured: `peer-client produce|consume BOOTSTRAP TOPIC RECORDS` moves records of 200 bytes
//! and prints how many seconds that took, on the wall and of CPU. `librdkafka.py` is its counterpart.
#![expect(clippy::print_stdout, reason = "a command's result")]

use std::error::Error;
use std::sync::Arc;

use benches::cost;
use connect_kafka::consumer::{FetchConfig, PartitionConsumer};
use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{Broker, TopicPartition, WireBroker, WireConfig};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [what, bootstrap, topic, records] = &arguments[..] else {
        return Err("usage: peer-client produce|consume BOOTSTRAP TOPIC RECORDS".into());
    };
    let records = records.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut moved = Ok(());
    let cost = runtime.block_on(cost(async {
        moved = match what.as_str() {
            "produce" => produce(bootstrap, topic, records).await,
            _ => consume(bootstrap, topic, records).await,
        };
    }));
    moved?;
    println!("{} {}", cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    Ok(())
}

async fn connect(bootstrap: &str) -> Result<Arc<dyn Broker>> {
    Ok(Arc::new(WireBroker::connect(WireConfig::plaintext(bootstrap)?).await?))
}

async fn produce(bootstrap: &str, topic: &str, records: u64) -> Result<()> {
    let mut producer = Producer::new(connect(bootstrap).await?, ProducerConfig::default());
    let (topic, value) = (Arc::from(topic), [b'x'; 200]);
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

async fn consume(bootstrap: &str, topic: &str, records: u64) -> Result<()> {
    let mut consumer = PartitionConsumer::new(connect(bootstrap).await?, FetchConfig::default());
    consumer.assign([(TopicPartition::new(topic, 0), 0)]);
    let (mut count, mut bytes) = (0, 0);
    while count < records {
        for batch in consumer.next().await?.batches {
            for record in batch.views() {
                bytes += record?.value.map_or(0, <[u8]>::len);
                count += 1;
            }
        }
    }
    if bytes as u64 == records * 200 { Ok(()) } else { Err(format!("{bytes} bytes in {count} records").into()) }
}
