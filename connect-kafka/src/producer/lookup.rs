//! How many partitions a topic has.

use std::sync::Arc;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::backoff::Backoff;
use crate::{Broker, BrokerError, Code, NewTopic};

use super::{AutoCreate, ProduceError, ProducerConfig};

/// Asks for the partitions of a topic, creating it if so configured, for as long as a record may wait to be delivered.
pub(super) async fn partitions(
    broker: &dyn Broker,
    config: &ProducerConfig,
    topic: &Arc<str>,
) -> Result<i32, ProduceError> {
    let deadline = Instant::now() + config.delivery_timeout;
    let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    loop {
        let attempt_end = deadline.min(Instant::now() + config.request_timeout);
        let answer = match timeout_at(attempt_end, ask(broker, config, topic)).await {
            Ok(answer) => answer,
            Err(_) => Err(BrokerError::new(Code::RequestTimedOut, "looking a topic up took too long")),
        };
        match answer {
            Ok(Some(partitions)) => return Ok(partitions),
            Ok(None) => return Err(ProduceError::UnknownTopic { topic: topic.to_string() }),
            Err(error) => {
                let next = Instant::now() + backoff.next();
                if !error.is_retriable() || next >= deadline {
                    return Err(ProduceError::Metadata { topic: topic.to_string(), error });
                }
                sleep_until(next).await;
            }
        }
    }
}

async fn ask(broker: &dyn Broker, config: &ProducerConfig, name: &Arc<str>) -> crate::Result<Option<i32>> {
    let found = broker.topics(Some(std::slice::from_ref(name))).await?;
    if let Some(topic) = found.iter().find(|topic| topic.name == *name) {
        return Ok(Some(topic.partitions));
    }
    let (partitions, replication_factor) = match config.auto_create {
        AutoCreate::Never => return Ok(None),
        AutoCreate::Broker => return Ok(broker.ask_for_topic(name).await?.map(|topic| topic.partitions)),
        AutoCreate::With { partitions, replication_factor } => (partitions, replication_factor),
    };
    let topic = NewTopic { name: name.clone(), partitions, replication_factor, configs: Default::default() };
    match broker.create_topic(topic).await {
        Err(error) if error.code != Code::TopicAlreadyExists => Err(error),
        // Asked for again, which also tells what the broker's default number is.
        _ => match broker.topics(Some(std::slice::from_ref(name))).await?.first() {
            Some(topic) => Ok(Some(topic.partitions)),
            None => Err(BrokerError::new(Code::LeaderNotAvailable, "the topic was created but is not seen yet")),
        },
    }
}
