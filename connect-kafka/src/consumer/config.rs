//! Settings of consumers.

use std::time::Duration;

use crate::Isolation;
use crate::batch::{Checksum, Limits};
use crate::group::MemberConfig;

use super::Assignor;

/// Where to read from when there is no valid offset (`auto.offset.reset`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OffsetReset {
    /// The first offset still there.
    Earliest,
    /// The end.
    #[default]
    Latest,
    /// Nowhere: [`ConsumerError::NoOffset`](super::ConsumerError::NoOffset).
    None,
}

/// How to fetch.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// Bytes of one fetch in all, and of what is decompressed of it at once. Up to two fetches are in memory beside what
    /// the caller holds: a finished or running one, and none when `ahead` is off.
    pub max_bytes: usize,
    /// The same of one partition. One batch may be larger.
    pub partition_max_bytes: usize,
    /// The broker answers when so many bytes are there ...
    pub min_bytes: usize,
    /// ... or after this time.
    pub max_wait: Duration,
    /// Which records are visible.
    pub isolation: Isolation,
    /// Where to go on when a position is out of range.
    pub offset_reset: OffsetReset,
    /// Whether batches' checksums are computed.
    pub checksum: Checksum,
    /// What a compressed batch may grow to; beyond it the partition cannot be read.
    pub limits: Limits,
    /// Whether the next fetch runs while the caller works on the last one.
    pub ahead: bool,
    /// An attempt that takes longer (beyond `max_wait`) counts as lost.
    pub request_timeout: Duration,
    /// Wait before the first repetition; doubles with each.
    pub retry_backoff: Duration,
    /// The longest such wait.
    pub retry_backoff_max: Duration,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            max_bytes: 8 * 1024 * 1024,
            partition_max_bytes: 1024 * 1024,
            min_bytes: 1,
            max_wait: Duration::from_millis(500),
            isolation: Isolation::ReadUncommitted,
            offset_reset: OffsetReset::Latest,
            checksum: Checksum::Verify,
            limits: Limits::default(),
            ahead: true,
            request_timeout: Duration::from_secs(30),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
        }
    }
}

/// Settings of a [`GroupConsumer`](super::GroupConsumer).
#[derive(Debug, Clone)]
pub struct GroupConfig {
    /// Group (`group.id`).
    pub group: String,
    /// Begins the member id that the broker makes up.
    pub client_id: String,
    /// Static membership (`group.instance.id`): a restart within the session timeout keeps the assignment.
    pub instance_id: Option<String>,
    /// Without heartbeats for this time the member is dropped.
    pub session_timeout: Duration,
    /// How long others wait for this member to hand its partitions back in a rebalance.
    pub rebalance_timeout: Duration,
    /// Time between heartbeats; at most a third of the session timeout.
    pub heartbeat_interval: Duration,
    /// Ways to assign that this member can do, best first (`partition.assignment.strategy`). Members agree on one that
    /// all can. With the cooperative one alone the member keeps reading what it keeps while the group rebalances;
    /// a group changes over by one round of restarts with both, and one without the other.
    pub assignors: Vec<Assignor>,
    /// How often topics are looked up, for new matches and added partitions.
    pub metadata_refresh: Duration,
    /// How to fetch.
    pub fetch: FetchConfig,
}

impl GroupConfig {
    /// Kafka's defaults for this group.
    #[must_use]
    pub fn new(group: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            client_id: "connect-consumer".into(),
            instance_id: None,
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(300),
            heartbeat_interval: Duration::from_secs(3),
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
            metadata_refresh: Duration::from_secs(300),
            fetch: FetchConfig::default(),
        }
    }

    /// What of it every member of a group has.
    pub(super) fn member(&self) -> MemberConfig {
        MemberConfig {
            group: self.group.clone(),
            client_id: self.client_id.clone(),
            instance_id: self.instance_id.clone(),
            session_timeout: self.session_timeout,
            rebalance_timeout: self.rebalance_timeout,
            heartbeat_interval: self.heartbeat_interval,
            request_timeout: self.fetch.request_timeout,
            retry_backoff: self.fetch.retry_backoff,
            retry_backoff_max: self.fetch.retry_backoff_max,
        }
    }
}
