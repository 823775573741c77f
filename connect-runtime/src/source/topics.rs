//! Making topics before the first record goes to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use connect_api::{Error, Result, TaskId};
use connect_kafka::consumer::create_topic_if_absent;
use connect_kafka::{Broker, BrokerError};

use crate::config::TopicRules;
use crate::worker::retry_start;

/// Makes the topics of one task, by the connector's rules.
pub(crate) struct TopicMaker {
    pub(crate) id: TaskId,
    pub(crate) admin: Arc<dyn Broker>,
    pub(crate) rules: TopicRules,
    pub(crate) known: BTreeSet<Arc<str>>,
    pub(crate) seed: u64,
}

impl TopicMaker {
    /// Whether the topic is known to be there.
    pub(super) fn knows(&self, topic: &str) -> bool {
        self.known.contains(topic)
    }

    /// Sees to it that the topic is there. Waits while the cluster cannot be asked.
    ///
    /// # Errors
    /// The cluster refuses to make it.
    pub(super) async fn ensure(&mut self, topic: &Arc<str>) -> Result<()> {
        let Self { id, admin, rules, seed, .. } = self;
        let made = retry_start(id, None, *seed, || async {
            let found = admin.topics(Some(std::slice::from_ref(topic))).await.map_err(|error| failed(topic, error))?;
            if found.is_empty() {
                let new = rules.topic(topic);
                let (partitions, replication_factor) = (new.partitions, new.replication_factor);
                if create_topic_if_absent(&**admin, new).await.map_err(|error| failed(topic, error))? {
                    tracing::info!(task = %id, %topic, partitions, replication_factor, "topic created");
                }
            }
            Ok(())
        });
        made.await?;
        self.known.insert(Arc::clone(topic));
        Ok(())
    }
}

fn failed(topic: &str, error: BrokerError) -> Error {
    let message = format!("topic {topic:?} could not be looked up or created");
    let failed = if error.is_retriable() { Error::retriable(message) } else { Error::fatal(message) };
    failed.with_source(error)
}
