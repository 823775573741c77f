//! What a Java worker answered to recorded requests, and what this one answers to the same.
//!
//! `dev/record-rest` made the recordings in `tests/java` from Kafka Connect 4.1.2 workers. Every difference
//! stands in [`decided`], with its reason; one that does not is a mistake.

mod decided;
mod lifecycle;
mod recording;

use std::collections::BTreeMap;

use connect_kafka::EmbeddedBroker;
use connect_runtime::{Worker, WorkerConfig};
use serde_json::{Value, json};

use self::recording::{Exchange, exchanges, named};
use crate::plugins;

async fn worker() -> Worker {
    let config = WorkerConfig { value_converter: "JsonConverter".into(), ..WorkerConfig::default() };
    Worker::builder(EmbeddedBroker::new()).plugins(plugins::all()).config(config).build().await.unwrap()
}

/// What this worker answers, and its status.
async fn answer(worker: &Worker, exchange: &Exchange) -> (u64, Value) {
    let (path, query) = exchange.path.split_once('?').unwrap_or((&exchange.path, ""));
    let steps: Vec<_> = path.trim_matches('/').split('/').collect();
    match (exchange.method.as_str(), steps.as_slice()) {
        ("PUT", ["connector-plugins", plugin, "config", "validate"]) => {
            let Some(properties) = properties(exchange) else { return (400, json!(null)) };
            match worker.config_infos(plugin, &properties).await {
                Ok(infos) => (200, serde_json::to_value(infos).unwrap()),
                Err(_) => (400, json!({"error_code": 400, "message": "TEXT"})),
            }
        }
        ("GET", ["connector-plugins", plugin, "config"]) => {
            match worker.plugin_config(plugin, query.strip_prefix("version=")) {
                Ok(Some(keys)) => (200, serde_json::to_value(keys).unwrap()),
                Ok(None) => (404, json!({"error_code": 404, "message": "TEXT"})),
                Err(_) => (400, json!({"error_code": 400, "message": "TEXT"})),
            }
        }
        _ => panic!("no answer to {} {} here", exchange.method, exchange.path),
    }
}

/// Scalars are the text they are written as.
fn properties(exchange: &Exchange) -> Option<BTreeMap<String, Option<String>>> {
    let body = exchange.body.as_ref()?.as_object()?;
    let text = |value: &Value| match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.clone())),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(Some(other.to_string())),
    };
    body.iter().map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

async fn compare(asked: &[Exchange]) {
    let worker = worker().await;
    let mut differences = Vec::new();
    assert!(asked.len() > 20, "only {} exchanges", asked.len());
    for exchange in asked {
        let (status, ours) = answer(&worker, exchange).await;
        let found = decided::differences(exchange, status, named(&ours));
        differences.extend(found.into_iter().map(|what| format!("{}: {what}", exchange.line)));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn validation_answers_as_java_does() {
    compare(&exchanges(include_str!("../../tests/java/validate.recording.jsonl"))).await;
}

#[tokio::test(start_paused = true)]
async fn keys_of_plugins_are_javas() {
    let mut asked = exchanges(include_str!("../../tests/java/plugins.recording.jsonl"));
    asked.retain(|exchange| exchange.path.contains("/config"));
    compare(&asked).await;
}
