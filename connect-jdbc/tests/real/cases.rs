//! Cases recorded from the Java connectors: those of `tests/cases`, or of the folder that `CONNECT_CASES` names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use connect_api::config::Millis;
use connect_api::{Record, Value};
use connect_jdbc::{JdbcSink, JdbcSource};
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, State, WorkerConfig};
use futures::stream::{self, StreamExt as _};
use serde_json::Value as Json;

use super::databases::{Db, Server};
use super::decided::decided;
use super::source::cases as source;

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

/// Cases that run at the same time.
const AT_ONCE: usize = 8;

/// A case and what is expected of us in it.
struct Case {
    id: String,
    json: Json,
    expect: Json,
    class: &'static str,
    peer: &'static str,
}

fn cases() -> Vec<Case> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases").into();
    let folder = std::env::var("CONNECT_CASES").map_or(own, PathBuf::from);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let json: Json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in json["cases"].as_array().unwrap() {
            cases.extend(Case::of(case));
        }
    }
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

impl Case {
    /// `None` for a case whose connector is not there to be run.
    fn of(json: &Json) -> Option<Self> {
        let id = json["id"].as_str().unwrap().to_owned();
        let sink = json["kind"] == "sink";
        let expect = &json["expect"];
        // Where the peers differ, Confluent's is the one to follow.
        let peer = ["both", "confluent", "aiven"].into_iter().find(|peer| expect.get(peer).is_some())?;
        let class = match (sink, peer) {
            (true, "aiven") => "io.aiven.connect.jdbc.JdbcSinkConnector",
            (true, _) => "io.confluent.connect.jdbc.JdbcSinkConnector",
            (false, "aiven") => "io.aiven.connect.jdbc.JdbcSourceConnector",
            (false, _) => "io.confluent.connect.jdbc.JdbcSourceConnector",
        };
        let expect = decided(&id).map_or_else(|| expect[peer].clone(), |(_, instead)| instead);
        Some(Self { id, json: json.clone(), expect, class, peer })
    }

    async fn run(&self) -> Result<(), String> {
        let db = self.json["db"].as_str().unwrap();
        let server = Server::of(db);
        let mut session = server.fresh(&self.id).await;
        for sql in texts(&self.json["setup"]) {
            session.run(&sql).await;
        }
        let config = self.config(&server);
        // A stop may take what this machine needs.
        let task_shutdown_graceful_timeout = Millis::new(300_000);
        let config_of_worker = WorkerConfig { task_shutdown_graceful_timeout, ..WorkerConfig::default() };
        let plugins = Plugins::new().source(JdbcSource::new()).sink(JdbcSink);
        let worker = TestWorker::builder().config(config_of_worker).plugins(plugins).start().await;
        for (topic, partitions) in self.json["topics"].as_object().into_iter().flatten() {
            worker.topic(topic, i32::try_from(partitions.as_i64().unwrap()).unwrap()).await;
        }
        let rejected: BTreeSet<String> = worker.validate(config.clone()).await.into_iter().map(|e| e.key).collect();
        if let Some(expected) = self.expect.get("rejected") {
            let expected: BTreeSet<String> = texts(expected).into_iter().collect();
            return same("rejected keys", &expected, &rejected);
        }
        if !rejected.is_empty() {
            return Err(format!("rejected: {:?}", worker.validate(config).await));
        }
        for step in self.json["steps"].as_array().into_iter().flatten() {
            self.step(step, &worker, &config, &mut session).await;
        }
        if self.expect.get("failed").is_some() {
            worker.until(|| worker.state(&self.id) == State::Failed).await;
        }
        self.compare(&worker, &mut session).await
    }

    fn config(&self, server: &Server) -> BTreeMap<String, String> {
        let mut config: BTreeMap<String, String> = server.keys(&self.id).into();
        let own = [("name", self.id.as_str()), ("connector.class", self.class), ("tasks.max", "1")];
        let converters = [("key.converter", JSON), ("value.converter", JSON)];
        config.extend(own.into_iter().chain(converters).map(|(key, value)| (key.to_owned(), value.to_owned())));
        for part in ["config".to_owned(), format!("config_{}", self.peer)] {
            for (key, value) in self.json[&part].as_object().into_iter().flatten() {
                config.insert(key.clone(), value.as_str().unwrap().to_owned());
            }
        }
        config
    }

    async fn step(&self, step: &Json, worker: &TestWorker, config: &BTreeMap<String, String>, session: &mut Db) {
        for sql in texts(&step["sql"]) {
            session.run(&sql).await;
        }
        let records: Vec<Record> = step["produce"].as_array().into_iter().flatten().map(record).collect();
        if !records.is_empty() {
            worker.send_records(records).await;
        }
        if step["start"] == true {
            worker.create(config.clone()).await;
        }
        if step["restart"] == true {
            worker.worker().stop(&self.id).await.unwrap();
            for sql in texts(&step["sql_stopped"]) {
                session.run(&sql).await;
            }
            worker.worker().resume(&self.id).await.unwrap();
        }
        if let Some(count) = step["records"].as_u64() {
            let count = usize::try_from(count).unwrap();
            source::records(worker, &self.id, &source::topics(&self.expect), count).await;
        }
        // Java's worker was given time to write, or to read what is not expected; ours tells when it has.
        if step["written"] == true || !step["sleep"].is_null() {
            worker.settled().await;
        }
    }

    async fn compare(&self, worker: &TestWorker, session: &mut Db) -> Result<(), String> {
        let failed = worker.state(&self.id) == State::Failed;
        if failed != self.expect.get("failed").is_some() {
            return Err(match failed {
                true => format!("failed: {}", worker.trace(&self.id)),
                false => format!("should have failed: {}", self.expect["failed"]),
            });
        }
        if self.json["kind"] == "source" {
            worker.worker().stop(&self.id).await.unwrap();
            source::compare(worker, &self.id, &self.expect, self.json["compare"].as_str().unwrap_or_default()).await?;
        }
        for (name, expected) in self.expect["tables"].as_object().into_iter().flatten() {
            let mut found = session.table(name).await;
            let mut expected = expected.clone();
            if self.json["compare"].as_str().is_some_and(|note| note.contains("order of the columns")) {
                for table in [&mut found, &mut expected] {
                    by_name(table);
                }
            }
            same(&format!("table {name}"), &expected, &found)?;
        }
        Ok(())
    }
}

/// Sorts a table's columns by their names, and the values of its rows with them.
fn by_name(table: &mut Json) {
    let Some(columns) = table["columns"].as_array().cloned() else { return };
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| columns[*at]["name"].as_str().map(str::to_owned));
    let sorted = |row: &Json| Json::Array(order.iter().map(|at| row[*at].clone()).collect());
    let mut rows: Vec<Json> = table["rows"].as_array().into_iter().flatten().map(sorted).collect();
    rows.sort_by_key(Json::to_string);
    table["columns"] = sorted(&Json::Array(columns));
    table["rows"] = Json::Array(rows);
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("{what}:\n    expected {expected:?}\n    found    {found:?}")),
    }
}

fn texts(json: &Json) -> Vec<String> {
    json.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// A record whose key and value are JSON already: the worker's own converters take text as it is.
fn record(json: &Json) -> Record {
    let text = |part: &Json| match part {
        Json::Null => Value::Null,
        Json::String(text) => Value::from(text.as_str()),
        other => Value::from(other.to_string()),
    };
    let partition = i32::try_from(json["partition"].as_i64().unwrap_or(0)).unwrap();
    let record = Record::new(json["topic"].as_str().unwrap(), text(&json["value"])).with_key(text(&json["key"]));
    record.with_partition(partition).with_timestamp(1_700_000_000_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_cases() {
    let only = std::env::var("CONNECT_CASE").ok();
    let (mut passed, mut failed) = (0, 0);
    let cases: Vec<Case> =
        cases().into_iter().filter(|case| only.as_ref().is_none_or(|only| case.id.contains(only))).collect();
    // A case that panics must not take the others with it. Each has a database of its own.
    let runs = cases.into_iter().map(|case| async move {
        let id = case.id.clone();
        let outcome = tokio::spawn(async move { case.run().await }).await;
        (id, outcome.unwrap_or_else(|panic| Err(panic.to_string())))
    });
    let mut outcomes = stream::iter(runs).buffered(AT_ONCE);
    while let Some((id, outcome)) = outcomes.next().await {
        match outcome {
            Ok(()) => passed += 1,
            Err(why) => {
                failed += 1;
                println!("{id}: {why}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    assert_eq!(failed, 0, "cases failed; their ids are above");
}
