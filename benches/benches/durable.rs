//! What an acknowledged produce on disk costs: batches of 100 kB and of 2 kB, five in flight, each acknowledged
//! after an fsync, beside the same on the broker in memory in the same run.

use std::sync::Arc;

use benches::cost;
use connect_kafka::producer::{AutoCreate, Producer, ProducerConfig};
use connect_kafka::{Broker, EmbeddedBroker, EmbeddedOptions, InMemoryBroker};

fn main() {
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for (batch_bytes, records) in [(100_000, 1_000_000), (2_000, 100_000)] {
            let memory = Arc::new(InMemoryBroker::new());
            produce("memory", memory, batch_bytes, records).await;
            let directory = tempfile::tempdir().expect("a directory");
            let disk = EmbeddedBroker::open(directory.path(), EmbeddedOptions::default()).expect("a broker");
            produce("disk, fsync", Arc::new(disk), batch_bytes, records).await;
        }
    });
}

async fn produce(what: &str, broker: Arc<dyn Broker>, batch_bytes: usize, records: u64) {
    let auto_create = AutoCreate::With { partitions: 1, replication_factor: 1 };
    let config = ProducerConfig { batch_bytes, auto_create, ..ProducerConfig::default() };
    let mut producer = Producer::new(broker, config);
    let (topic, value) = (Arc::from("bench"), [b'x'; 200]);
    let cost = cost(async {
        for number in 0..records {
            let timestamp = i64::try_from(number).ok();
            let appended = producer.append(&topic, None, timestamp, None, Some(&value), []);
            appended.await.expect("appended");
            while let Some(ack) = producer.try_ack() {
                ack.result.expect("acknowledged");
            }
        }
        producer.flush_batches();
        while producer.unacked().0 > 0 {
            producer.next_ack().await.result.expect("acknowledged");
        }
    });
    cost.await.print(&format!("produce, {what}, batches of {batch_bytes} bytes"), records);
}
