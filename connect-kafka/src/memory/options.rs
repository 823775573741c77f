//! What a host can decide about an embedded broker.

use std::collections::BTreeMap;
use std::time::Duration;

use super::state::Limits;
use crate::Clock;

/// Settings of an [`EmbeddedBroker`](crate::EmbeddedBroker). The defaults are Kafka's where Kafka has them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmbeddedOptions {
    /// Decides how old records are, for retention and compaction.
    pub clock: Clock,
    /// `num.partitions`: partitions of a topic created with -1. 1.
    pub default_partitions: i32,
    /// `group.min.session.timeout.ms`: 6 s.
    pub min_session_timeout: Duration,
    /// `group.max.session.timeout.ms`: 30 min.
    pub max_session_timeout: Duration,
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members. Zero; Kafka's default
    /// of 3 s helps large groups only.
    pub initial_rebalance_delay: Duration,
    /// Topic configs, such as `retention.bytes`, that new topics get where they set none themselves.
    pub topic_defaults: BTreeMap<String, String>,
    /// Bytes of the newest batches that a durable broker keeps in memory for readers at the tail. 4 MiB.
    pub tail_cache_bytes: usize,
    /// Bytes of the store's page cache in a durable broker. 4 MiB.
    pub store_cache_bytes: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            default_partitions: 1,
            min_session_timeout: Duration::from_secs(6),
            max_session_timeout: Duration::from_mins(30),
            initial_rebalance_delay: Duration::ZERO,
            topic_defaults: BTreeMap::new(),
            tail_cache_bytes: 4 << 20,
            store_cache_bytes: 4 << 20,
        }
    }
}

impl EmbeddedOptions {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            default_partitions: self.default_partitions,
            min_session_timeout: self.min_session_timeout,
            max_session_timeout: self.max_session_timeout,
            initial_rebalance_delay: self.initial_rebalance_delay,
            topic_defaults: self.topic_defaults.clone(),
            tail_cache_bytes: self.tail_cache_bytes,
        }
    }
}
