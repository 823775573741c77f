//! What a new configuration would change.

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a configuration would do to a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigPlan {
    /// The connector.
    pub name: String,
    /// What would become of it.
    pub change: ConnectorChange,
    /// The keys that differ, sorted. Secrets are hidden.
    pub keys: Vec<KeyChange>,
    /// What would become of each task, those there are and those there would be.
    pub tasks: Vec<TaskPlan>,
    /// What an operator should know, such as keys that nobody reads.
    pub warnings: Vec<String>,
}

/// What would become of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorChange {
    /// There is none of this name yet.
    Created,
    /// Its configuration is another one.
    Updated,
    /// Its configuration is the same.
    Unchanged,
}

/// A key that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyChange {
    /// The key.
    pub key: String,
    /// What it is now; none when it would be added. `[hidden]` for a secret.
    pub from: Option<String>,
    /// What it would be; none when it would be removed. `[hidden]` for a secret.
    pub to: Option<String>,
}

/// What would become of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskPlan {
    /// Its number.
    pub task: usize,
    /// What would be done with it.
    pub action: TaskAction,
    /// Why.
    pub reason: String,
}

/// What would be done with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskAction {
    /// It is left alone.
    Keep,
    /// It would be new.
    Start,
    /// It would be ended and begun again.
    Restart,
    /// It would be ended for good.
    Stop,
}
