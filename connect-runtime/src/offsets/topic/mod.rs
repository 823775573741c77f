//! Offsets in a compacted topic.

mod keeper;
pub(crate) mod prepare;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_api::{Error, OffsetMap, Result, async_trait};
use connect_kafka::producer::ProducerConfig;
use connect_kafka::{Broker, Isolation};
use tokio::sync::{mpsc, oneshot};

use super::OffsetStore;
use keeper::{Command, Keeper};

/// How to use an offsets topic. Start from [`new`](Self::new), the defaults of Kafka Connect.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TopicOffsetSettings {
    /// `offset.storage.topic`.
    pub topic: Arc<str>,
    /// `offset.storage.partitions`, if the topic is created; 25.
    pub partitions: i32,
    /// `offset.storage.replication.factor`, if the topic is created; 3.
    pub replication_factor: i16,
    /// Further configs of the topic, if it is created. Its `cleanup.policy` is always `compact`.
    pub topic_configs: BTreeMap<String, String>,
    /// Which records count. Only committed ones, which differs from all only where Java's workers wrote offsets in
    /// transactions.
    pub isolation: Isolation,
    /// How offsets are written. By default without waiting for more, and given up after 30 s.
    pub producer: ProducerConfig,
    /// How long a read of new records may take before it fails; 30 s. Opening is not bounded by it.
    pub read_timeout: Duration,
    /// How long creating and checking the topic may be tried; a minute.
    pub create_timeout: Duration,
}

impl TopicOffsetSettings {
    /// The default settings for a topic.
    #[must_use]
    pub fn new(topic: impl Into<Arc<str>>) -> Self {
        Self {
            topic: topic.into(),
            partitions: 25,
            replication_factor: 3,
            topic_configs: BTreeMap::new(),
            isolation: Isolation::ReadCommitted,
            producer: ProducerConfig {
                client_id: "connect-offsets".into(),
                delivery_timeout: Duration::from_secs(30),
                request_timeout: Duration::from_secs(10),
                ..ProducerConfig::default()
            },
            read_timeout: Duration::from_secs(30),
            create_timeout: Duration::from_mins(1),
        }
    }
}

/// Keeps offsets in the topic of Kafka Connect's distributed workers, `offset.storage.topic`.
///
/// Any number of stores, of this kind and Java's, may share a topic: what is loaded is what the topic says at that
/// moment. Offsets of one call that go to several partitions of the topic are not written atomically.
///
/// The work is done by a task of its own, which ends after the store is dropped and what was asked for is done.
#[derive(Clone)]
pub struct TopicOffsetStore {
    topic: Arc<str>,
    keeper: mpsc::UnboundedSender<Command>,
}

impl TopicOffsetStore {
    /// As [`open_with`](Self::open_with), with default settings otherwise.
    ///
    /// # Errors
    /// As there.
    pub async fn open(
        broker: Arc<dyn Broker>,
        topic: impl Into<Arc<str>>,
        partitions: i32,
        replication_factor: i16,
    ) -> Result<Self> {
        let settings = TopicOffsetSettings { partitions, replication_factor, ..TopicOffsetSettings::new(topic) };
        Self::open_with(broker, settings).await
    }

    /// Creates the topic if it is not there, and reads it to its end, however long that takes.
    ///
    /// Must be called within a tokio runtime, which also runs the store's task.
    ///
    /// # Errors
    /// A config error when the topic's `cleanup.policy` is not exactly `compact`, since offsets would be lost.
    /// Otherwise what the broker answered, retriable if another try may help.
    ///
    /// # Cancellation
    /// The topic may have been created.
    pub async fn open_with(broker: Arc<dyn Broker>, settings: TopicOffsetSettings) -> Result<Self> {
        prepare::create(broker.as_ref(), &settings, prepare::OFFSETS).await?;
        prepare::check(broker.as_ref(), &settings, prepare::OFFSETS).await?;
        let topic = settings.topic.clone();
        let (keeper, commands) = mpsc::unbounded_channel();
        let mut work = Keeper::new(broker, settings);
        work.catch_up().await?;
        tokio::spawn(work.run(commands));
        Ok(Self { topic, keeper })
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T>>) -> Command) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let ended = || Error::fatal(format!("the task that keeps offsets topic {:?} ended", self.topic));
        self.keeper.send(command(reply)).map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }
}

impl fmt::Debug for TopicOffsetStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicOffsetStore").field("topic", &self.topic).finish_non_exhaustive()
    }
}

#[async_trait]
impl OffsetStore for TopicOffsetStore {
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        let (connector, partitions) = (connector.into(), partitions.to_vec());
        self.ask(|reply| Command::Load { connector, partitions, reply }).await
    }

    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()> {
        let connector = connector.into();
        self.ask(|reply| Command::Store { connector, offsets, reply }).await
    }

    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        let connector = connector.into();
        self.ask(|reply| Command::All { connector, reply }).await
    }
}
