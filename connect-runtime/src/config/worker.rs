//! What a worker can be told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use connect_api::JsonSchema;
use connect_api::config::Millis;
use serde::Deserialize;

use crate::clients::ClientProperties;
use crate::metrics::Windows;

/// A worker's configuration, under Kafka Connect's property names. Read it from properties with
/// [`connect_api::config::parse`], or change fields of the default.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WorkerConfig {
    /// Name of this worker in statuses, usually host and port of its REST server.
    #[serde(rename = "worker.id")]
    pub worker_id: String,
    /// Converter of keys for connectors that name none.
    #[serde(rename = "key.converter")]
    pub key_converter: String,
    /// Settings of that converter, such as `schemas.enable`.
    #[serde(rename = "key.converter.")]
    pub key_converter_settings: BTreeMap<String, String>,
    /// Converter of values for connectors that name none.
    #[serde(rename = "value.converter")]
    pub value_converter: String,
    /// Settings of that converter, such as `schemas.enable`.
    #[serde(rename = "value.converter.")]
    pub value_converter_settings: BTreeMap<String, String>,
    /// Converter of headers for connectors that name none.
    #[serde(rename = "header.converter")]
    pub header_converter: String,
    /// Settings of that converter, such as `converter.encoding`.
    #[serde(rename = "header.converter.")]
    pub header_converter_settings: BTreeMap<String, String>,
    /// How long a stop waits for all tasks before it ends them the hard way.
    #[serde(rename = "task.shutdown.graceful.timeout.ms")]
    pub task_shutdown_graceful_timeout: Millis,
    /// How often offsets are committed.
    #[serde(rename = "offset.flush.interval.ms")]
    pub offset_flush_interval: Millis,
    /// How long one commit, and the last wait for acknowledgements, may take.
    #[serde(rename = "offset.flush.timeout.ms")]
    pub offset_flush_timeout: Millis,
    /// File of source offsets; without it they are kept where the host says, or in memory.
    #[serde(rename = "offset.storage.file.filename")]
    pub offset_storage_file: Option<PathBuf>,
    /// Settings of the producers of sources and dead letter queues, under Kafka's names, such as `linger.ms`.
    #[serde(rename = "producer.")]
    pub producer: ClientProperties,
    /// Settings of the consumers of sinks, under Kafka's names, such as `fetch.min.bytes`.
    #[serde(rename = "consumer.")]
    pub consumer: ClientProperties,
    /// Settings of the clients that make topics, under Kafka's names.
    #[serde(rename = "admin.")]
    pub admin: ClientProperties,
    /// Which of those a connector may set for itself with `producer.override.` and so on: `All`, `None`, `Principal`
    /// (`sasl.jaas.config`, `sasl.mechanism`, `security.protocol`), or `Allowlist`.
    #[serde(rename = "connector.client.config.override.policy")]
    pub override_policy: String,
    /// What the policy `Allowlist` allows.
    #[serde(rename = "connector.client.config.override.allowlist")]
    pub override_allowlist: Vec<String>,
    /// Whether sources may say with `topic.creation.*` how their topics are made.
    #[serde(rename = "topic.creation.enable")]
    pub topic_creation: bool,
    /// Bytes of records that may be under way in all tasks together: polled and not acknowledged, or fetched and not
    /// delivered. A task that waits for its share has one batch more.
    #[serde(rename = "memory.budget.bytes")]
    #[schemars(range(min = 1))]
    pub memory_budget: usize,
    /// How long something may be under way in a task without moving before the task is shown STALLED; 0 for ever. A
    /// connector may have its own.
    #[serde(rename = "task.progress.deadline.ms")]
    pub progress_deadline: Millis,
    /// How long one window of rates, averages and maxima is.
    #[serde(rename = "metrics.sample.window.ms")]
    pub metrics_window: Millis,
    /// Over how many windows they are taken.
    #[serde(rename = "metrics.num.samples")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub metrics_samples: usize,
    /// Topic of connectors, their tasks and target states, so that a worker that is started again has them all. Blank keeps
    /// them in memory. Workers by themselves on one cluster need topics of their own.
    #[serde(rename = "config.storage.topic")]
    pub config_topic: String,
    /// Replicas of that topic, if it is created; -1 is the cluster's default.
    #[serde(rename = "config.storage.replication.factor")]
    #[schemars(range(min = -1))]
    pub config_replication: i16,
    /// Topic of states, and of the topics that connectors use. Blank keeps them in memory.
    #[serde(rename = "status.storage.topic")]
    pub status_topic: String,
    /// Replicas of that topic, if it is created; -1 is the cluster's default.
    #[serde(rename = "status.storage.replication.factor")]
    #[schemars(range(min = -1))]
    pub status_replication: i16,
    /// Partitions of that topic, if it is created; -1 is the cluster's default.
    #[serde(rename = "status.storage.partitions")]
    #[schemars(range(min = -1))]
    pub status_partitions: i32,
    /// Whether it is tracked which topics connectors use.
    #[serde(rename = "topic.tracking.enable")]
    pub topic_tracking: bool,
    /// Whether that may be reset.
    #[serde(rename = "topic.tracking.allow.reset")]
    pub topic_tracking_reset: bool,
    /// How long whoever asks for something (a new connector, a stop, other offsets) waits at most for it to be done.
    #[serde(rename = "rest.request.timeout.ms")]
    pub request_timeout: Millis,
    /// Where randomness (jitter of retries) starts from; the same seed replays the same schedule.
    #[serde(rename = "random.seed")]
    pub seed: u64,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            worker_id: "embedded".into(),
            key_converter: "org.apache.kafka.connect.storage.StringConverter".into(),
            key_converter_settings: BTreeMap::new(),
            value_converter: "org.apache.kafka.connect.storage.StringConverter".into(),
            value_converter_settings: BTreeMap::new(),
            header_converter: "org.apache.kafka.connect.storage.SimpleHeaderConverter".into(),
            header_converter_settings: BTreeMap::new(),
            task_shutdown_graceful_timeout: Millis::new(5_000),
            offset_flush_interval: Millis::new(60_000),
            offset_flush_timeout: Millis::new(5_000),
            offset_storage_file: None,
            producer: ClientProperties::default(),
            consumer: ClientProperties::default(),
            admin: ClientProperties::default(),
            override_policy: "All".into(),
            override_allowlist: Vec::new(),
            topic_creation: true,
            memory_budget: 16 << 20,
            progress_deadline: Millis::new(60_000),
            metrics_window: Millis::new(30_000),
            metrics_samples: 2,
            config_topic: "connect-configs".into(),
            config_replication: -1,
            status_topic: "connect-status".into(),
            status_replication: -1,
            status_partitions: 5,
            topic_tracking: true,
            topic_tracking_reset: true,
            request_timeout: Millis::new(90_000),
            seed: 0,
        }
    }
}

impl WorkerConfig {
    pub(crate) fn windows(&self) -> Windows {
        Windows { length: self.metrics_window.duration(), count: self.metrics_samples.max(1) }
    }
}
