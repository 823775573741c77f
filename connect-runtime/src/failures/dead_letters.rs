//! The dead letter queue: bad records on a topic of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use connect_api::{Error, Result, TaskId};
use connect_kafka::producer::{Ack, ProduceError, Producer, ProducerConfig};
use connect_kafka::{Broker, Code, NewTopic};
use tokio::sync::{mpsc, oneshot};

use super::{Failure, Origin, headers};
use crate::progress::TaskProgress;

/// Writes dead letters; clones write to the same queue. Its writer ends with the last clone.
#[derive(Debug, Clone)]
pub(crate) struct DeadLetters {
    topic: Arc<str>,
    letters: mpsc::Sender<Letter>,
    progress: Arc<TaskProgress>,
}

struct Letter {
    timestamp: Option<i64>,
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<(Bytes, Option<Bytes>)>,
    written: oneshot::Sender<Result<(), ProduceError>>,
}

impl DeadLetters {
    /// Makes sure that the topic is there.
    ///
    /// # Errors
    /// It cannot be looked up or created; retriable if another try may help.
    pub(crate) async fn prepare(admin: &dyn Broker, topic: &Arc<str>, replication_factor: i16) -> Result<()> {
        let failed = |error: connect_kafka::BrokerError| {
            let message = format!("dead letter topic {topic:?} could not be looked up or created");
            let failed = if error.is_retriable() { Error::retriable(message) } else { Error::fatal(message) };
            failed.with_source(error)
        };
        if !admin.topics(Some(std::slice::from_ref(topic))).await.map_err(failed)?.is_empty() {
            return Ok(());
        }
        let new = |replication_factor| NewTopic {
            name: Arc::clone(topic),
            partitions: 1,
            replication_factor,
            configs: BTreeMap::new(),
        };
        let mut created = admin.create_topic(new(replication_factor)).await;
        if created.as_ref().is_err_and(|error| error.code == Code::InvalidReplicationFactor) {
            // Connect's default of 3 is more than a single broker has, and no reason to have no queue at all.
            tracing::warn!(%topic, asked = replication_factor, "dead letter topic gets the broker's default replication factor: there are too few brokers for the one asked for");
            created = admin.create_topic(new(-1)).await;
        }
        match created {
            Err(error) if error.code != Code::TopicAlreadyExists => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Starts the writer.
    pub(crate) fn open(
        broker: Arc<dyn Broker>,
        topic: Arc<str>,
        producer: ProducerConfig,
        progress: Arc<TaskProgress>,
    ) -> Self {
        let (letters, queue) = mpsc::channel(1024);
        tokio::spawn(run(Producer::new(broker, producer), Arc::clone(&topic), queue));
        Self { topic, letters, progress }
    }

    /// Writes a record with its story; returns when the broker has it.
    pub(crate) async fn write(&self, id: &TaskId, failure: &Failure, with_context: bool) -> Result<()> {
        let (mut headers, timestamp, key, value) = match &failure.origin {
            Origin::Sink { raw, .. } => {
                (raw.headers.clone(), (raw.timestamp >= 0).then_some(raw.timestamp), raw.key.clone(), raw.value.clone())
            }
            Origin::Source { key, value, .. } => (Vec::new(), None, key.clone(), value.clone()),
        };
        if with_context {
            headers.extend(headers::context(id, failure));
        }
        self.progress.dead_letters.add(1);
        let (written, answer) = oneshot::channel();
        let ended = || Error::fatal(format!("the writer of dead letter topic {:?} has ended", self.topic));
        self.letters.send(Letter { timestamp, key, value, headers, written }).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?.map_err(|error| {
            Error::fatal(format!("dead letter topic {:?} did not take the record", self.topic)).with_source(error)
        })
    }
}

async fn run(mut producer: Producer, topic: Arc<str>, mut queue: mpsc::Receiver<Letter>) {
    let mut waiting: BTreeMap<u64, oneshot::Sender<Result<(), ProduceError>>> = BTreeMap::new();
    let answer = |ack: Ack, waiting: &mut BTreeMap<u64, oneshot::Sender<_>>| {
        for ticket in ack.tickets.iter() {
            if let Some(written) = waiting.remove(&ticket) {
                // Nobody listens any more when the task was ended.
                let _ = written.send(ack.result.clone().map(|_| ()));
            }
        }
    };
    loop {
        tokio::select! {
            biased;
            ack = producer.next_ack() => answer(ack, &mut waiting),
            letter = queue.recv() => {
                let Some(letter) = letter else { break };
                let headers = letter.headers.iter().map(|(key, value)| (&key[..], value.as_deref()));
                let appended = producer
                    .append(&topic, None, letter.timestamp, letter.key.as_deref(), letter.value.as_deref(), headers)
                    .await;
                match appended {
                    Ok(ticket) => {
                        waiting.insert(ticket, letter.written);
                    }
                    Err(error) => {
                        let _ = letter.written.send(Err(error));
                    }
                }
                if queue.is_empty() {
                    producer.flush_batches();
                }
            }
        }
    }
    for ack in producer.close().await {
        answer(ack, &mut waiting);
    }
}
