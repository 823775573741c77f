//! Recordings of exchanges with a Java worker.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A request, and what the Java worker answered.
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) status: u64,
    pub(super) answer: Value,
    /// The request, for messages.
    pub(super) line: String,
}

/// The exchanges of a recording, with rows that were left out because they came before.
pub(super) fn exchanges(recording: &str) -> Vec<Exchange> {
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    let read = |line: &str| {
        let mut line: Map<String, Value> = serde_json::from_str(line).unwrap();
        let mut answer = line.remove("answer").unwrap();
        for row in answer.get_mut("configs").and_then(Value::as_array_mut).into_iter().flatten() {
            match row.as_str() {
                Some(key) => *row = rows[key].clone(),
                None => drop(rows.insert(row["value"]["name"].as_str().unwrap().to_owned(), row.clone())),
            }
        }
        let request = line["do"].as_str().unwrap().to_owned();
        let (method, path) = request.split_once(' ').unwrap();
        let body = line.remove("body");
        let raw = line.remove("raw");
        let shown = body.as_ref().or(raw.as_ref()).map(ToString::to_string).unwrap_or_default();
        Exchange {
            method: method.to_owned(),
            path: path.to_owned(),
            status: line["status"].as_u64().unwrap(),
            answer,
            line: format!("{request} {shown}"),
            body,
        }
    };
    recording.lines().map(read).collect()
}

/// An answer of this worker's, as a recording has it: without texts for people.
pub(super) fn named(answer: &Value) -> Value {
    match answer {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("documentation" | "trace" | "message", Value::String(_)) => "TEXT".into(),
                    ("errors", Value::Array(errors)) => errors.len().into(),
                    _ => named(value),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(named).collect(),
        other => other.clone(),
    }
}
