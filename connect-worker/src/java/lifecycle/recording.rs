//! Recorded exchanges, and answers in the names that recordings have.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::client::Raw;

/// An answer, comparable.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u64,
    pub(super) kind: Option<String>,
    pub(super) location: Option<String>,
    pub(super) body: Value,
}

impl PartialEq for Answer {
    /// The order of members counts.
    fn eq(&self, other: &Self) -> bool {
        let all =
            |answer: &Self| (answer.status, answer.kind.clone(), answer.location.clone(), answer.body.to_string());
        all(self) == all(other)
    }
}

/// A request, and what the Java worker answered.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Method, path and body, for messages and to find it.
    pub(super) line: String,
    pub(super) until: Option<Value>,
    pub(super) until_status: Option<u64>,
    pub(super) files: BTreeMap<String, String>,
    pub(super) answer: Answer,
    asked: String,
    body: Option<String>,
    sent: Option<String>,
    accept: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "do")]
    asked: String,
    body: Option<Value>,
    raw: Option<String>,
    sent: Option<String>,
    accept: Option<String>,
    until: Option<Value>,
    until_status: Option<u64>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    status: u64,
    #[serde(rename = "type")]
    kind: Option<String>,
    location: Option<String>,
    answer: Value,
}

pub(super) fn read(recording: &str) -> Vec<Exchange> {
    let read = |line: &str| {
        let line: Line = serde_json::from_str(line).unwrap();
        let body = line.body.map(|body| body.to_string()).or(line.raw);
        let shown = body.as_deref().unwrap_or_default();
        let body_of_answer = settled(line.answer);
        Exchange {
            line: format!("{} {shown}", line.asked).trim_end().to_owned(),
            until: line.until,
            until_status: line.until_status,
            files: line.files,
            answer: Answer { status: line.status, kind: line.kind, location: line.location, body: body_of_answer },
            asked: line.asked,
            body,
            sent: line.sent,
            accept: line.accept,
        }
    };
    recording.lines().map(read).collect()
}

/// Where requests go, and the folder of their files.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) address: SocketAddr,
    folder: String,
    url: String,
}

impl Run {
    pub(super) fn new(address: SocketAddr, folder: &Path) -> Self {
        Self { address, folder: folder.to_str().unwrap().to_owned(), url: format!("http://{address}") }
    }

    /// The request of an exchange as it is sent.
    pub(super) fn request(&self, exchange: &Exchange) -> String {
        let mut text = format!("{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", exchange.asked, self.address);
        if let Some(accept) = &exchange.accept {
            text.push_str(&format!("Accept: {accept}\r\n"));
        }
        let Some(body) = &exchange.body else { return text + "\r\n" };
        let body = body.replace("@DIR@", &self.folder);
        let sent = exchange.sent.as_deref().unwrap_or("application/json");
        text + &format!("Content-Type: {sent}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    /// An answer in the names of recordings.
    pub(super) fn read(&self, raw: Raw) -> Answer {
        let body = match raw.body.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or("NOT JSON".into()),
        };
        Answer {
            status: raw.status,
            kind: raw.header("content-type").map(str::to_owned),
            location: raw.header("location").map(|location| self.name(location)),
            body: settled(self.named(body)),
        }
    }

    fn name(&self, text: &str) -> String {
        text.replace(&self.url, "URL").replace(&self.folder, "@DIR@")
    }

    fn named(&self, json: Value) -> Value {
        match json {
            Value::Object(members) => {
                let named = members.into_iter().map(|(key, value)| {
                    let value = match (key.as_str(), value) {
                        (_, Value::Null) => Value::Null,
                        ("documentation" | "trace" | "message", _) => "TEXT".into(),
                        ("errors", Value::Array(errors)) => errors.len().into(),
                        ("worker_id", _) => "WORKER".into(),
                        ("kafka_cluster_id" | "commit", _) => key.to_uppercase().into(),
                        ("last_modified", _) => "TIME".into(),
                        (_, value) => self.named(value),
                    };
                    (key, value)
                });
                Value::Object(named.collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.named(item)).collect()),
            Value::String(text) => Value::String(self.name(&text)),
            other => other,
        }
    }
}

/// An answer without the order of maps that have none: configurations, and connectors by name.
fn settled(json: Value) -> Value {
    match json {
        Value::Array(items) => Value::Array(items.into_iter().map(settled).collect()),
        Value::Object(members) => {
            let is_config = |members: &Map<String, Value>| members.contains_key("connector.class");
            let is_expanded = |value: &Value| value.get("status").or_else(|| value.get("info")).is_some();
            let mut members: Map<_, _> = members.into_iter().map(|(key, value)| (key, settled(value))).collect();
            if is_config(&members) || members.values().all(is_expanded) {
                members.sort_keys();
            }
            Value::Object(members)
        }
        other => other,
    }
}

/// Whether an answer has the members that are wanted.
pub(super) fn has(answer: &Value, wanted: &Value) -> bool {
    match (answer, wanted) {
        (answer, Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| answer.get(key).is_some_and(|has_it| has(has_it, value)))
        }
        (Value::Array(answer), Value::Array(wanted)) => {
            answer.len() == wanted.len() && answer.iter().zip(wanted).all(|(answer, wanted)| has(answer, wanted))
        }
        (answer, wanted) => answer == wanted,
    }
}
