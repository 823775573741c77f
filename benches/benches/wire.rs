//! What a record costs on its way through a socket: our client and the embedded broker's TCP front in one process, on
//! two threads, beside the same broker called directly in the same run.

use std::sync::Arc;

use benches::{consume, cost, produce};
use connect_kafka::producer::{AutoCreate, ProducerConfig};
use connect_kafka::{Broker, InMemoryBroker, WireBroker, WireConfig};

const RECORDS: u64 = 3_000_000;

fn main() {
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for bytes in [100, 200] {
            run("direct", Arc::new(InMemoryBroker::new()), bytes).await;
            let broker = InMemoryBroker::new();
            let listening = broker.listen().await.expect("a port");
            let config = WireConfig::plaintext(listening.address().to_string()).expect("an address");
            run("TCP", Arc::new(WireBroker::connect(config).await.expect("the broker")), bytes).await;
        }
    });
}

async fn run(way: &str, broker: Arc<dyn Broker>, bytes: usize) {
    let auto_create = AutoCreate::With { partitions: 1, replication_factor: 1 };
    let config = ProducerConfig { auto_create, ..ProducerConfig::default() };
    let produced =
        cost(async { produce(broker.clone(), config, "bench", RECORDS, bytes).await.expect("acknowledged") });
    produced.await.print(&format!("produce, {way}, {bytes} bytes"), RECORDS);
    let consumed = cost(async { consume(broker.clone(), "bench", RECORDS, bytes).await.expect("read") });
    consumed.await.print(&format!("consume, {way}, {bytes} bytes"), RECORDS);
}
