//! Our client alone, to be measured: `peer-client produce|consume BOOTSTRAP TOPIC RECORDS` moves records of 200 bytes
//! and prints how many seconds that took, on the wall and of CPU. `librdkafka.py` is its counterpart.
#![expect(clippy::print_stdout, reason = "a command's result")]

use std::error::Error;
use std::sync::Arc;

use benches::{consume, cost, produce};
use connect_kafka::producer::ProducerConfig;
use connect_kafka::{Broker, WireBroker, WireConfig};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const BYTES: usize = 200;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [what, bootstrap, topic, records] = &arguments[..] else {
        return Err("usage: peer-client produce|consume BOOTSTRAP TOPIC RECORDS".into());
    };
    let records = records.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut moved = Ok(());
    let cost = runtime.block_on(cost(async { moved = work(what, bootstrap, topic, records).await }));
    moved?;
    println!("{} {}", cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    Ok(())
}

async fn work(what: &str, bootstrap: &str, topic: &str, records: u64) -> Result<()> {
    let broker: Arc<dyn Broker> = Arc::new(WireBroker::connect(WireConfig::plaintext(bootstrap)?).await?);
    match what {
        "produce" => produce(broker, ProducerConfig::default(), topic, records, BYTES).await,
        _ => consume(broker, topic, records, BYTES).await,
    }
}
