//! The configuration under the name of Confluent's connector.

use connect_api::config::{Millis, Secret};

use super::choice::{ExternalResource, NullBehavior, Refused, SecurityProtocol, WriteMethod};
use super::defaults::*;
use super::extra::ExtraConfig;
use super::tls::TlsConfig;

connect_api::config! {
    /// Configuration of [`ElasticsearchSink`](crate::ElasticsearchSink): the keys of Confluent's connector and more.
    #[derive(Clone)]
    pub struct ElasticsearchSinkConfig {
        /// The topics, of which mappings are checked.
        #[serde(default)]
        pub topics: Vec<String>,
        /// The transforms, which may send records elsewhere.
        #[serde(default)]
        pub transforms: Vec<String>,
        /// Nodes, such as `http://localhost:9200`; without a port it is 80 or 443. Needed unless `connection.cloud.id` is set.
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
        /// Which resources made by somebody else are written to.
        #[serde(rename = "external.resource.usage", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Connector"))]
        pub external_usage: ExternalResource,
        /// Pairs `topic:resource`, each topic and each resource once.
        #[serde(rename = "topic.to.external.resource.mapping", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Connector"))]
        pub external_mapping: Vec<String>,
        /// How many pairs there may be.
        #[serde(rename = "max.external.resource.mappings", default = "fifteen")]
        #[schemars(range(min = 1, max = 2147483647), extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub max_external: u32,
        /// First part of data streams' names, such as `logs`; `none` for indices.
        #[serde(rename = "data.stream.type", default = "none_word")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_type: String,
        /// Second part of data streams' names.
        #[serde(rename = "data.stream.dataset", default)]
        #[schemars(length(max = 100), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_dataset: String,
        /// Third part of data streams' names; `${topic}` is the topic.
        #[serde(rename = "data.stream.namespace", default = "topic_word")]
        #[schemars(length(max = 100), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_namespace: String,
        /// Fields of which the first present one becomes `@timestamp`; the record's timestamp when absent.
        #[serde(rename = "data.stream.timestamp.field", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub stream_timestamp: Vec<String>,
        /// Most documents of one bulk request.
        #[serde(rename = "batch.size", default = "two_thousand")]
        #[schemars(range(min = 1, max = 1000000), extend("x-importance" = "medium", "x-group" = "Connector"))]
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
        #[schemars(range(min = 1, max = 2147483647), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub max_buffered: u32,
        /// How long the first document of a request waits for others, while none is under way.
        #[serde(rename = "linger.ms", default = "one_ms")]
        #[schemars(range(max = 604800000), extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub linger: Millis,
        /// How long a commit of offsets waits for what is under way; what is not done by then is committed later.
        #[serde(rename = "flush.timeout.ms", default = "three_minutes")]
        #[schemars(range(min = 1000, max = 604800000), extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub flush_timeout: Millis,
        /// Kept for compatibility: offsets are always those of the records' own topics, and commits always wait.
        #[serde(rename = "flush.synchronously", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub flush_synchronously: bool,
        /// Attempts after the first one, without any progress between them.
        #[serde(rename = "max.retries", default = "five")]
        #[schemars(range(max = 2147483647), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub max_retries: u32,
        /// Longest wait before the first retry; it doubles each time, and a random part of it is waited.
        #[serde(rename = "retry.backoff.ms", default = "hundred_ms")]
        #[schemars(range(max = 86400000), extend("x-type" = "LONG", "x-importance" = "low", "x-group" = "Connector"))]
        pub retry_backoff: Millis,
        /// Whether requests are compressed.
        #[serde(rename = "connection.compression", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Connector"))]
        pub compression: bool,
        /// How long a connection without work is kept; -1 for ever.
        #[serde(rename = "max.connection.idle.time.ms", default = "minute")]
        #[schemars(range(min = -1, max = 86400000), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub idle_time: i64,
        /// How long connecting to a node may take.
        #[serde(rename = "connection.timeout.ms", default = "second")]
        #[schemars(range(max = 43200000), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub connect_timeout: Millis,
        /// How long a node may be silent in the middle of a request.
        #[serde(rename = "read.timeout.ms", default = "three_seconds")]
        #[schemars(range(max = 604800000), extend("x-importance" = "low", "x-group" = "Connector"))]
        pub read_timeout: Millis,
        /// Whether the server makes ids for inserted documents, which may then be there twice after a failure.
        #[serde(rename = "use.autogenerated.ids", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "Connector"))]
        pub autogenerated_ids: bool,
        /// Whether ids are topic, partition and offset instead of the key.
        #[serde(rename = "key.ignore", default)]
        #[schemars(extend("x-importance" = "high", "x-group" = "Data Conversion"))]
        pub key_ignore: bool,
        /// Whether no mapping is made of schemas, and values are written without regard to options for them.
        #[serde(rename = "schema.ignore", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub schema_ignore: bool,
        /// Whether maps with string keys are objects instead of arrays of `key` and `value`.
        #[serde(rename = "compact.map.entries", default = "yes")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub compact_maps: bool,
        /// Topics for which keys are ignored.
        #[serde(rename = "topic.key.ignore", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub topic_key_ignore: Vec<String>,
        /// Topics for which schemas are ignored.
        #[serde(rename = "topic.schema.ignore", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub topic_schema_ignore: Vec<String>,
        /// Whether a record that cannot be converted is reported and skipped instead of failing the task.
        #[serde(rename = "drop.invalid.message", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub drop_invalid: bool,
        /// What a record without a value means.
        #[serde(rename = "behavior.on.null.values", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub on_null: NullBehavior,
        /// Whether ignored records without a value are reported to the dead letter queue.
        #[serde(rename = "behavior.on.null.values.report", default = "yes")]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub report_null: bool,
        /// What becomes of a document that the server refuses.
        #[serde(rename = "behavior.on.malformed.documents", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub on_malformed: Refused,
        /// Header with the version of the document; the offset when empty.
        #[serde(rename = "external.version.header", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub version_header: String,
        /// How documents are written.
        #[serde(rename = "write.method", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Data Conversion"))]
        pub write_method: WriteMethod,
        /// Host of an HTTP proxy.
        #[serde(rename = "proxy.host", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Proxy"))]
        pub proxy_host: String,
        /// Port of the proxy.
        #[serde(rename = "proxy.port", default = "proxy_port")]
        #[schemars(range(min = 1), extend("x-importance" = "low", "x-group" = "Proxy"))]
        pub proxy_port: u16,
        /// User at the proxy.
        #[serde(rename = "proxy.username", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Proxy"))]
        pub proxy_username: String,
        /// Password at the proxy.
        #[serde(rename = "proxy.password", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Proxy"))]
        pub proxy_password: Option<Secret<String>>,
        /// Whether the settings of TLS below `elastic.https.` are used.
        #[serde(rename = "elastic.security.protocol", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "Security"))]
        pub security_protocol: SecurityProtocol,
        /// Settings of TLS.
        #[serde(rename = "elastic.https", default)]
        pub tls: Option<TlsConfig>,
        /// Kerberos is not built in.
        #[serde(rename = "kerberos.user.principal", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Kerberos"))]
        pub kerberos_principal: Option<String>,
        /// Kerberos is not built in.
        #[serde(rename = "kerberos.keytab.path", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "Kerberos"))]
        pub kerberos_keytab: Option<String>,
        /// What becomes of a document of which the server has a newer version.
        #[serde(rename = "behavior.on.version.conflict", default = "ignored")]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub on_conflict: Refused,
        /// Kept for old configurations; has no effect.
        #[serde(rename = "type.name", default)]
        pub type_name: Option<String>,
        /// Kept for old configurations: nothing is made at the start.
        #[serde(rename = "auto.create.indices.at.start", default = "yes")]
        pub create_at_start: bool,
        /// What no other connector has.
        #[serde(flatten)]
        pub extra: ExtraConfig,
    }
}
