//! The cluster behind the brokers: where to send what, and asking again where that is safe.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_rustls::rustls::ClientConfig;

use super::answer::is_about_leader;
use super::api::Api;
use super::config::WireConfig;
use super::connection::REPLY_LIMIT;
use super::coordinator::Coordinators;
use super::dial::Dialer;
use super::guarded::Guarded;
use super::metadata::{Leader, Metadata};
use super::node::{Lane, Node};
use super::tls::Tls;
use crate::backoff::Backoff;
use crate::{BrokerError, Code, Result, TopicPartition};

/// A cluster's brokers and what is known of them.
#[derive(Debug)]
pub(super) struct Cluster {
    dialer: Arc<Dialer>,
    bootstrap: Vec<Arc<Node>>,
    nodes: Mutex<BTreeMap<i32, Arc<Node>>>,
    metadata: Mutex<Metadata>,
    /// One look-up at a time; who waited looks whether it has been answered meanwhile.
    looking_up: Semaphore,
    pub(super) coordinators: Coordinators,
    /// Who does what rskafka does; `None` when the settings are beyond it.
    pub(super) guarded: Option<Guarded>,
}

/// Partitions by the broker that leads them, and those that have none.
pub(super) struct Spread<T> {
    pub(super) by_node: BTreeMap<i32, Vec<(T, Leader)>>,
    pub(super) failed: Vec<(T, BrokerError)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cluster {
    pub(super) fn new(config: WireConfig) -> Result<Self> {
        let addresses = config.bootstrap.clone();
        let seed = config.seed;
        let guarded = Guarded::new(&config);
        let dialer = Arc::new(Dialer::new(config)?);
        let node = |(at, address)| Arc::new(Node::new(address, dialer.clone(), seed.wrapping_add(at as u64)));
        let bootstrap = addresses.into_iter().enumerate().map(node).collect();
        Ok(Self {
            dialer,
            bootstrap,
            nodes: Mutex::default(),
            metadata: Mutex::default(),
            looking_up: Semaphore::new(1),
            coordinators: Coordinators::default(),
            guarded,
        })
    }

    pub(super) fn config(&self) -> &WireConfig {
        self.dialer.config()
    }

    /// How TLS is set up, if it is used.
    pub(super) fn tls(&self) -> Option<Arc<ClientConfig>> {
        self.dialer.tls().map(Tls::config)
    }

    pub(super) fn metadata(&self) -> MutexGuard<'_, Metadata> {
        lock(&self.metadata)
    }

    pub(super) fn retry_backoff(&self) -> Backoff {
        Backoff::new(self.config().retry_backoff.0, self.config().retry_backoff.1)
    }

    /// The broker of this id.
    pub(super) fn node(&self, id: i32) -> Result<Arc<Node>> {
        lock(&self.nodes).get(&id).cloned().ok_or_else(|| {
            BrokerError::new(Code::BrokerNotAvailable, format!("broker {id} is not known in the cluster"))
        })
    }

    /// Ids of all brokers.
    pub(super) fn node_ids(&self) -> Vec<i32> {
        lock(&self.nodes).keys().copied().collect()
    }

    /// A broker that another one spoke of.
    pub(super) fn introduce(&self, id: i32, host: &str, port: i32) -> bool {
        let Ok(port) = u16::try_from(port) else { return false };
        let address = super::config::HostPort { host: host.to_owned(), port };
        let mut nodes = lock(&self.nodes);
        if nodes.get(&id).is_none_or(|known| known.address != address) {
            nodes.insert(id, self.new_node(id, address));
        }
        true
    }

    fn new_node(&self, id: i32, address: super::config::HostPort) -> Arc<Node> {
        let seed = self.config().seed ^ (u64::from(id.unsigned_abs()) << 32);
        Arc::new(Node::new(address, self.dialer.clone(), seed))
    }

    /// Asks one broker.
    pub(super) async fn ask<R: Api>(
        &self,
        node: &Arc<Node>,
        lane: Lane,
        within: Duration,
        build: impl Fn(i16) -> R + Send + Sync,
    ) -> Result<R::Response> {
        self.ask_limited(node, lane, within, REPLY_LIMIT, build).await
    }

    /// Asks one broker for no more than `limit` bytes.
    pub(super) async fn ask_limited<R: Api>(
        &self,
        node: &Arc<Node>,
        lane: Lane,
        within: Duration,
        limit: usize,
        build: impl Fn(i16) -> R + Send + Sync,
    ) -> Result<R::Response> {
        let connection = node.connection(lane).await?;
        let version = connection.versions().choose::<R>()?;
        connection.call_limited(&build(version), version, within, limit).await
    }

    /// Asks any broker, one after the other while they cannot be reached.
    pub(super) async fn ask_any<R: Api>(&self, build: impl Fn(i16) -> R + Send + Sync) -> Result<R::Response> {
        let mut candidates: Vec<Arc<Node>> = lock(&self.nodes).values().cloned().collect();
        candidates.extend(self.bootstrap.iter().cloned());
        candidates.sort_by_key(|node| !node.is_connected());
        let mut errors = Vec::new();
        for node in candidates {
            match self.ask(&node, Lane::Data, node.request_timeout(), &build).await {
                Err(error) if error.code == Code::NetworkException => {
                    if !errors.contains(&error.message) {
                        errors.push(error.message);
                    }
                }
                answer => return answer,
            }
        }
        Err(BrokerError::new(Code::NetworkException, errors.join("; ")))
    }

    /// Looks topics up (all of them for `None`) and remembers what was found.
    pub(super) async fn look_up(&self, topics: Option<&[Arc<str>]>) -> Result<MetadataResponse> {
        self.look_up_as(topics, false).await
    }

    /// The same for one topic, which the cluster makes if it makes topics by itself.
    pub(super) async fn look_up_or_create(&self, topic: &Arc<str>) -> Result<MetadataResponse> {
        self.look_up_as(Some(std::slice::from_ref(topic)), true).await
    }

    async fn look_up_as(&self, topics: Option<&[Arc<str>]>, create: bool) -> Result<MetadataResponse> {
        let name = |topic: &Arc<str>| {
            let name = TopicName(StrBytes::from_string((**topic).to_owned()));
            MetadataRequestTopic::default().with_name(Some(name))
        };
        let topics: Option<Vec<_>> = topics.map(|topics| topics.iter().map(name).collect());
        let request = MetadataRequest::default().with_topics(topics).with_allow_auto_topic_creation(create);
        let response = self.ask_any(|_| request.clone()).await?;
        self.take_in(&response);
        Ok(response)
    }

    fn take_in(&self, response: &MetadataResponse) {
        let mut metadata = self.metadata();
        metadata.update(response, Instant::now());
        let mut nodes = lock(&self.nodes);
        nodes.retain(|id, _| metadata.brokers.contains_key(id));
        for (id, address) in &metadata.brokers {
            if nodes.get(id).is_none_or(|known| known.address != *address) {
                nodes.insert(*id, self.new_node(*id, address.clone()));
            }
        }
    }

    /// Sorts things by the leader of their partition. Looks up what is not known, once.
    pub(super) async fn spread<T>(
        self: &Arc<Self>,
        things: Vec<T>,
        partition: impl Fn(&T) -> &TopicPartition,
    ) -> Result<Spread<T>> {
        let asked = Instant::now();
        if !self.unknown(things.iter().map(&partition), None).is_empty() {
            // Never closed.
            let _turn = self.looking_up.acquire().await;
            let unknown = self.unknown(things.iter().map(&partition), Some(asked));
            if !unknown.is_empty() {
                self.look_up(Some(&unknown)).await?;
            }
        } else {
            self.refresh_old(things.iter().map(&partition), asked);
        }
        let metadata = self.metadata();
        let mut spread = Spread { by_node: BTreeMap::new(), failed: Vec::new() };
        for thing in things {
            match metadata.leader(partition(&thing)) {
                Ok(leader) => spread.by_node.entry(leader.node).or_insert_with(Vec::new).push((thing, leader)),
                Err(error) => spread.failed.push((thing, error)),
            }
        }
        Ok(spread)
    }

    /// Topics of which the leaders are not known, or not since `after`.
    fn unknown<'p>(
        &self,
        partitions: impl Iterator<Item = &'p TopicPartition>,
        after: Option<Instant>,
    ) -> Vec<Arc<str>> {
        let metadata = self.metadata();
        let mut unknown: Vec<Arc<str>> = partitions
            .filter(|partition| match metadata.good_since(partition) {
                Some(_) => false,
                None => after.is_none_or(|after| !metadata.looked_up_after(&partition.topic, after)),
            })
            .map(|partition| partition.topic.clone())
            .collect();
        unknown.sort();
        unknown.dedup();
        unknown
    }

    /// Looks up in the background what is older than `metadata.max.age.ms`.
    fn refresh_old<'p>(self: &Arc<Self>, partitions: impl Iterator<Item = &'p TopicPartition>, now: Instant) {
        let mut old: Vec<Arc<str>> = {
            let mut metadata = self.metadata();
            let limit = self.config().metadata_max_age;
            partitions.filter_map(|partition| metadata.outlived(&partition.topic, now, limit)).collect()
        };
        if old.is_empty() {
            return;
        }
        old.dedup();
        let cluster = Arc::downgrade(self);
        tokio::spawn(async move {
            if let Some(cluster) = cluster.upgrade() {
                // What is known goes on to count if this fails.
                let _ = cluster.look_up(Some(&old)).await;
            }
        });
    }

    /// Remembers what an error says about a partition's leader.
    pub(super) fn learn(&self, partition: &TopicPartition, error: &BrokerError) {
        if is_about_leader(error.code) {
            self.metadata().invalidate(&partition.topic);
        }
    }

    /// Repeats a question whose repetition does no harm while the answer is `retry`, within the request timeout.
    pub(super) async fn insist<T: Send, F: Future<Output = Result<T>> + Send>(
        &self,
        retry: impl Fn(&BrokerError) -> bool + Send + Sync,
        ask: impl Fn() -> F + Send + Sync,
    ) -> Result<T> {
        let deadline = Instant::now() + self.config().request_timeout;
        let mut backoff = self.retry_backoff();
        loop {
            let answer = ask().await;
            let wait = backoff.next();
            match &answer {
                Err(error) if retry(error) && Instant::now() + wait < deadline => sleep(wait).await,
                _ => return answer,
            }
        }
    }

    /// The controller, or any broker, which knows how to reach it.
    pub(super) async fn ask_controller<R: Api>(&self, build: impl Fn(i16) -> R + Send + Sync) -> Result<R::Response> {
        let controller = self.metadata().controller.and_then(|id| self.node(id).ok());
        match controller {
            Some(node) => self.ask(&node, Lane::Data, self.config().request_timeout, build).await,
            None => self.ask_any(build).await,
        }
    }
}
