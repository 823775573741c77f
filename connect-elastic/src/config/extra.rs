//! Keys that both connectors have, and that theirs have not or not both.

use std::collections::BTreeMap;

use connect_api::config::{Millis, Secret};

use super::choice::{DateFormat, DecimalFormat, Routing, VersionType};
use super::defaults::*;

connect_api::config! {
    /// Keys that both connectors have.
    #[derive(Clone)]
    pub struct ExtraConfig {
        /// API key, encoded or as `id:key`.
        #[serde(rename = "connection.api.key", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "More"))]
        pub api_key: Option<Secret<String>>,
        /// Bearer token.
        #[serde(rename = "connection.bearer.token", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "More"))]
        pub bearer_token: Option<Secret<String>>,
        /// Elastic Cloud's id of the deployment, in place of `connection.url`.
        #[serde(rename = "connection.cloud.id", default)]
        #[schemars(extend("x-importance" = "medium", "x-group" = "More"))]
        pub cloud_id: Option<String>,
        /// Path before all others, for clusters behind a proxy.
        #[serde(rename = "connection.path.prefix", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub path_prefix: String,
        /// Whether the cluster is asked for its nodes.
        #[serde(rename = "connection.sniff", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub sniff: bool,
        /// How often it is asked.
        #[serde(rename = "connection.sniff.interval.ms", default = "five_minutes")]
        #[schemars(range(min = 1000), extend("x-importance" = "low", "x-group" = "More"))]
        pub sniff_interval: Millis,
        /// Ingest pipeline for all documents.
        #[serde(rename = "pipeline", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub pipeline: Option<String>,
        /// How often the server repeats an update that met another; `max.in.flight.requests`, at most 5, when absent.
        #[serde(rename = "retry.on.conflict", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub retry_on_conflict: Option<u32>,
        /// Where the version of a document comes from.
        #[serde(rename = "version.type", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub version_type: VersionType,
        /// Field with the version, for `version.type=field`.
        #[serde(rename = "version.field", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub version_field: Option<String>,
        /// Stored script, for `write.method=scripted_upsert`.
        #[serde(rename = "script.id", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub script_id: Option<String>,
        /// Script, for `write.method=scripted_upsert`.
        #[serde(rename = "script.source", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub script_source: Option<String>,
        /// How decimals are written.
        #[serde(rename = "decimal.format", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub decimal_format: DecimalFormat,
        /// How dates, times and timestamps are written.
        #[serde(rename = "date.format", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub date_format: DateFormat,
        /// Fields of the key, or of the value when the key has none of them, whose values make the id.
        #[serde(rename = "id.fields", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub id_fields: Vec<String>,
        /// What stands between them.
        #[serde(rename = "id.separator", default = "underscore")]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub id_separator: String,
        /// Field that gets topic, partition, offset, timestamp, key and headers of the record.
        #[serde(rename = "metadata.field", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub metadata_field: Option<String>,
        /// Whether new fields of a schema are added to the mapping.
        #[serde(rename = "mapping.update.on.schema.change", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub mapping_update: bool,
        /// Settings of indices that are made, such as `index.settings.number_of_shards`.
        #[serde(rename = "index.settings", default)]
        pub index_settings: BTreeMap<String, String>,
        /// Index template of which indices that are made have settings, mappings and aliases, whatever its patterns are;
        /// `index.settings.*` go before its settings.
        #[serde(rename = "index.template", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub index_template: Option<String>,
        /// Whether only aliases may be written to.
        #[serde(rename = "bulk.require.alias", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub require_alias: bool,
        /// Whether only data streams may be written to; Elasticsearch alone knows this.
        #[serde(rename = "bulk.require.data.stream", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub require_data_stream: bool,
        /// Bytes a task holds at most for documents that wait or are under way, with what it knows of each; when absent,
        /// one request of `bulk.size.bytes` more than there may be under way, within 8 to 64 MiB.
        #[serde(rename = "max.in.flight.bytes", default)]
        #[schemars(range(min = 1), extend("x-importance" = "low", "x-group" = "More"))]
        pub max_in_flight_bytes: Option<u64>,
        /// Pairs `topic:index`; other topics have indices of their own name.
        #[serde(rename = "topic.index.map", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub topic_index_map: Vec<String>,
        /// Whether errors and logs repeat what servers say of documents, values included.
        #[serde(rename = "log.sensitive.data", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub log_sensitive: bool,
        /// What routes a document to its shard.
        #[serde(rename = "routing.type", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub routing: Routing,
        /// JSON pointer to the value that routes, for `routing.type=value`.
        #[serde(rename = "routing.type.record.value.path", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub routing_path: Option<String>,
        /// AWS region; with it and `aws.service.signing.name` requests are signed.
        #[serde(rename = "aws.region", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub aws_region: Option<String>,
        /// `es`, or `aoss` for OpenSearch Serverless.
        #[serde(rename = "aws.service.signing.name", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub aws_service: Option<String>,
        /// AWS access key.
        #[serde(rename = "aws.access_key_id", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub aws_key_id: Option<String>,
        /// Secret of the AWS access key.
        #[serde(rename = "aws.secret_access_key", default)]
        #[schemars(extend("x-importance" = "low", "x-group" = "More"))]
        pub aws_secret: Option<Secret<String>>,
        /// Role of AWS that is taken on, with the keys above or those of the worker's environment.
        #[serde(rename = "aws.sts.role.arn", default)]
        #[schemars(length(min = 1), extend("x-importance" = "medium", "x-group" = "More"))]
        pub aws_role: Option<String>,
        /// What the session of the role is called in AWS's logs.
        #[serde(rename = "aws.sts.role.session.name", default)]
        #[schemars(length(min = 1), extend("x-importance" = "medium", "x-group" = "More"))]
        pub aws_session: Option<String>,
        /// How many seconds the keys of the role are good; they are renewed before.
        #[serde(rename = "aws.sts.role.session.duration", default = "hour")]
        #[schemars(range(min = 900, max = 43200), extend("x-type" = "INT", "x-importance" = "medium", "x-group" = "More"))]
        pub aws_session_seconds: u32,
        /// What roles of other accounts may want to hear, so that nobody takes them on by mistake.
        #[serde(rename = "aws.sts.role.external.id", default)]
        #[schemars(length(min = 1), extend("x-importance" = "medium", "x-group" = "More"))]
        pub aws_external_id: Option<String>,
    }
}

impl ExtraConfig {
    /// The index template, if one is named.
    pub(super) fn template(&self) -> Option<String> {
        self.index_template.clone().filter(|name| !name.is_empty())
    }

    /// The key that says who asks.
    pub(crate) fn who(&self) -> &'static str {
        match (&self.api_key, &self.bearer_token) {
            (Some(_), _) => "connection.api.key",
            (None, Some(_)) => "connection.bearer.token",
            (None, None) => "connection.username",
        }
    }
}
