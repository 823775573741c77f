//! The seam over a real cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::WireConfig;
use super::cluster::Cluster;
use super::fetch::{self, Unclaimed};
use super::{offsets, produce};
use crate::{
    Broker, FetchRequest, Fetched, JoinGroup, Joined, Member, NewTopic, OffsetSpec, ProduceRequest, Produced,
    ProducerId, Result, TopicInfo, TopicPartition, Transactional, Txn,
};

/// A Kafka cluster.
///
/// Needs brokers of Kafka 2.3 or newer. Connections are made when they are needed, and made again when they break.
/// Clones are the same client: they share connections and what is known of the cluster. The connections end with
/// the last clone.
///
/// All topics are listed, and topics are created without configs or deleted, by the crate `rskafka`, over connections
/// of its own. What a cluster throttles may be told as done before: a creation as `TopicAlreadyExists`, a deletion as
/// `UnknownTopicOrPartition`.
///
/// `topics` of everything leaves out Kafka's own topics, as Java's clients do. `create_topic` and `delete_topic`
/// wait until a broker has heard of it.
///
/// # Errors
/// [`Code::NetworkException`](crate::Code::NetworkException) says why there is no answer.
/// [`SaslAuthenticationFailed`](crate::Code::SaslAuthenticationFailed),
/// [`SslHandshakeFailed`](crate::Code::SslHandshakeFailed) and others that are not retriable are told at once; the
/// next call tries again.
#[derive(Debug, Clone)]
pub struct WireBroker {
    pub(super) cluster: Arc<Cluster>,
    unclaimed: Arc<Unclaimed>,
}

impl WireBroker {
    /// A client that connects when it is asked something.
    ///
    /// # Errors
    /// TLS cannot be set up: a certificate or key cannot be used.
    pub fn new(config: WireConfig) -> Result<Self> {
        Ok(Self { cluster: Arc::new(Cluster::new(config)?), unclaimed: Arc::default() })
    }

    /// A client that has reached the cluster.
    ///
    /// # Errors
    /// Also: none of the bootstrap servers can be reached, each with its reason, or they refuse this client.
    ///
    /// # Cancellation
    /// Nothing is left behind.
    pub async fn connect(config: WireConfig) -> Result<Self> {
        let broker = Self::new(config)?;
        broker.cluster.look_up(Some(&[])).await?;
        Ok(broker)
    }
}

impl crate::sealed::Sealed for WireBroker {}

#[async_trait]
impl Broker for WireBroker {
    async fn cluster_id(&self) -> Result<String> {
        self.cluster.cluster_id().await
    }

    async fn topics(&self, names: Option<&[Arc<str>]>) -> Result<Vec<TopicInfo>> {
        self.cluster.topics(names).await
    }

    async fn ask_for_topic(&self, name: &Arc<str>) -> Result<Option<TopicInfo>> {
        self.cluster.ask_for_topic(name).await
    }

    async fn create_topic(&self, topic: NewTopic) -> Result<()> {
        self.cluster.create_topic(&topic).await
    }

    async fn delete_topic(&self, name: &str) -> Result<()> {
        self.cluster.delete_topic(name).await
    }

    async fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>> {
        self.cluster.topic_configs(name).await
    }

    async fn init_producer(&self, transactional: Option<&Transactional>) -> Result<ProducerId> {
        match transactional {
            Some(wanted) => self.cluster.init_transactional(wanted).await,
            None => self.cluster.init_producer().await,
        }
    }

    async fn add_partitions(&self, txn: &Txn, partitions: &[TopicPartition]) -> Result<()> {
        self.cluster.add_partitions(txn, partitions).await
    }

    async fn add_offsets(&self, txn: &Txn, group: &str) -> Result<()> {
        self.cluster.add_offsets(txn, group).await
    }

    async fn commit_txn_offsets(
        &self,
        txn: &Txn,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Result<()>)>> {
        self.cluster.commit_txn_offsets(txn, member, offsets).await
    }

    async fn end_txn(&self, txn: &Txn, commit: bool) -> Result<ProducerId> {
        self.cluster.end_txn(txn, commit).await
    }

    async fn produce(&self, request: ProduceRequest) -> Result<Vec<Produced>> {
        produce::produce(&self.cluster, request).await
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Vec<Fetched>> {
        fetch::fetch(&self.cluster, &self.unclaimed, request).await
    }

    async fn list_offsets(
        &self,
        wanted: Vec<(TopicPartition, OffsetSpec)>,
    ) -> Result<Vec<(TopicPartition, Result<i64>)>> {
        offsets::list_offsets(&self.cluster, wanted).await
    }

    async fn join_group(&self, request: JoinGroup) -> Result<Joined> {
        self.cluster.join_group(request).await
    }

    async fn sync_group(&self, member: &Member, assignments: Vec<(String, Bytes)>) -> Result<Bytes> {
        self.cluster.sync_group(member, assignments).await
    }

    async fn heartbeat(&self, member: &Member) -> Result<()> {
        self.cluster.heartbeat(member).await
    }

    async fn leave_group(&self, member: &Member) -> Result<()> {
        self.cluster.leave_group(member).await
    }

    async fn commit_offsets(
        &self,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Result<()>)>> {
        self.cluster.commit_offsets(member, offsets).await
    }

    async fn committed_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        self.cluster.committed_offsets(group, partitions).await
    }

    async fn groups(&self) -> Result<Vec<String>> {
        self.cluster.groups().await
    }

    async fn delete_group(&self, group: &str) -> Result<()> {
        self.cluster.delete_group(group).await
    }

    async fn delete_offsets(&self, group: &str, partitions: &[TopicPartition]) -> Result<()> {
        self.cluster.delete_offsets(group, partitions).await
    }
}
