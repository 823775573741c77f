//! Tables to topics.

pub(crate) mod cases;
mod late;
mod tables;
mod values;

use std::collections::BTreeMap;

use connect_jdbc::JdbcSource;
use connect_runtime::Plugins;
use connect_runtime::testing::TestWorker;
use serde_json::Value as Json;

use super::databases::Server;

/// A worker that knows the source.
pub(crate) async fn worker() -> TestWorker {
    TestWorker::builder().plugins(Plugins::new().source(JdbcSource::new())).start().await
}

/// A source's configuration, with keys and values in JSON.
pub(crate) fn source(server: &Server, database: &str, properties: &[(&str, &str)]) -> BTreeMap<String, String> {
    let json = "org.apache.kafka.connect.json.JsonConverter";
    let usual = [
        ("name", "source"),
        ("connector.class", "JdbcSource"),
        ("key.converter", json),
        ("value.converter", json),
        ("topic.prefix", "t-"),
        ("poll.interval.ms", "10"),
    ];
    let own = usual.iter().chain(properties).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    server.keys(database).into_iter().chain(own).collect()
}

/// The payloads of a topic.
pub(crate) fn payloads(worker: &TestWorker, topic: &str) -> Vec<Json> {
    let text = |value: String| serde_json::from_str::<Json>(&value).expect("the values are JSON");
    worker.values(topic).into_iter().map(|value| text(value)["payload"].clone()).collect()
}
