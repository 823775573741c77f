//! The seam between connect and a log: what every broker, real or embedded, answers.
//!
//! Requests are those of Kafka's protocol at the level of a *cluster*: an implementation finds leaders and
//! coordinators itself. Record data crosses the seam as encoded v2 record batches, never as single records.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::BrokerError;

/// The answer of a broker.
pub type Result<T, E = BrokerError> = std::result::Result<T, E>;

/// One partition of a topic. Ordered by topic, then partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// Topic name.
    pub topic: Arc<str>,
    /// Partition number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// The partition `partition` of `topic`.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A topic to create.
#[derive(Debug, Clone)]
pub struct NewTopic {
    /// Name; Kafka's rules (1 to 249 of `[a-zA-Z0-9._-]`, not `.` or `..`).
    pub name: Arc<str>,
    /// Number of partitions; -1 takes the broker's default.
    pub partitions: i32,
    /// Replicas of each partition; -1 takes the broker's default.
    pub replication_factor: i16,
    /// Topic configs such as `cleanup.policy` and `retention.bytes`.
    pub configs: BTreeMap<String, String>,
}

/// A topic that exists.
#[derive(Debug, Clone)]
pub struct TopicInfo {
    /// Name.
    pub name: Arc<str>,
    /// Number of partitions.
    pub partitions: i32,
}

/// Who a producer is to the broker. `NONE` for a producer without idempotence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerId {
    /// Id; -1 for none.
    pub id: i64,
    /// Epoch; -1 for none.
    pub epoch: i16,
}

impl ProducerId {
    /// No idempotence.
    pub const NONE: Self = Self { id: -1, epoch: -1 };
}

/// A producer with a name of its own, under which its transactions outlive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transactional {
    /// Transactional id: the same after every restart of the same producer.
    pub id: String,
    /// A transaction that is open for longer is aborted by the broker.
    pub timeout: Duration,
    /// The id held so far: `ProducerFenced` if another one was given out since. `None` takes over from whoever has
    /// this transactional id; the transaction it left open is aborted.
    pub current: Option<ProducerId>,
}

/// The transaction that is meant: there is at most one at a time of a transactional id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Txn {
    /// Transactional id.
    pub id: String,
    /// Whom the broker gave it to last.
    pub producer: ProducerId,
}

/// One batch to append: an encoded v2 record batch with base offset 0; the producer's id, epoch and base
/// sequence stand in its header.
#[derive(Debug, Clone)]
pub struct ProduceBatch {
    /// Where to.
    pub partition: TopicPartition,
    /// The encoded batch, uncompressed or compressed.
    pub data: Bytes,
}

/// Who must have a batch before it is acknowledged (`acks`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acks {
    /// Every in-sync replica (embedded: the disk).
    #[default]
    All,
    /// The leader, which may lose it with its machine. An embedded broker takes it as `All`.
    Leader,
}

/// Batches for one or more partitions.
#[derive(Debug, Clone)]
pub struct ProduceRequest {
    /// At most one batch a partition.
    pub batches: Vec<ProduceBatch>,
    /// Who must have them. Idempotent producers need `All`.
    pub acks: Acks,
    /// How long the broker may wait for replicas.
    pub timeout: Duration,
    /// Transactional id of the producer, if the batches are part of a transaction. Their headers say so as well.
    pub transactional_id: Option<String>,
}

/// What became of one batch.
#[derive(Debug, Clone)]
pub struct Produced {
    /// Which partition.
    pub partition: TopicPartition,
    /// Offset of the batch's first record, or why it was refused.
    pub result: Result<i64>,
}

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Everything up to the high watermark.
    #[default]
    ReadUncommitted,
    /// Nothing of open or aborted transactions.
    ReadCommitted,
}

/// What to read of one partition.
#[derive(Debug, Clone)]
pub struct FetchPartition {
    /// Which partition.
    pub partition: TopicPartition,
    /// First offset wanted.
    pub offset: i64,
    /// At most so many bytes; a first batch beyond it is still delivered whole.
    pub max_bytes: usize,
}

/// A read of several partitions.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// What to read, in the order in which the byte limit is spent.
    pub partitions: Vec<FetchPartition>,
    /// Answer when so many bytes are there ...
    pub min_bytes: usize,
    /// ... or after this time, whatever is there.
    pub max_wait: Duration,
    /// At most so many bytes in all; a first batch beyond it is still delivered whole.
    pub max_bytes: usize,
    /// Which records are visible.
    pub isolation: Isolation,
}

/// What was read of one partition.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Which partition.
    pub partition: TopicPartition,
    /// The data, or why there is none (`OffsetOutOfRange` asks the reader to reset).
    pub result: Result<FetchedData>,
}

/// Data of one partition.
#[derive(Debug, Clone, Default)]
pub struct FetchedData {
    /// Encoded batches in offset order. The first may start before the offset asked for; batches are whole.
    pub batches: Vec<Bytes>,
    /// Offset after the last acknowledged record.
    pub high_watermark: i64,
    /// Offset of the first record of an open transaction; the high watermark when there is none.
    pub last_stable: i64,
    /// First offset still there.
    pub log_start: i64,
    /// Producer id and first offset of each aborted transaction within the data; asked for by
    /// [`Isolation::ReadCommitted`] only.
    pub aborted: Vec<(i64, i64)>,
}

/// Which offset to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first offset still there.
    Earliest,
    /// The offset after the last one (of an isolation level).
    Latest(Isolation),
    /// The first offset whose record has this timestamp or a later one; the end when there is none.
    Timestamp(i64),
}

/// A member's wish to be in a group (Kafka's JoinGroup).
#[derive(Debug, Clone)]
pub struct JoinGroup {
    /// Group.
    pub group: String,
    /// Own member id; empty on the first join.
    pub member_id: String,
    /// Static member name (KIP-345).
    pub instance_id: Option<String>,
    /// Client id, for the member id the broker makes up.
    pub client_id: String,
    /// The member is dropped after this time without a heartbeat.
    pub session_timeout: Duration,
    /// How long the broker waits for members to rejoin.
    pub rebalance_timeout: Duration,
    /// `consumer` or `connect`.
    pub protocol_type: String,
    /// Name and metadata of each protocol the member speaks, best first.
    pub protocols: Vec<(String, Bytes)>,
}

/// The group's answer to a join, once every member has joined.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Generation of the group.
    pub generation: i32,
    /// Protocol chosen.
    pub protocol: String,
    /// Member id of the leader, which assigns.
    pub leader: String,
    /// Own member id.
    pub member_id: String,
    /// Member id, static name and metadata of all members, given to the leader only.
    pub members: Vec<(String, Option<String>, Bytes)>,
}

/// A member of a group in a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Group.
    pub group: String,
    /// Generation; -1 for a client that is not a member (admin, standalone reader).
    pub generation: i32,
    /// Member id; empty for a client that is not a member.
    pub member_id: String,
    /// Static member name.
    pub instance_id: Option<String>,
}

/// A log: a real cluster or an embedded broker.
///
/// Sealed: connectors and hosts choose one of this crate's implementations. Every call may fail with
/// [`Code::NetworkException`](crate::Code::NetworkException) when the answer is unknown: the request may have
/// been carried out. Dropping a call's future never undoes what the broker already did.
#[async_trait]
pub trait Broker: crate::sealed::Sealed + fmt::Debug + Send + Sync + 'static {
    /// The cluster's id, as Kafka shows it.
    async fn cluster_id(&self) -> Result<String>;

    /// Every topic, or the named ones that exist, sorted by name. Never creates a topic.
    async fn topics(&self, names: Option<&[Arc<str>]>) -> Result<Vec<TopicInfo>>;

    /// Looks a topic up as a client that is about to use it: a broker that makes topics by itself
    /// (`auto.create.topics.enable`) makes it. `None` when it is not there and does not come to be.
    async fn ask_for_topic(&self, name: &Arc<str>) -> Result<Option<TopicInfo>>;

    /// Creates a topic. `TopicAlreadyExists` when it is there.
    async fn create_topic(&self, topic: NewTopic) -> Result<()>;

    /// Deletes a topic with its data.
    async fn delete_topic(&self, name: &str) -> Result<()>;

    /// The effective configs of a topic, defaults included.
    async fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>>;

    /// A producer id: a new one for idempotent producing, or the next epoch of a transactional producer, after
    /// which the ones before are refused (`ProducerFenced`, `InvalidProducerEpoch`).
    async fn init_producer(&self, transactional: Option<&Transactional>) -> Result<ProducerId>;

    /// Makes partitions part of the producer's transaction, which this opens if it is not open.
    async fn add_partitions(&self, txn: &Txn, partitions: &[TopicPartition]) -> Result<()>;

    /// Makes a group's offsets part of the producer's transaction, which this opens if it is not open.
    async fn add_offsets(&self, txn: &Txn, group: &str) -> Result<()>;

    /// Commits offsets of a group as part of the transaction: they are seen when it is committed. The group was
    /// added before. Each partition has its own result.
    async fn commit_txn_offsets(
        &self,
        txn: &Txn,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Result<()>)>>;

    /// Ends the transaction: its records and offsets count from here on, or never. Repeating the call does no harm;
    /// `InvalidTxnState` when there is nothing to end, or it ended the other way.
    ///
    /// Says who the producer is from here on. Where the broker ends an epoch with each transaction (KIP-890), that is
    /// a new one, and sequences begin at 0; requests of the transaction that are still on their way are refused then.
    async fn end_txn(&self, txn: &Txn, commit: bool) -> Result<ProducerId>;

    /// Appends batches; each has its own result.
    async fn produce(&self, request: ProduceRequest) -> Result<Vec<Produced>>;

    /// Reads; waits as [`FetchRequest`] says.
    async fn fetch(&self, request: FetchRequest) -> Result<Vec<Fetched>>;

    /// Looks offsets up.
    async fn list_offsets(
        &self,
        wanted: Vec<(TopicPartition, OffsetSpec)>,
    ) -> Result<Vec<(TopicPartition, Result<i64>)>>;

    /// Joins a group; answers when all members have joined.
    async fn join_group(&self, request: JoinGroup) -> Result<Joined>;

    /// Hands in (leader) or waits for (others) assignments; the answer is the member's own.
    async fn sync_group(&self, member: &Member, assignments: Vec<(String, Bytes)>) -> Result<Bytes>;

    /// Says that the member lives. `RebalanceInProgress` asks it to rejoin.
    async fn heartbeat(&self, member: &Member) -> Result<()>;

    /// Leaves a group.
    async fn leave_group(&self, member: &Member) -> Result<()>;

    /// Commits offsets of a group; each partition has its own result.
    async fn commit_offsets(
        &self,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Result<()>)>>;

    /// Committed offsets of a group: of the named partitions (absent where none), or of all.
    async fn committed_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<(TopicPartition, i64)>>;

    /// Every group's name, sorted.
    async fn groups(&self) -> Result<Vec<String>>;

    /// Deletes an empty group with its offsets. `NonEmptyGroup` while it has members.
    async fn delete_group(&self, group: &str) -> Result<()>;

    /// Deletes committed offsets of a group. `NonEmptyGroup` while members are subscribed.
    async fn delete_offsets(&self, group: &str, partitions: &[TopicPartition]) -> Result<()>;
}
