//! Before the topic is used: that it is there, and keeps what is written.

use std::time::Duration;

use connect_api::{Error, Result};
use connect_kafka::consumer::create_topic_if_absent;
use connect_kafka::{Broker, BrokerError, Code, NewTopic};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::warn;

use super::TopicOffsetSettings;

/// What a topic keeps, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeps {
    /// Such as `offsets`.
    pub(crate) what: &'static str,
    /// The worker's key that names the topic.
    pub(crate) key: &'static str,
}

pub(super) const OFFSETS: Keeps = Keeps { what: "offsets", key: "offset.storage.topic" };

const POLICY: &str = "cleanup.policy";

/// Creates the topic if it is not there.
pub(crate) async fn create(broker: &dyn Broker, settings: &TopicOffsetSettings, keeps: Keeps) -> Result<()> {
    let create = async || {
        // Looked for first: who may not create topics may use one that is there.
        if !broker.topics(Some(std::slice::from_ref(&settings.topic))).await?.is_empty() {
            return Ok(());
        }
        let mut configs = settings.topic_configs.clone();
        configs.insert(POLICY.into(), "compact".into());
        let topic = NewTopic {
            name: settings.topic.clone(),
            partitions: settings.partitions,
            replication_factor: settings.replication_factor,
            configs,
        };
        create_topic_if_absent(broker, topic).await.map(drop)
    };
    insist(settings, create).await.map_err(|error| keeps.refused("created", &settings.topic, error))
}

/// Checks that the topic is compacted and nothing else.
pub(crate) async fn check(broker: &dyn Broker, settings: &TopicOffsetSettings, keeps: Keeps) -> Result<()> {
    let topic = &settings.topic;
    let configs = match insist(settings, async || broker.topic_configs(topic).await).await {
        Ok(configs) => configs,
        // Such as missing rights. The topic may well be right, so the worker goes on, as Java's does.
        Err(error) if error.code == Code::Unknown => {
            let what = keeps.what;
            warn!(%topic, %error, "could not check that the {what} topic's cleanup.policy is compact");
            return Ok(());
        }
        Err(error) => return Err(keeps.refused("checked", topic, error)),
    };
    let policy = configs.get(POLICY).map_or("", String::as_str);
    if policy.trim() == "compact" {
        return Ok(());
    }
    Err(Error::config(format!(
        "topic {topic:?}, which {} names, must have cleanup.policy=compact so that no {} are ever deleted, but it has \
         cleanup.policy={policy}",
        keeps.key, keeps.what
    )))
}

impl Keeps {
    /// What a broker refused, for the caller of a store.
    pub(crate) fn refused(self, what: &str, topic: &str, error: BrokerError) -> Error {
        let message = format!("{} topic {topic:?} could not be {what}: {error}", self.what);
        let refused = if error.is_retriable() { Error::retriable(message) } else { Error::fatal(message) };
        refused.with_source(error)
    }
}

/// Repeats a request until it succeeds, is refused for good, or the time is over.
async fn insist<T>(
    settings: &TopicOffsetSettings,
    request: impl AsyncFn() -> connect_kafka::Result<T>,
) -> connect_kafka::Result<T> {
    let deadline = Instant::now() + settings.create_timeout;
    let mut pause = Duration::from_millis(100);
    loop {
        let error = match timeout_at(deadline, request()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => return Err(BrokerError::new(Code::RequestTimedOut, "the broker did not answer in time")),
        };
        // A cluster that is starting has too few brokers for the replicas for a while.
        let passing = error.is_retriable() || error.code == Code::InvalidReplicationFactor;
        if !passing || Instant::now() + pause >= deadline {
            return Err(error);
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
