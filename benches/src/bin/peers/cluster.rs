//! The Kafka cluster, and topics on it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{Broker, Isolation, NewTopic, OffsetSpec, TopicPartition, WireBroker, WireConfig};

use crate::Result;

/// One that is there, or a node of ours.
pub(crate) struct Cluster {
    pub(crate) bootstrap: String,
    pub(crate) broker: Arc<dyn Broker>,
    is_ours: bool,
    topics: Mutex<Vec<String>>,
}

impl Cluster {
    /// The one of `KAFKA_BOOTSTRAP`, or a node that is started now.
    pub(crate) async fn start() -> Result<Self> {
        let (bootstrap, is_ours) = match std::env::var("KAFKA_BOOTSTRAP") {
            Ok(bootstrap) if !bootstrap.is_empty() => (bootstrap, false),
            _ => {
                let output = node("start").arg("--heap").arg("1g").stderr(std::process::Stdio::inherit()).output()?;
                if !output.status.success() {
                    return Err("dev/services/kafka does not start".into());
                }
                (String::from_utf8(output.stdout)?.trim().to_owned(), true)
            }
        };
        let connected = WireBroker::connect(WireConfig::plaintext(bootstrap.as_str())?).await;
        let broker: Arc<dyn Broker> = Arc::new(connected.inspect_err(|_| stop(is_ours))?);
        Ok(Self { bootstrap, broker, is_ours, topics: Mutex::default() })
    }

    /// Deletes the topics that are left, and stops the node if it is ours.
    pub(crate) async fn stop(self) {
        let topics = std::mem::take(&mut *self.topics.lock().unwrap_or_else(PoisonError::into_inner));
        for topic in topics {
            let deleted = tokio::time::timeout(Duration::from_secs(10), self.broker.delete_topic(&topic)).await;
            if !matches!(deleted, Ok(Ok(()))) {
                eprintln!("topic {topic} may be left");
            }
        }
        stop(self.is_ours);
    }

    /// Makes an empty topic of one partition.
    pub(crate) async fn create(&self, name: &str, configs: &[(&str, &str)]) -> Result<()> {
        let configs: BTreeMap<_, _> = configs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let topic = NewTopic { name: name.into(), partitions: 1, replication_factor: 1, configs };
        // What a run that was killed has left.
        drop(self.broker.delete_topic(name).await);
        let mut tries = 0;
        while let Err(error) = self.broker.create_topic(topic.clone()).await {
            tries += 1;
            if tries == 50 {
                return Err(format!("topic {name}: {error}").into());
            }
            // The old one is still being deleted.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
        Ok(())
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        self.broker.delete_topic(name).await?;
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).retain(|topic| topic != name);
        Ok(())
    }

    /// The offset after the last record.
    pub(crate) async fn end(&self, topic: &str) -> Result<u64> {
        let wanted = vec![(TopicPartition::new(topic, 0), OffsetSpec::Latest(Isolation::ReadUncommitted))];
        let answer = self.broker.list_offsets(wanted).await?.pop().ok_or("no answer about the topic's end")?;
        Ok(u64::try_from(answer.1?)?)
    }

    /// Makes a topic of these records.
    pub(crate) async fn fill(&self, topic: &str, records: u64, value: impl Fn(u64) -> String) -> Result<()> {
        self.create(topic, &[]).await?;
        let mut producer = Producer::new(Arc::clone(&self.broker), ProducerConfig::default());
        let name = Arc::from(topic);
        for number in 0..records {
            producer.append(&name, None, None, None, Some(value(number).as_bytes()), []).await?;
            while let Some(ack) = producer.try_ack() {
                ack.result?;
            }
        }
        producer.flush_batches();
        while producer.unacked().0 > 0 {
            producer.next_ack().await.result?;
        }
        Ok(())
    }
}

fn stop(is_ours: bool) {
    if is_ours {
        drop(node("stop").status());
    }
}

fn node(command: &str) -> Command {
    let mut node = Command::new(service("kafka"));
    node.arg(command).env("KAFKA_NODE", "peers");
    node
}

/// A script of `dev/services`.
pub(crate) fn service(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dev/services").join(name)
}
