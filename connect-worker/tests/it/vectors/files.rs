//! Vectors of the file source and of stored offsets.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;

use connect_api::bytes::Bytes;
use connect_api::{OffsetMap, Result, SourceConnector, SourceRecord, SourceTask};
use connect_file::{FileStreamSource, FileStreamSourceConfig, FileStreamSourceTask};
use connect_kafka::consumer::LogReader;
use connect_kafka::{InMemoryBroker, Isolation};
use connect_runtime::offsets::{OffsetStore, TopicOffsetStore};
use connect_runtime::testing::source_context;
use serde_json::{Value as Json, json};

use super::error_name;
use super::notation::{tag, untag};

/// Polls that find something, and one that does not; waiting takes no time.
async fn polls(task: &mut FileStreamSourceTask) -> Result<Vec<Vec<SourceRecord>>> {
    let mut all = Vec::new();
    loop {
        let records = task.poll().await?;
        if records.is_empty() && task.is_idle() == Some(true) {
            return Ok(all);
        }
        if !records.is_empty() {
            all.push(records);
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn map(json: &Json) -> OffsetMap {
    let entries = json.as_object().unwrap().iter();
    OffsetMap::from_entries(entries.map(|(key, value)| (key.clone().into(), untag(value))))
}

fn texts(polls: &[Vec<SourceRecord>]) -> Json {
    let text = |record: &SourceRecord| Json::from(record.value.value.as_str().unwrap());
    polls.iter().map(|records| records.iter().map(text).collect::<Json>()).collect()
}

pub(super) fn source(vector: &Json) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.txt");
    let filled = || "x".repeat(vector["fileLength"].as_u64().unwrap_or(0).saturating_sub(1).try_into().unwrap()) + "\n";
    let content = vector["file"].as_str().map_or_else(filled, str::to_owned);
    fs::write(&path, &content).unwrap();
    let mut config = FileStreamSourceConfig::new("topic");
    config.file = Some(path.to_str().unwrap().to_owned());
    if let Some(size) = vector["cfg"]["batch.size"].as_str() {
        config.batch_size = size.parse().unwrap();
    }
    let stored = match (&vector["startOffset"], vector["startPosition"].as_i64()) {
        (Json::Object(_), _) => Some(map(&vector["startOffset"])),
        (_, Some(position)) => Some(OffsetMap::of("position", position)),
        _ => None,
    };
    let run = async {
        let context = source_context("lines", stored);
        let mut task = FileStreamSource::new().task(&config, (), context).await?;
        let mut all = polls(&mut task).await?;
        if let Some(more) = vector["append"].as_str() {
            OpenOptions::new().append(true).open(&path).unwrap().write_all(more.as_bytes()).unwrap();
            all.extend(polls(&mut task).await?);
        }
        Ok(all)
    };
    let all = match runtime().block_on(run) {
        Ok(all) => all,
        Err(error) => return (vector["err"].as_str().unwrap_or("lines").to_owned(), error_name(&error)),
    };
    match (&vector["want"], &vector["polls"]) {
        // Texts are those of Kafka, positions are bytes.
        (Json::Object(want), Json::Array(polls)) => {
            let read = polls.iter().chain([&vector["then"]]).filter_map(Json::as_array).flatten();
            let expected =
                json!({"texts": read.map(|line| line[0].clone()).collect::<Json>(), "positions": want["positions"]});
            let positions: Json = all.iter().flatten().map(|record| record.source_offset.get_i64("position")).collect();
            let texts: Json =
                texts(&all).as_array().unwrap().iter().flat_map(|poll| poll.as_array().unwrap()).cloned().collect();
            (expected.to_string(), json!({"texts": texts, "positions": positions}).to_string())
        }
        (Json::Array(want), _) => {
            let expected: Json = want.iter().filter(|poll| !poll.is_null()).cloned().collect();
            (expected.to_string(), texts(&all).to_string())
        }
        // A position beyond the end: the file is another one, and is read from its start.
        _ => (json!([[content.trim_end()]]).to_string(), texts(&all).to_string()),
    }
}

pub(super) fn offset(vector: &Json) -> (String, String) {
    let connector = vector["connector"].as_str().unwrap();
    let (partition, offset) = (map(&vector["partition"]), map(&vector["offset"]));
    let run = async {
        let broker = InMemoryBroker::new();
        let store = TopicOffsetStore::open(Arc::new(broker.clone()), "offsets", 1, 1).await?;
        store.store(connector, vec![(partition.clone(), Some(offset))]).await?;
        let loaded = store.load(connector, &[partition]).await?.pop().flatten().unwrap_or(OffsetMap::NULL);
        let entries = loaded.entries().iter().map(|(key, value)| (key.to_string(), tag(None, value)));
        let (mut reader, mut written) = (LogReader::new(Arc::new(broker), "offsets", Isolation::default()), json!({}));
        let text = |bytes: Option<Bytes>| bytes.map(|bytes| String::from_utf8(bytes.into()).unwrap());
        let read = reader.read_to_end(|record, _| {
            written = json!({"key": text(record.key), "value": text(record.value)});
        });
        read.await.unwrap();
        written["readBack"] = Json::Object(entries.collect());
        Result::Ok(written)
    };
    let expected = json!({"key": vector["key"], "value": vector["value"], "readBack": vector["readBack"]});
    let actual = runtime().block_on(run);
    (expected.to_string(), actual.map_or_else(|error| error_name(&error), |written| written.to_string()))
}
