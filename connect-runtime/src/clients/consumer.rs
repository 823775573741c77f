//! What sinks' consumers are told.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_api::JsonSchema;
use connect_api::config::{self, ConfigErrors, Millis};
use connect_kafka::Isolation;
use connect_kafka::batch::Checksum;
use connect_kafka::consumer::{Assignor, FetchConfig, GroupConfig, OffsetReset};
use serde::{Deserialize, Serialize};

use super::layers::Layers;

/// A consumer's properties, and what they come to.
#[derive(Clone)]
pub(crate) struct ConsumerClient {
    /// For its connections.
    pub(super) properties: BTreeMap<String, String>,
    pub(crate) group: GroupConfig,
    /// `None` leaves it to the connector.
    pub(crate) max_poll_records: Option<usize>,
    /// Whether reading a topic that is not there may create it.
    pub(crate) auto_create: bool,
}

/// Kafka's consumer properties, as far as they mean something here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Keys {
    #[serde(rename = "group.id")]
    #[schemars(length(min = 1))]
    group: Option<String>,
    #[serde(rename = "group.instance.id")]
    #[schemars(length(min = 1))]
    instance: Option<String>,
    #[serde(rename = "group.protocol")]
    protocol: GroupProtocol,
    #[serde(rename = "max.poll.records")]
    #[schemars(range(min = 1))]
    max_poll_records: Option<usize>,
    #[serde(rename = "max.poll.interval.ms")]
    #[schemars(range(min = 1))]
    max_poll_interval: u64,
    #[serde(rename = "session.timeout.ms")]
    #[schemars(range(min = 1))]
    session_timeout: u64,
    #[serde(rename = "heartbeat.interval.ms")]
    #[schemars(range(min = 1))]
    heartbeat_interval: u64,
    #[serde(rename = "fetch.min.bytes")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    fetch_min_bytes: usize,
    #[serde(rename = "fetch.max.bytes")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    fetch_max_bytes: usize,
    #[serde(rename = "max.partition.fetch.bytes")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    partition_max_bytes: usize,
    #[serde(rename = "fetch.max.wait.ms")]
    fetch_max_wait: Millis,
    #[serde(rename = "auto.offset.reset")]
    reset: Reset,
    #[serde(rename = "isolation.level")]
    isolation: IsolationLevel,
    #[serde(rename = "partition.assignment.strategy")]
    #[schemars(length(min = 1))]
    assignors: Vec<String>,
    #[serde(rename = "check.crcs")]
    check_crcs: bool,
    #[serde(rename = "allow.auto.create.topics")]
    auto_create: bool,
    #[serde(rename = "enable.auto.commit")]
    auto_commit: bool,
    #[serde(rename = "request.timeout.ms")]
    request_timeout: Millis,
    #[serde(rename = "retry.backoff.ms")]
    retry_backoff: Millis,
    #[serde(rename = "retry.backoff.max.ms")]
    retry_backoff_max: Millis,
    #[serde(rename = "metadata.max.age.ms")]
    metadata_max_age: Option<Millis>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Reset {
    #[default]
    Earliest,
    Latest,
    None,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum IsolationLevel {
    #[default]
    ReadUncommitted,
    ReadCommitted,
}

/// The one way to be in a group here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum GroupProtocol {
    #[default]
    Classic,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            group: None,
            instance: None,
            protocol: GroupProtocol::Classic,
            max_poll_records: None,
            max_poll_interval: 300_000,
            session_timeout: 45_000,
            heartbeat_interval: 3_000,
            fetch_min_bytes: 1,
            fetch_max_bytes: 1 << 20,
            partition_max_bytes: 1 << 20,
            fetch_max_wait: Millis::new(500),
            reset: Reset::Earliest,
            isolation: IsolationLevel::ReadUncommitted,
            // Java's default.
            assignors: [Assignor::Range, Assignor::CooperativeSticky].map(|one| one.class().to_owned()).into(),
            check_crcs: true,
            auto_create: true,
            auto_commit: false,
            request_timeout: Millis::new(30_000),
            retry_backoff: Millis::new(100),
            retry_backoff_max: Millis::new(1_000),
            metadata_max_age: None,
        }
    }
}

impl ConsumerClient {
    /// A sink's consumer. Topics are looked up again after `refresh` unless the properties say when.
    ///
    /// # Errors
    /// Everything that is wrong, by the keys as they were written.
    pub(super) fn read(layers: Layers, connector: &str, refresh: Duration) -> Result<Self, ConfigErrors> {
        let keys = config::parse_with::<Keys>(layers.properties(), &|_| true).map_err(|errors| layers.blame(errors))?;
        let keys = keys.config;
        let mut errors = ConfigErrors::new();
        if keys.auto_commit {
            let message = "offsets are committed when the task has proven its records; possible: false";
            errors.add(layers.written("enable.auto.commit"), Some("true".into()), message);
        }
        let assignors = Assignor::parse_list(&keys.assignors.join(",")).unwrap_or_else(|message| {
            errors.add(layers.written("partition.assignment.strategy"), Some(keys.assignors.join(",")), message);
            Vec::new()
        });
        if keys.heartbeat_interval >= keys.session_timeout {
            let message = format!("must be less than session.timeout.ms, which is {}", keys.session_timeout);
            errors.add(layers.written("heartbeat.interval.ms"), Some(keys.heartbeat_interval.to_string()), message);
        }
        errors.into_result()?;
        let GroupProtocol::Classic = keys.protocol;
        let fetch = FetchConfig {
            max_bytes: keys.fetch_max_bytes,
            partition_max_bytes: keys.partition_max_bytes,
            min_bytes: keys.fetch_min_bytes,
            max_wait: keys.fetch_max_wait.duration(),
            isolation: match keys.isolation {
                IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
                IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
            },
            offset_reset: match keys.reset {
                Reset::Earliest => OffsetReset::Earliest,
                Reset::Latest => OffsetReset::Latest,
                Reset::None => OffsetReset::None,
            },
            checksum: if keys.check_crcs { Checksum::Verify } else { Checksum::Trusted },
            request_timeout: keys.request_timeout.duration(),
            retry_backoff: keys.retry_backoff.duration(),
            retry_backoff_max: keys.retry_backoff_max.duration(),
            ..FetchConfig::default()
        };
        let group = GroupConfig {
            client_id: layers.properties().get("client.id").cloned().unwrap_or_default(),
            instance_id: keys.instance,
            session_timeout: Duration::from_millis(keys.session_timeout),
            rebalance_timeout: Duration::from_millis(keys.max_poll_interval),
            heartbeat_interval: Duration::from_millis(keys.heartbeat_interval),
            assignors,
            metadata_refresh: keys.metadata_max_age.map_or(refresh, Millis::duration),
            fetch,
            ..GroupConfig::new(keys.group.unwrap_or_else(|| format!("connect-{connector}")))
        };
        let (max_poll_records, auto_create) = (keys.max_poll_records, keys.auto_create);
        Ok(Self { properties: layers.into_properties(), group, max_poll_records, auto_create })
    }
}
