//! The configuration under the name of Aiven's connector.

use connect_api::config::{Millis, Secret};

use super::choice::{ExistingResource, IdStrategy, NullBehavior, Refused, WriteMethod};
use super::defaults::*;
use super::extra::ExtraConfig;
use super::tls::TlsConfig;

connect_api::config! {
    /// Configuration of [`OpenSearchSink`](crate::OpenSearchSink): the keys of Aiven's connector and more.
    #[derive(Clone)]
    pub struct OpenSearchSinkConfig {
        /// The topics, of which mappings are checked.
        #[serde(default)]
        pub topics: Vec<String>,
        /// The transforms, which may send records elsewhere.
        #[serde(default)]
        pub transforms: Vec<String>,
        /// Where bad records go, which `report` needs.
        #[serde(rename = "errors.deadletterqueue.topic.name", default)]
        pub dead_letters: Option<String>,
        /// Nodes, such as `http://localhost:9200`; without a port it is 80 or 443.
        #[serde(rename = "connection.url", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Connector"))]
        pub connection_url: Vec<String>,
        /// User of basic authentication.
        #[serde(rename = "connection.username", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub username: Option<String>,
        /// Password of basic authentication.
        #[serde(rename = "connection.password", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub password: Option<Secret<String>>,
        /// Most documents of one bulk request.
        #[serde(rename = "batch.size", default = "two_thousand")]
        #[schemars(range(min = 1), extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub batch_size: u32,
        /// Most bytes of one bulk request, unless one document is larger; -1 for no limit.
        #[serde(rename = "bulk.size.bytes", default = "five_mib")]
        #[schemars(range(min = -1, max = 2147483647), extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub bulk_bytes: i64,
        /// Bulk requests under way at a time, for each task.
        #[serde(rename = "max.in.flight.requests", default = "five")]
        #[schemars(range(min = 1, max = 1000), extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub max_in_flight: u32,
        /// Records a task holds at most, waiting and under way.
        #[serde(rename = "max.buffered.records", default = "twenty_thousand")]
        #[schemars(range(min = 1), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub max_buffered: u32,
        /// How long the first document of a request waits for others, while none is under way.
        #[serde(rename = "linger.ms", default = "one_ms")]
        #[schemars(extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub linger: Millis,
        /// How long a commit of offsets waits for what is under way; what is not done by then is committed later.
        #[serde(rename = "flush.timeout.ms", default = "ten_seconds")]
        #[schemars(extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub flush_timeout: Millis,
        /// Attempts after the first one, without any progress between them.
        #[serde(rename = "max.retries", default = "five")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub max_retries: u32,
        /// Longest wait before the first retry; it doubles each time, and a random part of it is waited.
        #[serde(rename = "retry.backoff.ms", default = "hundred_ms")]
        #[schemars(extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub retry_backoff: Millis,
        /// How long connecting to a node may take.
        #[serde(rename = "connection.timeout.ms", default = "second")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub connect_timeout: Millis,
        /// How long a node may be silent in the middle of a request.
        #[serde(rename = "read.timeout.ms", default = "three_seconds")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub read_timeout: Millis,
        /// Trust every server. For trials only: whoever sits between reads and changes everything.
        #[serde(rename = "connection.trust.all.certificates", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub trust_all: bool,
        /// Whether the key is not the id.
        #[serde(rename = "key.ignore", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Data Conversion"))]
        pub key_ignore: bool,
        /// Which id a document has when the key is ignored.
        #[serde(rename = "key.ignore.id.strategy", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub id_strategy: IdStrategy,
        /// Topics for which keys are ignored.
        #[serde(rename = "topic.key.ignore", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub topic_key_ignore: Vec<String>,
        /// Whether no mapping is made of schemas, and values are written without regard to options for them.
        #[serde(rename = "schema.ignore", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub schema_ignore: bool,
        /// Topics for which schemas are ignored.
        #[serde(rename = "topic.schema.ignore", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub topic_schema_ignore: Vec<String>,
        /// Whether maps with string keys are objects instead of arrays of `key` and `value`.
        #[serde(rename = "compact.map.entries", default = "yes")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub compact_maps: bool,
        /// Whether a record that cannot be converted is reported and skipped instead of failing the task.
        #[serde(rename = "drop.invalid.message", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub drop_invalid: bool,
        /// What a record without a value means.
        #[serde(rename = "behavior.on.null.values", default = "null_ignored")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub on_null: NullBehavior,
        /// What becomes of a document that the server refuses.
        #[serde(rename = "behavior.on.malformed.documents", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub on_malformed: Refused,
        /// What becomes of a document of which the server has a newer version.
        #[serde(rename = "behavior.on.version.conflict", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub on_conflict: Refused,
        /// How documents are written.
        #[serde(rename = "index.write.method", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub write_method: WriteMethod,
        /// Whether documents go to data streams.
        #[serde(rename = "data.stream.enabled", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub stream_enabled: bool,
        /// What data streams' names begin with.
        #[serde(rename = "data.stream.prefix", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_prefix: Option<String>,
        /// Field with the timestamp of data streams; the record's timestamp when a document lacks it.
        #[serde(rename = "data.stream.timestamp.field", default = "at_timestamp")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_timestamp: String,
        /// Index template of data streams; one is made for each when absent.
        #[serde(rename = "data.streams.existing.index.template.name", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_template: Option<String>,
        /// Which resources made by somebody else are written to.
        #[serde(rename = "existing.resource.type", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Connector"))]
        pub existing_type: ExistingResource,
        /// Pairs `topic:resource`, each topic and each resource once, at most 10.
        #[serde(rename = "topic.to.existing.resource.mapping", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Connector"))]
        pub existing_mapping: Vec<String>,
        /// Settings of TLS.
        #[serde(rename = "connection", default)]
        pub tls: Option<TlsConfig>,
        /// What their connector has not.
        #[serde(flatten)]
        pub extra: ExtraConfig,
    }
}
