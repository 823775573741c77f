//! The worker file's keys.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use connect_api::JsonSchema;
use connect_api::config::{self, ConfigErrors, Parsed};
use connect_kafka::EmbeddedBroker;
use connect_runtime::rest::RestConfig;
use connect_runtime::{Clients, WorkerConfig};
use serde::Deserialize;

/// What the worker file says.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Settings {
    /// The runtime's part.
    #[serde(flatten)]
    pub(crate) worker: WorkerConfig,
    /// The Kafka cluster; none when the broker is in this process.
    #[serde(skip)]
    pub(crate) kafka: Option<Clients>,
    /// The REST interface.
    #[serde(skip)]
    pub(crate) rest: RestConfig,
    /// Whether the file says where to listen.
    #[serde(skip)]
    pub(crate) says_listeners: bool,
    /// Directory of the embedded broker.
    #[serde(rename = "broker.dir")]
    broker_dir: Option<PathBuf>,
    /// Bytes that each partition of a new topic keeps at least; -1 keeps everything.
    #[serde(rename = "broker.retention.bytes", default = "no_limit")]
    #[schemars(range(min = -1))]
    pub(crate) retention_bytes: i64,
    /// Milliseconds that records of a new topic are kept; -1 for ever.
    #[serde(rename = "broker.retention.ms", default = "a_week")]
    #[schemars(range(min = -1))]
    pub(crate) retention_ms: i64,
}

impl Settings {
    /// Reads the worker file's entries.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    pub(crate) fn parse(properties: &BTreeMap<String, String>) -> Result<Parsed<Self>, ConfigErrors> {
        let mut errors = ConfigErrors::new();
        let kafka = if properties.get("bootstrap.servers").is_some_and(|servers| !servers.trim().is_empty()) {
            on_kafka(properties, &mut errors)
        } else {
            None
        };
        for key in ["key.converter", "value.converter"] {
            if properties.get(key).is_none_or(|class| class.trim().is_empty()) {
                let message = "is required, as in Kafka Connect, for connectors that name none; strings: \
                               org.apache.kafka.connect.storage.StringConverter";
                errors.add(key, None, message);
            }
        }
        let rest = RestConfig::from_properties(properties);
        let rest = rest.map_err(|wrong| errors.merge(wrong)).ok();
        let parsed = config::parse_with::<Self>(properties, &is_kafkas);
        match parsed {
            Ok(mut parsed) if errors.is_empty() => {
                parsed.config.kafka = kafka;
                if let Some(rest) = rest {
                    parsed.config.rest = rest.config;
                    parsed.warnings.extend(rest.warnings);
                }
                parsed.config.says_listeners = properties.contains_key("listeners");
                parsed.warnings.extend(parsed.config.clients().validate(&parsed.config.worker)?);
                Ok(parsed)
            }
            Ok(_) => Err(errors),
            Err(more) => {
                errors.merge(more);
                Err(errors)
            }
        }
    }

    /// Clients to check configurations with: nobody is reached.
    pub(crate) fn clients(&self) -> Clients {
        match &self.kafka {
            Some(clients) => clients.clone().offline(),
            None => Clients::shared(Arc::new(EmbeddedBroker::new())),
        }
    }

    /// Where the embedded broker is.
    pub(crate) fn broker_dir(&self) -> PathBuf {
        self.broker_dir.clone().unwrap_or_else(|| "connect-data".into())
    }

    /// Where source offsets are.
    pub(crate) fn offset_file(&self) -> PathBuf {
        self.worker.offset_storage_file.clone().unwrap_or_else(|| self.broker_dir().join("connect.offsets"))
    }

    /// Configs of new topics.
    pub(crate) fn topic_defaults(&self) -> BTreeMap<String, String> {
        let entries = [("retention.bytes", self.retention_bytes), ("retention.ms", self.retention_ms)];
        entries.into_iter().map(|(key, value)| (key.to_owned(), value.to_string())).collect()
    }

    /// Where the broker's log is; apart from the offsets, as the store owns its directory.
    pub(crate) fn log_dir(&self) -> PathBuf {
        self.broker_dir().join("log")
    }
}

/// Clients of the cluster that `bootstrap.servers` names.
fn on_kafka(properties: &BTreeMap<String, String>, errors: &mut ConfigErrors) -> Option<Clients> {
    if let Some(dir) = properties.get("broker.dir") {
        let message = "is a broker of this process, and bootstrap.servers a Kafka cluster; remove one of the two";
        errors.add("broker.dir", Some(dir.clone()), message);
    }
    let file = "offset.storage.file.filename";
    if !properties.contains_key(file) {
        errors.add(file, None, "is required with bootstrap.servers: offsets of sources are kept there");
    }
    match Clients::kafka(properties.clone()) {
        Ok(clients) => Some(clients),
        Err(wrong) => {
            errors.merge(wrong);
            None
        }
    }
}

fn no_limit() -> i64 {
    -1
}

fn a_week() -> i64 {
    7 * 24 * 60 * 60 * 1000
}

/// Whether it is a worker key of Kafka Connect that has no effect here, so no misspelt one either.
fn is_kafkas(key: &str) -> bool {
    const KEYS: &[&str] = &[
        "access.control.allow.methods",
        "access.control.allow.origin",
        "admin.listeners",
        "bootstrap.servers",
        "client.dns.lookup",
        "client.id",
        "config.providers",
        "connections.max.idle.ms",
        "default.api.timeout.ms",
        "group.id",
        "internal.key.converter",
        "internal.value.converter",
        "listeners",
        "metadata.max.age.ms",
        "metadata.recovery.strategy",
        "metric.reporters",
        "metrics.num.samples",
        "metrics.recording.level",
        "metrics.sample.window.ms",
        "plugin.discovery",
        "plugin.path",
        "receive.buffer.bytes",
        "request.timeout.ms",
        "response.http.headers.config",
        "security.protocol",
        "send.buffer.bytes",
        "topic.tracking.allow.reset",
        "topic.tracking.enable",
    ];
    const PREFIXES: &[&str] = &[
        "admin.listeners.https.",
        "config.providers.",
        "listeners.https.",
        "metrics.context.",
        "reconnect.backoff.",
        "rest.",
        "retry.backoff.",
        "sasl.",
        "socket.connection.setup.timeout.",
        "ssl.",
    ];
    KEYS.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}
