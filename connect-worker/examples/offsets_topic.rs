//! A file source on a Kafka cluster that goes on where distributed workers of Kafka Connect stopped, and they where it
//! stops: its offsets are in their `offset.storage.topic`. Ends when everything is in Kafka.
//!
//! `offsets_topic HOST:PORT OFFSETS_TOPIC CONNECTOR.properties`

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Error, Result};
use connect_file::FileStreamSource;
use connect_kafka::{WireBroker, WireConfig};
use connect_runtime::offsets::TopicOffsetStore;
use connect_runtime::{Clients, Plugins, Worker, properties};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [bootstrap, topic, file] = arguments.as_slice() else {
        return Err(Error::config("usage: offsets_topic HOST:PORT OFFSETS_TOPIC CONNECTOR.properties"));
    };
    let text = std::fs::read_to_string(file).map_err(|error| Error::config(file.clone()).with_source(error))?;
    let connector = properties::parse(&text).map_err(|error| Error::config(file.clone()).with_source(error))?;

    let wrong = |error| Error::config("HOST:PORT").with_source(error);
    let config = WireConfig::plaintext(bootstrap.clone()).map_err(wrong)?;
    let broker = WireBroker::connect(config).await.map_err(|error| Error::fatal("no cluster").with_source(error))?;
    // Partitions and replicas matter only if the topic is not there yet.
    let store = TopicOffsetStore::open(Arc::new(broker), topic.as_str(), 25, -1).await?;

    let clients = Clients::kafka(BTreeMap::from([("bootstrap.servers".to_owned(), bootstrap.clone())]))?;
    let plugins = Plugins::new().source(FileStreamSource::new());
    let worker = Worker::with_clients(clients).plugins(plugins).offset_store(store).build().await?;
    worker.create(connector).await?;
    let drained = worker.drained().await?;
    worker.shutdown().await?;
    if drained.is_complete() { Ok(()) } else { Err(Error::fatal(format!("{:?}", drained.connectors))) }
}
