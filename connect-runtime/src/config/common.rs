//! The keys that every connector has, as types; contract and order are Kafka Connect's.

use connect_api::JsonSchema;
use connect_kafka::consumer::Assignor;
use serde::{Deserialize, Serialize};

/// Keys of every connector.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Common {
    /// Name of the connector, unique in its worker.
    #[schemars(length(min = 1))]
    pub(super) name: String,
    /// Class or alias of the connector.
    #[serde(rename = "connector.class")]
    #[schemars(length(min = 1))]
    #[expect(dead_code, reason = "looked up before the rest is read")]
    pub(super) class: String,
    /// Most tasks that the connector may have.
    #[serde(rename = "tasks.max", default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub(super) tasks_max: usize,
    /// Converter of keys; the worker's when absent.
    #[serde(rename = "key.converter")]
    pub(super) key_converter: Option<String>,
    /// Converter of values; the worker's when absent.
    #[serde(rename = "value.converter")]
    pub(super) value_converter: Option<String>,
    /// Converter of headers; the worker's when absent.
    #[serde(rename = "header.converter")]
    pub(super) header_converter: Option<String>,
    /// Aliases of the transforms, in the order in which they are applied.
    #[serde(default)]
    pub(super) transforms: Vec<String>,
    /// Aliases of the predicates that transforms refer to.
    #[serde(default)]
    pub(super) predicates: Vec<String>,
    /// What to do when a config provider has another value than the connector was started with.
    #[serde(rename = "config.action.reload", default)]
    pub(super) reload: ReloadAction,
    /// Milliseconds for which a failed conversion or transform is tried again; 0 not at all, -1 for ever.
    #[serde(rename = "errors.retry.timeout", default)]
    #[schemars(range(min = -1))]
    pub(super) retry_timeout: i64,
    /// The longest wait between two such attempts, in milliseconds.
    #[serde(rename = "errors.retry.delay.max.ms", default = "minute")]
    #[schemars(range(min = 0))]
    pub(super) retry_delay_max: i64,
    /// Whether the task goes on past records that fail.
    #[serde(rename = "errors.tolerance", default)]
    pub(super) tolerance: Tolerance,
    /// Whether failed records are logged.
    #[serde(rename = "errors.log.enable", default)]
    pub(super) log: bool,
    /// Whether the log shows the records themselves.
    #[serde(rename = "errors.log.include.messages", default)]
    pub(super) log_records: bool,
    /// Topic for records that fail; none when blank. Sources have it too.
    #[serde(rename = "errors.deadletterqueue.topic.name", default)]
    pub(super) dead_letters: String,
    /// Replicas of that topic when it has to be created.
    #[serde(rename = "errors.deadletterqueue.topic.replication.factor", default = "three")]
    pub(super) dead_letter_replication: i16,
    /// Whether dead letters carry headers that say what happened.
    #[serde(rename = "errors.deadletterqueue.context.headers.enable", default)]
    pub(super) dead_letter_headers: bool,
    /// Whether failed tasks are started again, with backoff.
    #[serde(rename = "restart.failed.tasks", default)]
    pub(super) restart: bool,
    /// The longest wait before a failed task is started again, in milliseconds.
    #[serde(rename = "restart.backoff.max.ms", default = "minute")]
    #[schemars(range(min = 0))]
    pub(super) restart_backoff_max: i64,
}

/// Keys of every sink.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Sink {
    /// Topics to read.
    #[serde(default)]
    pub(super) topics: Vec<String>,
    /// Reads all topics whose whole name matches this regular expression.
    #[serde(rename = "topics.regex", default)]
    pub(super) topics_regex: String,
    /// Group of the sink's consumers; `connect-` and the connector's name when absent.
    #[serde(rename = "consumer.override.group.id")]
    pub(super) group: Option<String>,
    /// Most records of one `put`.
    #[serde(rename = "consumer.override.max.poll.records", default = "two_thousand")]
    #[schemars(range(min = 1))]
    pub(super) max_poll_records: usize,
    /// Where to begin in a topic without committed offset.
    #[serde(rename = "consumer.override.auto.offset.reset", default)]
    pub(super) reset: Reset,
    /// Which records are seen of topics with transactions.
    #[serde(rename = "consumer.override.isolation.level", default)]
    pub(super) isolation: IsolationLevel,
    /// Milliseconds without heartbeats after which the group goes on without the task.
    #[serde(rename = "consumer.override.session.timeout.ms", default = "session")]
    #[schemars(range(min = 1))]
    pub(super) session_timeout: u64,
    /// Milliseconds the group waits for the task to let partitions go.
    #[serde(rename = "consumer.override.max.poll.interval.ms", default = "five_minutes")]
    #[schemars(range(min = 1))]
    pub(super) max_poll_interval: u64,
    /// Ways to share partitions among the tasks, best first, by Java's class names. With the cooperative one alone, tasks
    /// keep what they keep while the group rebalances.
    #[serde(rename = "consumer.override.partition.assignment.strategy", default = "strategies")]
    pub(super) assignors: Vec<String>,
}

/// Keys of every source.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Source {
    /// How record batches are compressed: none, gzip, snappy, lz4 or zstd.
    #[serde(rename = "producer.override.compression.type", default = "none")]
    pub(super) compression: String,
    /// Level of gzip, 1 to 9; -1 for its default.
    #[serde(rename = "producer.override.compression.gzip.level")]
    pub(super) gzip_level: Option<i32>,
    /// Level of lz4, 1 to 17.
    #[serde(rename = "producer.override.compression.lz4.level")]
    pub(super) lz4_level: Option<i32>,
    /// Level of zstd, -131072 to 22.
    #[serde(rename = "producer.override.compression.zstd.level")]
    pub(super) zstd_level: Option<i32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tolerance {
    #[default]
    None,
    All,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReloadAction {
    #[default]
    Restart,
    None,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Reset {
    #[default]
    Earliest,
    Latest,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum IsolationLevel {
    #[default]
    ReadUncommitted,
    ReadCommitted,
}

/// Whether a key belongs to the runtime, so that a connector does not take it for a misspelt one of its own.
pub(super) fn is_common(key: &str) -> bool {
    const KEYS: [&str; 13] = [
        "name",
        "connector.class",
        "connector.plugin.version",
        "tasks.max",
        "tasks.max.enforce",
        "transforms",
        "predicates",
        "config.action.reload",
        "topics",
        "topics.regex",
        "exactly.once.support",
        "offsets.storage.topic",
        "task.class",
    ];
    const PREFIXES: [&str; 13] = [
        "key.converter",
        "value.converter",
        "header.converter",
        "transforms.",
        "predicates.",
        "errors.",
        "topic.creation.",
        "transaction.boundary",
        "producer.override.",
        "consumer.override.",
        "admin.override.",
        "restart.failed.",
        "restart.backoff.",
    ];
    KEYS.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

fn strategies() -> Vec<String> {
    let java = [Assignor::Range, Assignor::CooperativeSticky];
    java.map(|assignor| assignor.class().to_owned()).into()
}

fn none() -> String {
    "none".to_owned()
}

fn one() -> usize {
    1
}

fn three() -> i16 {
    3
}

fn minute() -> i64 {
    60_000
}

fn two_thousand() -> usize {
    2000
}

fn session() -> u64 {
    45_000
}

fn five_minutes() -> u64 {
    300_000
}
