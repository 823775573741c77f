//! What each endpoint takes and answers.

use schemars::generate::SchemaGenerator;
use serde_json::{Value, json};

use super::of;
use crate::herder::{
    ConfigPlan, ConnectorConfig, ConnectorInfo, ConnectorOffsets, ConnectorStateInfo, Message, TaskInfo, TaskState,
};
use crate::rest::handlers::{PluginRow, ServerInfo, WorkerHealth};
use crate::rest::loggers::LoggerLevel;
use crate::rest::routes::Operation;

/// An endpoint in words and schemas.
pub(super) struct Described {
    pub(super) summary: &'static str,
    pub(super) query: Vec<(&'static str, Value)>,
    pub(super) body: Option<Value>,
    pub(super) responses: Vec<(u16, &'static str, Content)>,
}

/// What is in an answer.
pub(super) enum Content {
    None,
    Json(Value),
    Text(&'static str),
}

fn described(summary: &'static str) -> Described {
    Described { summary, query: Vec::new(), body: None, responses: Vec::new() }
}

impl Described {
    fn query(mut self, name: &'static str, schema: Value) -> Self {
        self.query.push((name, schema));
        self
    }

    fn body(mut self, schema: Value) -> Self {
        self.body = Some(schema);
        self
    }

    fn json(mut self, status: u16, what: &'static str, schema: Value) -> Self {
        self.responses.push((status, what, Content::Json(schema)));
        self
    }

    fn empty(mut self, status: u16, what: &'static str) -> Self {
        self.responses.push((status, what, Content::None));
        self
    }
}

fn boolean(default: bool) -> Value {
    json!({ "type": "boolean", "default": default })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn map(values: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}

/// A configuration as a client sends it: scalars count as texts.
fn given() -> Value {
    map(&json!({ "type": ["string", "number", "boolean", "null"] }))
}

/// A key of a configuration, as `ConfigKey` is written.
fn definition() -> Value {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let one_of = |all: &str| json!({ "enum": all.split(' ').collect::<Vec<_>>() });
    json!({
        "type": "object",
        "required": ["name", "type", "required", "default_value", "importance", "documentation", "group", "width",
            "display_name", "dependents", "order"],
        "additionalProperties": false,
        "properties": {
            "name": text,
            "type": one_of("BOOLEAN STRING INT SHORT LONG DOUBLE LIST CLASS PASSWORD"),
            "required": { "type": "boolean" },
            "default_value": maybe,
            "importance": one_of("HIGH MEDIUM LOW"),
            "documentation": text,
            "group": maybe,
            "width": one_of("NONE SHORT MEDIUM LONG"),
            "display_name": text,
            "dependents": list(&text),
            "order": { "type": "integer" },
        },
    })
}

/// A configuration key by key, as `ConfigInfos` is written.
fn infos() -> Value {
    let text = json!({ "type": "string" });
    let value = json!({
        "type": "object",
        "required": ["name", "value", "recommended_values", "errors", "visible"],
        "additionalProperties": false,
        "properties": {
            "name": text,
            "value": { "type": ["string", "null"] },
            "recommended_values": list(&text),
            "errors": list(&text),
            "visible": { "type": "boolean" },
        },
    });
    let row = json!({
        "type": "object",
        "required": ["definition", "value"],
        "additionalProperties": false,
        "properties": { "definition": { "anyOf": [definition(), { "type": "null" }] }, "value": value },
    });
    json!({
        "type": "object",
        "required": ["name", "error_count", "groups", "configs"],
        "additionalProperties": false,
        "properties": {
            "name": text,
            "error_count": { "type": "integer" },
            "groups": list(&text),
            "configs": list(&row),
        },
    })
}

/// An endpoint, with the schemas it needs.
#[expect(clippy::too_many_lines, reason = "one table")]
pub(super) fn describe(operation: Operation, schemas: &mut SchemaGenerator) -> Described {
    use Operation as O;
    let text = json!({ "type": "string" });
    match operation {
        O::ServerInfo => described("The version of the API and the Kafka cluster.").json(
            200,
            "The worker.",
            of::<ServerInfo>(schemas),
        ),
        O::Health => described("Whether the worker has started.")
            .json(200, "It has.", of::<WorkerHealth>(schemas))
            .json(503, "It is starting.", of::<WorkerHealth>(schemas)),
        O::OpenApi => described("This document.").json(200, "The document.", json!({ "type": "object" })),
        O::Metrics => {
            let mut metrics = described("All metrics, as Prometheus reads them.");
            metrics.responses.push((200, "The metrics.", Content::Text("text/plain")));
            metrics
        }
        O::ListConnectors => {
            let expanded = json!({ "type": "object", "additionalProperties": false, "properties": {
                "status": of::<ConnectorStateInfo>(schemas), "info": of::<ConnectorInfo>(schemas) } });
            let expand = list(&json!({ "type": "string", "enum": ["status", "info"] }));
            described("Names of all connectors, or with `expand` more about them.").query("expand", expand).json(
                200,
                "The connectors.",
                json!({ "oneOf": [list(&text), map(&expanded)] }),
            )
        }
        O::CreateConnector => described("Creates a connector.")
            .body(json!({
                "type": "object",
                "required": ["name", "config"],
                "additionalProperties": false,
                "properties": {
                    "name": { "type": ["string", "number", "boolean"] },
                    "config": given(),
                    "initial_state": { "enum": ["RUNNING", "PAUSED", "STOPPED", null] },
                },
            }))
            .json(201, "It is created.", of::<ConnectorInfo>(schemas)),
        O::GetConnector => described("A connector's configuration and tasks.").json(
            200,
            "The connector.",
            of::<ConnectorInfo>(schemas),
        ),
        O::DeleteConnector => described("Ends and forgets a connector.").empty(204, "It is deleted."),
        O::GetConfig => described("A connector's configuration. Secrets in it read `[hidden]`.").json(
            200,
            "The configuration.",
            of::<ConnectorConfig>(schemas),
        ),
        O::PutConfig => described("Creates a connector, or changes its configuration.")
            .body(given())
            .json(200, "It is changed.", of::<ConnectorInfo>(schemas))
            .json(201, "It is created.", of::<ConnectorInfo>(schemas)),
        O::PatchConfig => described("Changes keys of a configuration; null removes one.").body(given()).json(
            200,
            "It is changed.",
            of::<ConnectorInfo>(schemas),
        ),
        O::PlanConfig => described("What a configuration would change, without changing it.").body(given()).json(
            200,
            "The plan.",
            of::<ConfigPlan>(schemas),
        ),
        O::ConnectorStatus => described("What a connector and its tasks are doing.").json(
            200,
            "The status.",
            of::<ConnectorStateInfo>(schemas),
        ),
        O::RestartConnector => described("Restarts a connector, with its tasks if that is asked for.")
            .query("includeTasks", boolean(false))
            .query("onlyFailed", boolean(false))
            .json(202, "What is being restarted.", of::<ConnectorStateInfo>(schemas))
            .empty(204, "It is restarted."),
        O::PauseConnector => described("Has a connector's tasks wait.").empty(202, "They will."),
        O::ResumeConnector => described("Has a connector go on.").empty(202, "It will."),
        O::StopConnector => described("Ends a connector's tasks.").empty(204, "They will end."),
        O::ListTasks => described("A connector's tasks and their configurations.").json(
            200,
            "The tasks.",
            list(&of::<TaskInfo>(schemas)),
        ),
        O::PutTaskConfigs => described("For workers of a distributed cluster only."),
        O::FenceZombies => described("For workers of a distributed cluster only."),
        O::TaskStatus => described("What a task is doing.").json(200, "The status.", of::<TaskState>(schemas)),
        O::RestartTask => described("Restarts a task.").empty(204, "It is restarted."),
        O::ActiveTopics => {
            let topics = json!({ "type": "object", "required": ["topics"], "properties": { "topics": list(&text) } });
            described("Topics that a connector used.").json(200, "The topics.", map(&topics))
        }
        O::ResetActiveTopics => {
            described("Forgets the topics that a connector used.").empty(202, "They are forgotten.")
        }
        O::GetOffsets => described("A connector's offsets.").json(200, "The offsets.", of::<ConnectorOffsets>(schemas)),
        O::AlterOffsets => described("Sets offsets of a stopped connector; null resets a partition.")
            .body(of::<ConnectorOffsets>(schemas))
            .json(200, "They are set.", of::<Message>(schemas)),
        O::ResetOffsets => {
            described("Resets all offsets of a stopped connector.").json(200, "They are reset.", of::<Message>(schemas))
        }
        O::ListPlugins => described("The plugins of the worker.").query("connectorsOnly", boolean(true)).json(
            200,
            "The plugins.",
            list(&of::<PluginRow>(schemas)),
        ),
        O::PluginConfig => described("The keys of a plugin's configuration.").query("version", text).json(
            200,
            "The keys.",
            list(&definition()),
        ),
        O::ValidateConfig => described("Checks a configuration, and answers with a row for each key.")
            .body(given())
            .json(200, "The rows, with whatever is wrong.", infos()),
        O::ListLoggers => {
            described("All loggers and their levels.").json(200, "The loggers.", map(&of::<LoggerLevel>(schemas)))
        }
        O::GetLogger => described("The level of a logger.").json(200, "The level.", of::<LoggerLevel>(schemas)),
        O::SetLogger => described("Changes the level of a logger and of those below it.")
            .query("scope", json!({ "type": "string", "enum": ["worker", "cluster"], "default": "worker" }))
            .body(json!({ "type": "object", "required": ["level"], "properties": { "level": {
                "enum": ["OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL"] } } }))
            .json(200, "Loggers whose level changed.", list(&text))
            .empty(204, "It is changed."),
    }
}
