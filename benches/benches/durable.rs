//! What an acknowledged produce on disk costs: batches of 100 kB and of 2 kB, five in flight, each acknowledged
//! after an fsync, beside the same on the broker in memory in the same run.

use std::sync::Arc;

use benches::{cost, produce};
use connect_kafka::producer::{AutoCreate, ProducerConfig};
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
            run("memory", memory, batch_bytes, records).await;
            let directory = tempfile::tempdir().expect("a directory");
            let disk = EmbeddedBroker::open(directory.path(), EmbeddedOptions::default()).expect("a broker");
            run("disk, fsync", Arc::new(disk), batch_bytes, records).await;
        }
    });
}

async fn run(what: &str, broker: Arc<dyn Broker>, batch_bytes: usize, records: u64) {
    let auto_create = AutoCreate::With { partitions: 1, replication_factor: 1 };
    let config = ProducerConfig { batch_bytes, auto_create, ..ProducerConfig::default() };
    let cost = cost(async { produce(broker, config, "bench", records, 200).await.expect("acknowledged") });
    cost.await.print(&format!("produce, {what}, batches of {batch_bytes} bytes"), records);
}
