//! The list of all topics, and topics created without configs or deleted: by the crate `rskafka`.
//!
//! rskafka repeats and waits without end: for a connection, for a reply, for as long as a broker throttles. So it is
//! kept from repeating, each call ends with the request timeout, whatever it is in, and a client that failed is thrown
//! away; the next one is told which brokers live by the client beside it, which asks them first. That first question
//! also finds out what is wrong with certificates and passwords, which rskafka would try again.
//!
//! Everything else stays beside it, for reasons that `tests/guarded.rs` holds where they can be shown: rskafka writes a
//! batch again when the broker throttles the answer to it, numbers no batches, so that one that was given up may come
//! after its successors, and creates topics by asking who leads them. It knows no look-up by name, configs, groups and
//! transactions.

mod client;
mod failure;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rskafka::client::Client;
use rskafka::client::error::Result as Answer;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::dispatcher::Dispatch;
use tracing::instrument::WithSubscriber;

use super::cluster::Cluster;
use super::config::WireConfig;
use super::group::millis;
use crate::{NewTopic, Result, TopicInfo};
pub(super) use failure::Failure;

/// rskafka's client, for as long as it works.
pub(super) struct Guarded(Mutex<Option<Made>>);

struct Made {
    client: Arc<Client>,
    used: Instant,
}

/// Whether a question may be asked again when nobody knows what became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Harmless,
    Harmful,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

impl Guarded {
    /// `None` when rskafka cannot be what the settings say.
    pub(super) fn new(config: &WireConfig) -> Option<Self> {
        client::fits(config).then(|| Self(Mutex::default()))
    }

    /// All topics but Kafka's own, sorted.
    pub(super) async fn topics(&self, cluster: &Cluster) -> Result<Vec<TopicInfo>> {
        let list = |client: Arc<Client>| async move { client.list_topics().await };
        let found = self.ask(cluster, Again::Harmless, "the list of topics", list).await?;
        let info = |topic: rskafka::topic::Topic| TopicInfo {
            name: topic.name.into(),
            partitions: i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX),
        };
        // One without partitions is about to come or to go.
        let mut topics: Vec<_> = found.into_iter().filter(|topic| !topic.partitions.is_empty()).map(info).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Creates a topic, whose configs are not looked at.
    pub(super) async fn create_topic(&self, cluster: &Cluster, topic: &NewTopic) -> Result<()> {
        let (partitions, replicas) = (topic.partitions, topic.replication_factor);
        let time = millis(cluster.config().request_timeout);
        let create = |client: Arc<Client>| {
            let name = topic.name.to_string();
            async move { client.controller_client()?.create_topic(name, partitions, replicas, time).await }
        };
        self.ask(cluster, Again::Harmful, &format!("creating topic {:?}", topic.name), create).await
    }

    pub(super) async fn delete_topic(&self, cluster: &Cluster, name: &str) -> Result<()> {
        let time = millis(cluster.config().request_timeout);
        let delete = |client: Arc<Client>| {
            let name = name.to_owned();
            async move { client.controller_client()?.delete_topic(name, time).await }
        };
        self.ask(cluster, Again::Harmful, &format!("deleting topic {name:?}"), delete).await
    }

    /// Asks until there is an answer, for as long as the request timeout.
    async fn ask<T, F>(
        &self,
        cluster: &Cluster,
        again: Again,
        what: &str,
        question: impl Fn(Arc<Client>) -> F + Send + Sync,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Answer<T>> + Send + 'static,
    {
        let time = cluster.config().request_timeout;
        let deadline = Instant::now() + time;
        let mut backoff = cluster.retry_backoff();
        loop {
            let failure = match timeout_at(deadline, self.once(cluster, what, &question)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::silence(what, time),
            };
            if failure.is_about_client() {
                self.forget();
            }
            let wait = backoff.next();
            if !failure.may_be_repeated(again) || Instant::now() + wait >= deadline {
                return Err(failure.into_error());
            }
            sleep(wait).await;
        }
    }

    async fn once<T, F>(&self, cluster: &Cluster, what: &str, question: impl Fn(Arc<Client>) -> F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Answer<T>> + Send + 'static,
    {
        let client = match self.at_hand(cluster) {
            Some(client) => client,
            None => self.make(cluster).await?,
        };
        apart(question(client))
            .await
            .map_err(|broken| Failure::panicked(what, &broken))?
            .map_err(|error| Failure::of(error, what))
    }

    fn made(&self) -> MutexGuard<'_, Option<Made>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client of the last call, if its connections are not so old that brokers may have closed them.
    fn at_hand(&self, cluster: &Cluster) -> Option<Arc<Client>> {
        let mut made = self.made();
        let fresh = made.as_mut().filter(|made| made.used.elapsed() < cluster.config().max_idle)?;
        fresh.used = Instant::now();
        Some(fresh.client.clone())
    }

    async fn make(&self, cluster: &Cluster) -> Result<Arc<Client>, Failure> {
        cluster.look_up(Some(&[])).await.map_err(Failure::Told)?;
        let builder = client::builder(cluster);
        let what = "a client for topics";
        let client = apart(builder.build()).await.map_err(|broken| Failure::panicked(what, &broken))?;
        let client = Arc::new(client.map_err(|error| Failure::of(error, what).before_asking())?);
        *self.made() = Some(Made { client: client.clone(), used: Instant::now() });
        Ok(client)
    }

    fn forget(&self) {
        let made = self.made().take();
        drop(made);
    }
}

/// Runs rskafka's part in a task of its own: a reply that makes it panic or compute for long is its own trouble, and
/// it ends when nobody waits any more. It says nothing to the log, where it would call every refusal an error; what
/// there is to say is in the error.
pub(super) async fn apart<T: Send + 'static>(
    part: impl Future<Output = T> + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    let mut task = JoinSet::new();
    task.spawn(part.with_subscriber(Dispatch::none()));
    // The set has the one task from above, and nobody else can take it out.
    task.join_next().await.expect("one task was spawned")
}
