//! The keys that every connector has, as types; contract and order are Kafka Connect's.

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keys of every connector.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Common {
    /// Name of the connector, unique in its worker.
    #[schemars(length(min = 1))]
    #[schemars(extend("x-importance" = "high", "x-group" = "Common", "x-order" = 1,
        "x-width" = "medium", "x-display-name" = "Connector name"))]
    pub(super) name: String,
    /// Class or alias of the connector.
    #[serde(rename = "connector.class")]
    #[schemars(length(min = 1))]
    #[schemars(extend("x-importance" = "high", "x-group" = "Common", "x-order" = 2,
        "x-width" = "long", "x-display-name" = "Connector class"))]
    #[expect(dead_code, reason = "looked up before the rest is read")]
    pub(super) class: String,
    /// Most tasks that the connector may have.
    #[serde(rename = "tasks.max", default = "one")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    #[schemars(extend("x-importance" = "high", "x-group" = "Common", "x-order" = 4,
        "x-width" = "short", "x-display-name" = "Tasks max"))]
    pub(super) tasks_max: usize,
    /// Whether a connector that makes more tasks than that fails; otherwise all of them run, with a warning.
    #[serde(rename = "tasks.max.enforce", default = "yes")]
    #[schemars(extend("x-importance" = "low", "x-group" = "Common", "x-order" = 5,
        "x-width" = "short", "x-display-name" = "Enforce tasks max"))]
    pub(super) enforce_tasks_max: bool,
    /// Converter of keys; the worker's when absent.
    #[serde(rename = "key.converter")]
    #[schemars(extend("x-importance" = "low", "x-group" = "Common", "x-order" = 6,
        "x-width" = "short", "x-display-name" = "Key converter class", "x-type" = "class"))]
    pub(super) key_converter: Option<String>,
    /// Converter of values; the worker's when absent.
    #[serde(rename = "value.converter")]
    #[schemars(extend("x-importance" = "low", "x-group" = "Common", "x-order" = 8,
        "x-width" = "short", "x-display-name" = "Value converter class", "x-type" = "class"))]
    pub(super) value_converter: Option<String>,
    /// Converter of headers; the worker's when absent.
    #[serde(rename = "header.converter")]
    #[schemars(extend("x-importance" = "low", "x-group" = "Common", "x-order" = 10,
        "x-width" = "short", "x-display-name" = "Header converter class", "x-type" = "class"))]
    pub(super) header_converter: Option<String>,
    /// Aliases of the transforms, in the order in which they are applied.
    #[serde(default)]
    #[schemars(extend("x-importance" = "low", "x-group" = "Transforms", "x-order" = 12,
        "x-width" = "long", "x-display-name" = "Transforms"))]
    pub(super) transforms: Vec<String>,
    /// Aliases of the predicates that transforms refer to.
    #[serde(default)]
    #[schemars(extend("x-importance" = "low", "x-group" = "Predicates", "x-order" = 13,
        "x-width" = "long", "x-display-name" = "Predicates"))]
    pub(super) predicates: Vec<String>,
    /// What to do when a config provider has another value than the connector was started with.
    #[serde(rename = "config.action.reload", default)]
    #[schemars(extend("x-importance" = "low", "x-group" = "Common", "x-order" = 14,
        "x-width" = "medium", "x-display-name" = "Reload Action"))]
    pub(super) reload: ReloadAction,
    /// Milliseconds for which a failed conversion or transform is tried again; 0 not at all, -1 for ever.
    #[serde(rename = "errors.retry.timeout", default)]
    #[schemars(range(min = -1))]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 1,
        "x-width" = "medium", "x-display-name" = "Retry Timeout for Errors"))]
    pub(super) retry_timeout: i64,
    /// The longest wait between two such attempts, in milliseconds.
    #[serde(rename = "errors.retry.delay.max.ms", default = "minute")]
    #[schemars(range(min = 0))]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 2,
        "x-width" = "medium", "x-display-name" = "Maximum Delay Between Retries for Errors"))]
    pub(super) retry_delay_max: i64,
    /// Whether the task goes on past records that fail.
    #[serde(rename = "errors.tolerance", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 3,
        "x-width" = "short", "x-display-name" = "Error Tolerance"))]
    pub(super) tolerance: Tolerance,
    /// Whether failed records are logged.
    #[serde(rename = "errors.log.enable", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 4,
        "x-width" = "short", "x-display-name" = "Log Errors"))]
    pub(super) log: bool,
    /// Whether the log shows the records themselves.
    #[serde(rename = "errors.log.include.messages", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 5,
        "x-width" = "short", "x-display-name" = "Log Error Details"))]
    pub(super) log_records: bool,
    /// Topic for records that fail; none when blank. Sources have it too.
    #[serde(rename = "errors.deadletterqueue.topic.name", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 6,
        "x-width" = "medium", "x-display-name" = "Dead Letter Queue Topic Name"))]
    pub(super) dead_letters: String,
    /// Replicas of that topic when it has to be created.
    #[serde(rename = "errors.deadletterqueue.topic.replication.factor", default = "three")]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 7,
        "x-width" = "medium", "x-display-name" = "Dead Letter Queue Topic Replication Factor"))]
    pub(super) dead_letter_replication: i16,
    /// Whether dead letters carry headers that say what happened.
    #[serde(rename = "errors.deadletterqueue.context.headers.enable", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Error Handling", "x-order" = 8,
        "x-width" = "medium", "x-display-name" = "Enable Error Context Headers"))]
    pub(super) dead_letter_headers: bool,
    /// Whether failed tasks are started again, with backoff.
    #[serde(rename = "restart.failed.tasks", default)]
    #[schemars(extend("x-importance" = "low", "x-group" = "Error Handling", "x-order" = 9,
        "x-width" = "short", "x-display-name" = "Restart Failed Tasks"))]
    pub(super) restart: bool,
    /// The longest wait before a failed task is started again, in milliseconds.
    #[serde(rename = "restart.backoff.max.ms", default = "minute")]
    #[schemars(range(min = 0))]
    #[schemars(extend("x-importance" = "low", "x-group" = "Error Handling", "x-order" = 10,
        "x-width" = "medium", "x-display-name" = "Maximum Delay Between Restarts"))]
    pub(super) restart_backoff_max: i64,
    /// How long something may be under way in a task without moving before the task is shown STALLED, in milliseconds; 0
    /// for ever, the worker's when absent.
    #[serde(rename = "task.progress.deadline.ms")]
    #[schemars(range(min = 0))]
    pub(super) progress_deadline: Option<i64>,
}

/// Keys of every source. Records are delivered at least once, so those of transactions are checked and have no effect.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "they are checked while they are read")]
pub(crate) struct Source {
    /// Whether the connector must not run without exactly-once delivery.
    #[serde(rename = "exactly.once.support", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Exactly Once Support", "x-order" = 2,
        "x-width" = "short", "x-display-name" = "Exactly once support"))]
    pub(super) exactly_once: ExactlyOnce,
    /// Where transactions end.
    #[serde(rename = "transaction.boundary", default)]
    #[schemars(extend("x-importance" = "medium", "x-group" = "Exactly Once Support", "x-order" = 3,
        "x-width" = "short", "x-display-name" = "Transaction Boundary"))]
    pub(super) boundary: Boundary,
    /// How long a transaction lasts, in milliseconds; as the worker's `offset.flush.interval.ms` when absent.
    #[serde(rename = "transaction.boundary.interval.ms")]
    #[schemars(range(min = 0))]
    #[schemars(extend("x-importance" = "low", "x-group" = "Exactly Once Support", "x-order" = 4,
        "x-width" = "short", "x-display-name" = "Transaction boundary interval"))]
    pub(super) boundary_interval: Option<i64>,
    /// Topic for the connector's own offsets; one worker by itself keeps them where it keeps all.
    #[serde(rename = "offsets.storage.topic")]
    #[schemars(length(min = 1))]
    #[schemars(extend("x-importance" = "low", "x-group" = "offsets.topic", "x-order" = 1,
        "x-width" = "long", "x-display-name" = "Offsets topic"))]
    pub(super) offsets_topic: Option<String>,
}

impl Source {
    /// Keys whose values are names in any case.
    pub(super) const ANY_CASE: [&str; 2] = ["exactly.once.support", "transaction.boundary"];
}

/// Keys of every sink.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Sink {
    /// Topics to read.
    #[serde(default)]
    #[schemars(extend("x-importance" = "high", "x-group" = "Common", "x-order" = 4,
        "x-width" = "long", "x-display-name" = "Topics"))]
    pub(super) topics: Vec<String>,
    /// Reads all topics whose whole name matches this regular expression.
    #[serde(rename = "topics.regex", default)]
    #[schemars(extend("x-importance" = "high", "x-group" = "Common", "x-order" = 4,
        "x-width" = "long", "x-display-name" = "Topics regex"))]
    pub(super) topics_regex: String,
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
pub(super) enum ExactlyOnce {
    #[default]
    Requested,
    Required,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Boundary {
    #[default]
    Poll,
    Interval,
    Connector,
}

/// What is wrong with a connector's name, if anything is.
pub(crate) fn wrong_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("expected text of at least 1 characters")
    } else if name.chars().any(char::is_control) {
        Some("expected text without control characters")
    } else {
        None
    }
}

/// Whether a key asks for a version of a plugin.
pub(crate) fn is_plugin_version(key: &str) -> bool {
    let Some(owner) = key.strip_suffix(".plugin.version") else { return false };
    let alias = owner.strip_prefix("transforms.").or_else(|| owner.strip_prefix("predicates."));
    alias.is_some_and(|alias| !alias.is_empty())
        || matches!(owner, "connector" | "key.converter" | "value.converter" | "header.converter")
}

/// Whether a key belongs to the runtime, so that a connector does not take it for a misspelt one of its own.
pub(super) fn is_common(key: &str) -> bool {
    const KEYS: [&str; 14] = [
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
        "task.progress.deadline.ms",
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

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

fn three() -> i16 {
    3
}

fn minute() -> i64 {
    60_000
}
