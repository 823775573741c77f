//! What cases of sources do and expect beside those of sinks.

use std::collections::{BTreeMap, BTreeSet};

use connect_api::{OffsetMap, Value};
use connect_runtime::State;
use connect_runtime::testing::TestWorker;
use serde_json::{Value as Json, json};

/// Waits until the topics hold so many records and there are no more to come, or the connector has failed.
pub(crate) async fn records(worker: &TestWorker, name: &str, topics: &BTreeSet<String>, count: usize) {
    let total = || topics.iter().map(|topic| worker.values(topic).len()).sum::<usize>();
    worker.until(|| total() >= count || worker.state(name) == State::Failed).await;
    worker.settled().await;
}

/// The topics of a case.
pub(crate) fn topics(expect: &Json) -> BTreeSet<String> {
    let records = expect["records"].as_array().into_iter().flatten();
    records.map(|record| record["topic"].as_str().expect("a topic").to_owned()).collect()
}

/// Compares records and offsets.
pub(crate) async fn compare(worker: &TestWorker, name: &str, expect: &Json, compare: &str) -> Result<(), String> {
    let mut expected: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for record in expect["records"].as_array().into_iter().flatten() {
        let index = record["value"]["schema"].as_u64().map(|index| usize::try_from(index).expect("a small index"));
        let schema = index.map_or(Json::Null, |index| expect["schemas"][index].clone());
        let value = json!({ "schema": schema, "payload": record["value"]["payload"] });
        let topic = record["topic"].as_str().expect("a topic").to_owned();
        expected
            .entry(topic)
            .or_default()
            .push(json!({ "partition": record["partition"], "key": record["key"], "value": value }));
    }
    for (topic, mut expected) in expected {
        let records = worker.records(&topic);
        let mut found: Vec<Json> = records
            .iter()
            .map(|record| {
                let json = |text: &str| serde_json::from_str::<Json>(text).expect("JSON");
                let key = record.key.value.as_str().map_or(Json::Null, |key| json(key)["payload"].clone());
                let value = record.value.value.as_str().map_or(Json::Null, json);
                json!({ "partition": record.origin().partition, "key": key, "value": value })
            })
            .collect();
        if compare.contains("prefix") {
            let shorter = found.len().min(expected.len());
            found.truncate(shorter);
            expected.truncate(shorter);
        }
        for (at, (expected, found)) in expected.iter().zip(&found).enumerate() {
            super::super::cases::same(&format!("{topic}, record {at}"), &expected.to_string(), &found.to_string())?;
        }
        super::super::cases::same(&format!("number of records of {topic}"), &expected.len(), &found.len())?;
    }
    for stored in expect["offsets"].as_array().into_iter().flatten() {
        let partition = map(&stored["partition"]);
        let found = worker.stored_offset(name, &partition).await;
        super::super::cases::same(&format!("offset of {partition}"), &Some(map(&stored["offset"])), &found)?;
    }
    Ok(())
}

fn map(json: &Json) -> OffsetMap {
    let value = |json: &Json| match json {
        Json::String(text) => Value::from(text.as_str()),
        other => Value::from(other.as_i64()),
    };
    let entries = json.as_object().into_iter().flatten();
    OffsetMap::from_entries(entries.map(|(key, json)| (key.clone().into(), value(json))))
}
