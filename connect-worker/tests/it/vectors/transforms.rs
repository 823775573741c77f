//! Vectors of transforms, of the paths of fields, and of date formats.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Datum, PredicatePlugin, Record, SinkRecord, TimestampType, TopicPartition, TransformPlugin, Value};
use connect_runtime::dry_run::Ended;
use connect_runtime::{EmbeddedBroker, Plugins, Worker};
use serde_json::{Value as Json, json};

use super::notation::described;
use super::{datum, error_name};

struct Registry(Plugins);

impl connect_transforms::Registry for Registry {
    fn transform<T: TransformPlugin>(self) -> Self {
        Self(self.0.transform::<T>())
    }

    fn predicate<P: PredicatePlugin>(self) -> Self {
        Self(self.0.predicate::<P>())
    }
}

/// Sends a record through the chain of this configuration: what came out, or why nothing did.
fn run(properties: &BTreeMap<String, String>, record: Record) -> Result<Record, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let plugins = connect_transforms::register(Registry(Plugins::new())).0;
        let worker = Worker::builder(EmbeddedBroker::new()).plugins(plugins).build().await.unwrap();
        let Ok(chain) = worker.dry_run(properties).await else { return Err("ConfigException".to_owned()) };
        let trace = chain.record(record);
        match (trace.ended(), trace.output(), trace.error()) {
            (Ended::Dropped, ..) => Err("DROP".to_owned()),
            (Ended::Kept, Some(record), _) => Ok(record.clone()),
            (_, _, error) => Err(error_name(error.unwrap())),
        }
    })
}

/// A chain of one transform.
fn one<'a>(class: &str, settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    let class = format!("org.apache.kafka.connect.transforms.{class}");
    let settings = settings.into_iter().map(|(key, value)| (format!("transforms.it.{key}"), value.to_owned()));
    [("transforms", "it"), ("transforms.it.type", &*class)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into_iter()
        .chain(settings)
        .collect()
}

fn settings(json: &Json) -> impl Iterator<Item = (&str, &str)> {
    json.as_object().into_iter().flatten().map(|(key, value)| (&**key, value.as_str().unwrap()))
}

/// The record that every vector begins with, changed as the vector says.
pub(super) fn record(parts: &[&Json]) -> Record {
    let mut record = Record::new("orders", Datum::NULL).with_partition(3).with_timestamp(1_566_570_894_346);
    for part in parts {
        let part = part.as_object().unwrap();
        let whole = |schema: &str, value: &str| {
            (part.contains_key(schema) || part.contains_key(value))
                .then(|| datum(&json!({"s": part.get(schema), "v": part.get(value), "special": part.get("special")})))
        };
        record.key = whole("ks", "k").unwrap_or(record.key);
        record.value = whole("vs", "v").unwrap_or(record.value);
        for (name, value) in part {
            match name.as_str() {
                "topic" => record.topic = value.as_str().unwrap().into(),
                "partition" => record.partition = value.as_i64().map(|n| n.try_into().unwrap()),
                "ts" => record.timestamp = value.as_i64(),
                "h" => {
                    record.headers = Default::default();
                    for header in value.as_array().unwrap() {
                        record
                            .headers
                            .add(header[0].as_str().unwrap(), datum(&json!({"s": header[1], "v": header[2]})));
                    }
                }
                "ks" | "k" | "vs" | "v" | "special" => {}
                _ => panic!("no part {name:?} of a record"),
            }
        }
    }
    record
}

/// The record as a sink sees it: with an offset.
fn in_a_sink(record: Record) -> Record {
    let origin = Arc::new(TopicPartition::new("orders", 3));
    SinkRecord::new(record, origin, 42, TimestampType::CreateTime).record
}

fn expected(vector: &Json) -> String {
    match (vector["err"].as_str(), &vector["out"]) {
        (Some(error), _) => error.to_owned(),
        (None, Json::String(text)) => text.clone(),
        (None, out) => described(&record(&[&vector["in"], out])),
    }
}

fn or_why(output: Result<Record, String>, shown: impl Fn(&Record) -> String) -> String {
    output.map_or_else(|why| why, |record| shown(&record))
}

pub(super) fn transform(vector: &Json) -> (String, String) {
    (expected(vector), or_why(transformed(vector, &vector["cfg"]), described))
}

/// What the transform of the vector makes of its record with these settings.
pub(super) fn transformed(vector: &Json, cfg: &Json) -> Result<Record, String> {
    let config = one(vector["type"].as_str().unwrap(), settings(cfg));
    run(&config, in_a_sink(record(&[&vector["in"]])))
}

pub(super) fn chain(vector: &Json) -> (String, String) {
    let config = settings(&vector["cfg"]).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    (expected(vector), or_why(run(&config, in_a_sink(record(&[&vector["in"]]))), described))
}

/// Steps are seen from outside: ExtractField finds what lies at the end of them.
pub(super) fn path(vector: &Json) -> (String, String) {
    let config = one("ExtractField$Value", [("field", vector["in"].as_str().unwrap()), ("field.syntax.version", "V2")]);
    let nest = |value, step: &Json| Value::from(vec![(step.as_str().unwrap().into(), value)]);
    let nested = vector["steps"].as_array().into_iter().flatten().rev().fold(Value::from("found"), nest);
    let expected = vector["err"].as_str().unwrap_or("found").to_owned();
    (expected, or_why(run(&config, Record::new("t", nested)), |record| record.value.value.to_string()))
}

/// A format is seen from outside: TimestampConverter writes and reads by it.
pub(super) fn date_format(vector: &Json) -> (String, String) {
    let target = if vector["parse"].is_null() { "string" } else { "unix" };
    let config =
        one("TimestampConverter$Value", [("target.type", target), ("format", vector["pattern"].as_str().unwrap())]);
    let input = match vector["parse"].as_str() {
        Some(text) => Value::from(text),
        None => Value::Instant(vector["ms"].as_i64().unwrap()),
    };
    let expected = match (vector["err"].as_str(), &vector["out"]) {
        (Some(error), _) => error.to_owned(),
        (None, Json::String(text)) => text.clone(),
        (None, out) => out.to_string(),
    };
    (expected, or_why(run(&config, Record::new("t", input)), |record| record.value.value.to_string()))
}
