//! Offsets as operators read and write them.

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Offsets of a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectorOffsets {
    /// One for each partition of the source, or each partition of the sink's topics.
    #[serde(default)]
    pub offsets: Vec<ConnectorOffset>,
}

/// The offset of a partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectorOffset {
    /// Which partition: of a sink `{"kafka_partition":0,"kafka_topic":"t"}`.
    #[serde(default)]
    pub partition: Option<Map<String, Value>>,
    /// Where to go on: of a sink `{"kafka_offset":100}`. None resets the partition.
    #[serde(default)]
    pub offset: Option<Map<String, Value>>,
}
