//! The worker that is measured.

use std::collections::BTreeMap;
use std::io::Read as _;

use connect_api::config;
use connect_elastic::ElasticsearchSink;
use connect_runtime::{Clients, Plugins, Worker, WorkerConfig};

use crate::Result;

/// Runs a search sink with these arguments (broker, server, `KEY=VALUE`) until the input ends.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let bootstrap = arguments.next().ok_or("no broker")?;
    let url = arguments.next().ok_or("no server")?;
    let worker = properties([
        ("bootstrap.servers", bootstrap.as_str()),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ("value.converter.schemas.enable", "false"),
    ]);
    let mut sink = properties([
        ("name", "search"),
        ("connector.class", "ElasticsearchSink"),
        ("topics", "documents"),
        ("connection.url", &url),
        ("schema.ignore", "true"),
        ("read.timeout.ms", "60000"),
    ]);
    for argument in arguments {
        let (key, value) = argument.split_once('=').ok_or("no KEY=VALUE")?;
        sink.insert(key.to_owned(), value.to_owned());
    }
    // As the `connect` binary has it.
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let settings = config::parse::<WorkerConfig>(&worker)?.config;
        let plugins = Plugins::new().sink(ElasticsearchSink::new());
        let worker = Worker::with_clients(Clients::kafka(worker)?).plugins(plugins).config(settings).build().await?;
        worker.create(sink).await?;
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        Ok(())
    })
}

fn properties<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
