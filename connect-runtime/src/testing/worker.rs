//! A worker for tests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_api::config::ConfigErrors;
use connect_api::{Datum, Record, SinkConnector, SourceConnector};
use connect_kafka::{Broker, Clock, Faults, InMemoryBroker, NewTopic};

use super::builder::TestWorkerBuilder;
use super::life::Life;
use super::log;
use super::store::SharedStore;
use crate::config::{SinkOptions, SourceOptions, WorkerConfig};
use crate::convert::Converters;
use crate::plugins::Plugins;
use crate::providers::Providers;
use crate::worker::{Made, Worker};

/// A worker on a broker in memory, for tests.
///
/// Broker and stored offsets outlive the worker, so that [`crash`](Self::crash) and [`restart`](Self::restart) are
/// what they are in production. Timestamps follow tokio's clock; pause it (`#[tokio::test(start_paused = true)]`),
/// and nothing has to be waited for.
///
/// ```
/// use connect_api::{Delivery, Error, SinkRecord};
/// use connect_runtime::{SinkOptions, sink_fn, testing::TestWorker};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let mut worker = TestWorker::start().await;
/// let numbers = sink_fn(async |records: Vec<SinkRecord>| {
///     let bad = records.iter().position(|record| record.value.value.as_str() == Some("bad"));
///     match bad {
///         None => Ok(Delivery::Durable),
///         Some(bad) => Err(Error::records([(bad, Error::data("not a number"))])),
///     }
/// });
/// worker.topic("numbers", 1).await;
/// worker.send_all("numbers", ["1", "bad", "3"]).await;
/// worker.start_sink(SinkOptions::new("sum", ["numbers"]).dead_letters("dlq"), numbers, ()).await;
/// worker.drained().await;
///
/// assert_eq!(worker.committed("sum", "numbers"), [3]);
/// assert_eq!(worker.dead_letters("dlq")[0].text(), "bad");
/// # }
/// ```
pub struct TestWorker {
    pub(super) broker: InMemoryBroker,
    pub(super) store: SharedStore,
    pub(super) clock: Clock,
    pub(super) config: WorkerConfig,
    pub(super) plugins: Plugins,
    pub(super) providers: Providers,
    pub(super) converters: Converters,
    pub(super) patience: Duration,
    pub(super) life: Option<Life>,
    /// What ran when the last life ended.
    pub(super) made: Vec<Made>,
}

impl TestWorker {
    /// Starts a worker with an empty broker; keys and values are strings.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A worker that is not the usual one.
    pub fn builder() -> TestWorkerBuilder {
        TestWorkerBuilder::new()
    }

    /// The worker itself, for everything that has no shorthand here.
    ///
    /// # Panics
    /// Between [`crash`](Self::crash) and [`restart`](Self::restart).
    #[must_use]
    pub fn worker(&self) -> &Worker {
        let life = self.life.as_ref().expect("the worker has crashed; restart() it");
        &life.worker
    }

    /// The broker.
    #[must_use]
    pub const fn broker(&self) -> &InMemoryBroker {
        &self.broker
    }

    /// The hooks that make calls of the broker fail. Those that this kit makes itself (to send, to create a topic,
    /// to look whether all is drained) fail like any other, so send first.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.broker.faults()
    }

    /// Creates a topic. Without this a topic comes to be with one partition when it is first used.
    ///
    /// # Panics
    /// When there is one of this name.
    pub async fn topic(&self, name: &str, partitions: i32) {
        let topic = NewTopic { name: name.into(), partitions, replication_factor: 1, configs: BTreeMap::new() };
        self.broker.create_topic(topic).await.unwrap_or_else(|error| panic!("topic {name:?} was not created: {error}"));
    }

    /// Sends a record, and waits until the broker has it. The key decides the partition; `Value::Null` is no key.
    ///
    /// # Panics
    /// When it cannot be converted or written.
    pub async fn send(&self, topic: &str, key: impl Into<Datum>, value: impl Into<Datum>) {
        self.send_records([Record::new(topic, value).with_key(key)]).await;
    }

    /// Sends values without keys, all to one partition if the topic has several.
    ///
    /// # Panics
    /// When one cannot be converted or written.
    pub async fn send_all<V: Into<Datum>>(&self, topic: &str, values: impl IntoIterator<Item = V>) {
        let topic: Arc<str> = topic.into();
        self.send_records(values.into_iter().map(|value| Record::new(Arc::clone(&topic), value))).await;
    }

    /// Sends records as they are, with headers, partition and timestamp.
    ///
    /// # Panics
    /// When one cannot be converted or written.
    pub async fn send_records(&self, records: impl IntoIterator<Item = Record>) {
        log::write(&self.broker, self.clock, &self.converters, records.into_iter().collect()).await;
    }

    /// Starts a sink.
    ///
    /// # Panics
    /// When its configuration is wrong.
    pub async fn start_sink<C: SinkConnector>(&self, options: SinkOptions, connector: C, config: C::Config) {
        let started = self.worker().start_sink(options, connector, config).await;
        started.unwrap_or_else(|error| panic!("the sink did not start: {error:?}"));
    }

    /// Starts a source.
    ///
    /// # Panics
    /// When its configuration is wrong.
    pub async fn start_source<C: SourceConnector>(&self, options: SourceOptions, connector: C, config: C::Config) {
        let started = self.worker().start_source(options, connector, config).await;
        started.unwrap_or_else(|error| panic!("the source did not start: {error:?}"));
    }

    /// Checks a Connect configuration and starts nothing: the mistakes, by key; none when it is sound.
    pub async fn validate<K: Into<String>, V: Into<String>>(
        &self,
        properties: impl IntoIterator<Item = (K, V)>,
    ) -> ConfigErrors {
        let properties = properties.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self.worker().validate(&properties).await.err().unwrap_or_default()
    }

    /// Starts a connector from a Connect configuration, as an operator would.
    ///
    /// # Panics
    /// When the configuration is wrong, with everything that is.
    pub async fn create<K: Into<String>, V: Into<String>>(&self, properties: impl IntoIterator<Item = (K, V)>) {
        let properties = properties.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        let created = self.worker().create(properties).await;
        created.unwrap_or_else(|error| panic!("the connector was not created: {error:?}"));
    }
}

impl fmt::Debug for TestWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestWorker").field("life", &self.life).finish_non_exhaustive()
    }
}
