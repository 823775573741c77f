//! A host with a worker, its REST API and the page at `/ui`, and connectors that show what an operator may meet: some
//! run, one fails, one hangs, one has records that it does not take.
//!
//! `cargo run -p connect-runtime --example operate --features rest`, then open the address it prints. It ends with its
//! standard input.

use std::sync::Arc;
use std::time::Duration;

use connect_api::config::{ConfigErrors, Millis, Secret};
use connect_api::{
    Delivery, Error, JsonSchema, OffsetMap, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext,
    SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task, async_trait,
};
use connect_runtime::herder::{Herder, StandaloneHerder};
use connect_runtime::rest::{Rest, RestConfig};
use connect_runtime::{EmbeddedBroker, InitialState, Plugins, Worker, WorkerConfig};
use serde::Deserialize;
use tokio::time::sleep;

/// What a source of measured values is told.
#[derive(Debug, Deserialize, JsonSchema)]
struct ReadingsConfig {
    /// Topic for the values.
    topic: String,
    /// Values in a second.
    #[serde(rename = "values.per.second", default = "hundred")]
    #[schemars(range(min = 1, max = 100_000))]
    values_per_second: u64,
}

fn hundred() -> u64 {
    100
}

struct Readings;

#[async_trait]
impl SourceConnector for Readings {
    const NAME: &'static str = "example.ReadingsSource";
    const VERSION: &'static str = "1.0";
    type Config = ReadingsConfig;
    type Split = usize;
    type Task = ReadingsTask;

    async fn splits(&self, _: &ReadingsConfig, max_tasks: usize) -> Result<Vec<usize>> {
        Ok((0..max_tasks).collect())
    }

    async fn task(&self, config: &ReadingsConfig, sensor: usize, context: SourceTaskContext) -> Result<ReadingsTask> {
        let partition = Arc::new(OffsetMap::of("sensor", i64::try_from(sensor).unwrap_or_default()));
        let last = context.offset(&partition).await?.and_then(|offset| offset.get_i64("n"));
        let next = last.map_or(0, |n| n + 1);
        Ok(ReadingsTask { topic: config.topic.as_str().into(), per_second: config.values_per_second, partition, next })
    }
}

struct ReadingsTask {
    topic: Arc<str>,
    per_second: u64,
    partition: Arc<OffsetMap>,
    next: i64,
}

impl Task for ReadingsTask {}

#[async_trait]
impl SourceTask for ReadingsTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        sleep(Duration::from_millis(100)).await;
        // More at one time of the minute than at another.
        let swing = 1.0 + 0.7 * (self.next as f64 / self.per_second as f64 / 4.0).sin();
        let count = ((self.per_second as f64 / 10.0 * swing) as i64).max(1);
        let record = |n: i64| {
            let value = if n % 997 == 996 { "broken".to_owned() } else { (n % 100).to_string() };
            let record = Record::new(Arc::clone(&self.topic), value);
            SourceRecord::new(record, Arc::clone(&self.partition), OffsetMap::of("n", n))
        };
        let records = (self.next..self.next + count).map(record).collect();
        self.next += count;
        Ok(records)
    }
}

/// What becomes of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Behaviour {
    /// All that are numbers are taken.
    Take,
    /// The first one ends the task.
    Fail,
    /// After a second nothing moves any more.
    Hang,
}

/// What a sink is told.
#[derive(Debug, Deserialize, JsonSchema)]
struct StoreConfig {
    /// Where the store is, with scheme and port.
    #[serde(rename = "store.url")]
    url: String,
    /// Who writes to it.
    #[serde(rename = "store.user", default)]
    user: String,
    /// Password of that user.
    #[serde(rename = "store.password")]
    #[expect(dead_code, reason = "there is no store")]
    password: Option<Secret<String>>,
    /// What becomes of records.
    #[serde(default = "take")]
    behaviour: Behaviour,
    /// How long a batch takes.
    #[serde(rename = "latency.ms", default = "latency")]
    latency: Millis,
}

fn take() -> Behaviour {
    Behaviour::Take
}

fn latency() -> Millis {
    Millis::new(120)
}

struct Store;

#[async_trait]
impl SinkConnector for Store {
    const NAME: &'static str = "example.StoreSink";
    const VERSION: &'static str = "1.0";
    type Config = StoreConfig;
    type Task = StoreTask;

    async fn task(&self, config: &StoreConfig, _: SinkTaskContext) -> Result<StoreTask> {
        let user = config.user.clone();
        Ok(StoreTask { behaviour: config.behaviour, user, latency: config.latency.duration(), puts: 0 })
    }

    async fn validate(&self, config: &StoreConfig) -> Result<(), ConfigErrors> {
        let mut errors = ConfigErrors::new();
        if !config.url.starts_with("store://") {
            errors.add("store.url", Some(config.url.clone()), "must begin with store://");
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

struct StoreTask {
    behaviour: Behaviour,
    user: String,
    latency: Duration,
    puts: u64,
}

impl Task for StoreTask {}

#[async_trait]
impl SinkTask for StoreTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        self.puts += 1;
        sleep(self.latency).await;
        match self.behaviour {
            Behaviour::Fail => {
                Err(Error::fatal(format!("the store lets {} not write the table \"readings\"", self.user))
                    .with_source(Error::data("column \"value\" of type DATE cannot hold 42")))
            }
            Behaviour::Hang if self.puts > 5 => std::future::pending().await,
            _ => {
                let broken = |record: &SinkRecord| record.value.value.as_str().is_none_or(|text| text == "broken");
                let bad = records.iter().enumerate().filter(|(_, record)| broken(record));
                let bad: Vec<_> = bad.map(|(index, _)| (index, Error::data("that is no number"))).collect();
                if bad.is_empty() { Ok(Delivery::Durable) } else { Err(Error::records(bad)) }
            }
        }
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "it says where it is")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let config = WorkerConfig {
        progress_deadline: Millis::new(5_000),
        offset_flush_interval: Millis::new(1_000),
        ..WorkerConfig::default()
    };
    let plugins = Plugins::new().source(Readings).sink(Store);
    let worker = Worker::builder(EmbeddedBroker::new()).config(config).plugins(plugins).build().await?;
    let herder = StandaloneHerder::open(worker.clone()).await?;
    herder.start().await;
    let herder: Arc<dyn Herder> = Arc::new(herder);

    let store = |behaviour: &str| {
        vec![
            ("connector.class", "example.StoreSink".to_owned()),
            ("topics", "readings".to_owned()),
            ("store.url", "store://inventory:7000".to_owned()),
            ("store.user", "connect".to_owned()),
            ("store.password", "correct-horse".to_owned()),
            ("behaviour", behaviour.to_owned()),
            ("errors.tolerance", "all".to_owned()),
            ("errors.deadletterqueue.topic.name", "refused".to_owned()),
        ]
    };
    let readings = |per_second: &str, tasks: &str| {
        vec![
            ("connector.class", "example.ReadingsSource".to_owned()),
            ("topic", "readings".to_owned()),
            ("values.per.second", per_second.to_owned()),
            ("tasks.max", tasks.to_owned()),
        ]
    };
    let connectors = [
        ("greenhouse-readings", readings("400", "2"), InitialState::Running),
        ("cellar-readings", readings("50", "1"), InitialState::Paused),
        ("readings-to-store", store("take"), InitialState::Running),
        ("readings-to-archive", store("hang"), InitialState::Running),
        ("readings-to-warehouse", store("fail"), InitialState::Running),
    ];
    for (name, config, state) in connectors {
        let config = config.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect();
        herder.create(name, config, state).await?;
    }

    let rest = RestConfig { listeners: vec!["http://127.0.0.1:0".into()], ..RestConfig::default() };
    let server = Rest::new(herder, rest)?.serve().await?;
    println!("{}ui", if server.url().ends_with('/') { server.url().to_owned() } else { format!("{}/", server.url()) });
    // Until whoever started it closes its standard input.
    let ends = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(ends).await??;
    server.shutdown().await;
    worker.shutdown().await?;
    Ok(())
}
