//! The records of the config and the status topic, byte for byte as Java's workers write them: compact JSON, fields in
//! this order, keys plain text.

use std::collections::BTreeMap;

use super::Write;
use crate::offsets::json::write::string;
use crate::worker::{State, Target};

/// A configuration as it may stand in a topic.
pub(crate) type Properties = BTreeMap<String, Option<String>>;

/// Java's name of a target state.
pub(crate) fn target_name(target: Target) -> &'static str {
    match target {
        Target::Started => "STARTED",
        Target::Paused => "PAUSED",
        Target::Stopped => "STOPPED",
    }
}

pub(crate) fn connector<'a>(name: &str, config: impl IntoIterator<Item = (&'a String, &'a String)>) -> Write {
    (format!("connector-{name}"), Some(properties(config)))
}

pub(crate) fn task<'a>(name: &str, task: usize, config: impl IntoIterator<Item = (&'a String, &'a String)>) -> Write {
    (format!("task-{name}-{task}"), Some(properties(config)))
}

pub(crate) fn commit(name: &str, tasks: usize) -> Write {
    (format!("commit-{name}"), Some(format!("{{\"tasks\":{tasks}}}")))
}

/// Workers that know no STOPPED read `state`.
pub(crate) fn target(name: &str, target: Target) -> Write {
    let state = if target == Target::Started { "STARTED" } else { "PAUSED" };
    let value = format!("{{\"state\":\"{state}\",\"state.v2\":\"{}\"}}", target_name(target));
    (format!("target-state-{name}"), Some(value))
}

/// A connector is gone, and with it all that was written of it.
pub(crate) fn gone(name: &str, tasks: usize) -> Vec<Write> {
    let mut writes = vec![(format!("connector-{name}"), None), (format!("target-state-{name}"), None)];
    writes.push((format!("commit-{name}"), None));
    writes.extend((0..tasks).map(|task| (format!("task-{name}-{task}"), None)));
    writes
}

fn properties<'a>(config: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    let mut text = String::from("{\"properties\":{");
    for (index, (key, value)) in config.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        string(&mut text, key);
        text.push(':');
        string(&mut text, value);
    }
    text.push_str("}}");
    text
}

/// The key of a connector's status.
pub(crate) fn status_key(connector: &str) -> String {
    format!("status-connector-{connector}")
}

/// The key of a task's status.
pub(crate) fn task_status_key(connector: &str, task: usize) -> String {
    format!("status-task-{connector}-{task}")
}

/// The status of a connector or a task. A worker by itself has generation 0.
pub(crate) fn status(state: State, trace: Option<&str>, worker_id: &str, version: Option<&str>) -> String {
    let mut text = String::from("{\"state\":");
    string(&mut text, &state.to_string());
    text.push_str(",\"trace\":");
    or_null(&mut text, trace);
    text.push_str(",\"worker_id\":");
    string(&mut text, worker_id);
    text.push_str(",\"generation\":0,\"version\":");
    or_null(&mut text, version);
    text.push('}');
    text
}

/// The key of a topic that a connector used.
pub(crate) fn topic_key(connector: &str, topic: &str) -> String {
    format!("status-topic-{topic}:connector-{connector}")
}

/// A topic that a connector used: by which task first, and when.
pub(crate) fn topic(connector: &str, topic: &str, task: usize, timestamp: i64) -> String {
    let mut text = String::from("{\"topic\":{\"name\":");
    string(&mut text, topic);
    text.push_str(",\"connector\":");
    string(&mut text, connector);
    text.push_str(&format!(",\"task\":{task},\"discoverTimestamp\":{timestamp}}}}}"));
    text
}

fn or_null(text: &mut String, value: Option<&str>) {
    match value {
        Some(value) => string(text, value),
        None => text.push_str("null"),
    }
}
