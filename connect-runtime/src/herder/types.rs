//! What a herder shows of connectors, in the shapes and the order of fields of Kafka Connect's REST API.

use std::collections::BTreeMap;

use connect_api::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::ConnectorConfig;
use crate::worker::{ConnectorKind, State};

/// Source or sink, or unknown when its class is none that the worker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ConnectorType {
    Source,
    Sink,
    Unknown,
}

impl From<ConnectorKind> for ConnectorType {
    fn from(kind: ConnectorKind) -> Self {
        match kind {
            ConnectorKind::Source => Self::Source,
            ConnectorKind::Sink => Self::Sink,
        }
    }
}

/// A task's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ConnectorTaskId {
    /// Its connector.
    pub connector: String,
    /// Its number.
    pub task: usize,
}

/// A connector: its configuration and its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectorInfo {
    /// Its name.
    pub name: String,
    /// Its configuration as it is written.
    pub config: ConnectorConfig,
    /// Its tasks by number.
    pub tasks: Vec<ConnectorTaskId>,
    /// Source or sink.
    #[serde(rename = "type")]
    pub kind: ConnectorType,
}

/// A task and its configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskInfo {
    /// Its name.
    pub id: ConnectorTaskId,
    /// What it was configured with, as it is written.
    pub config: ConnectorConfig,
}

/// What a connector is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectorState {
    /// Its state.
    pub state: State,
    /// The worker that runs it.
    pub worker_id: String,
    /// The version of the connector; none while it is not known.
    pub version: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// What a task is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskState {
    /// Its number.
    pub id: usize,
    /// Its state.
    pub state: State,
    /// The worker that runs it.
    pub worker_id: String,
    /// The version of the connector; none while it is not known.
    pub version: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// What a connector and its tasks are doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectorStateInfo {
    /// Its name.
    pub name: String,
    /// The connector itself.
    pub connector: ConnectorState,
    /// Its tasks by number.
    pub tasks: Vec<TaskState>,
    /// Source or sink.
    #[serde(rename = "type")]
    pub kind: ConnectorType,
}

/// The topics that a connector used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveTopics {
    /// The connector.
    pub connector: String,
    /// Its topics, sorted.
    pub topics: Vec<String>,
}

impl Serialize for ActiveTopics {
    /// As `{"connector":{"topics":["topic"]}}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.connector, &BTreeMap::from([("topics", &self.topics)]))?;
        map.end()
    }
}

/// What was done, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// What was done.
    pub message: String,
}

/// What came of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Whether there was no connector of this name.
    pub created: bool,
    /// The connector now.
    pub info: ConnectorInfo,
}
