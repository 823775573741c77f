//! Vectors of transforms, of the paths of fields, and of date formats.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{
    Datum, PredicatePlugin, Record, SinkRecord, TimestampType, TopicPartition, TransformPlugin, Value, logical,
};
use connect_runtime::dry_run::Ended;
use connect_runtime::{EmbeddedBroker, Plugins, Worker};
use serde_json::{Value as Json, json};

use super::notation::described;
use super::{datum, error_name};

/// What the names of logical types begin with.
const LOGICAL: &str = "org.apache.kafka.connect.data.";

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
fn run(properties: &BTreeMap<String, String>, record: Record, shown: impl Fn(&Record) -> String) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let plugins = connect_transforms::register(Registry(Plugins::new())).0;
        let worker = Worker::builder(EmbeddedBroker::new()).plugins(plugins).build().await.unwrap();
        let Ok(chain) = worker.dry_run(properties).await else { return "ConfigException".to_owned() };
        let trace = chain.record(record);
        match (trace.ended(), trace.output(), trace.error()) {
            (Ended::Dropped, ..) => "DROP".to_owned(),
            (Ended::Kept, Some(record), _) => shown(record),
            (_, _, error) => error_name(error.unwrap()),
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
fn record(parts: &[&Json]) -> Record {
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

pub(super) fn transform(vector: &Json) -> (String, String) {
    let config = one(vector["type"].as_str().unwrap(), settings(&vector["cfg"]));
    (expected(vector), run(&config, in_a_sink(record(&[&vector["in"]])), described))
}

pub(super) fn chain(vector: &Json) -> (String, String) {
    let config = settings(&vector["cfg"]).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    (expected(vector), run(&config, in_a_sink(record(&[&vector["in"]])), described))
}

/// Steps are seen from outside: ExtractField finds what lies at the end of them.
pub(super) fn path(vector: &Json) -> (String, String) {
    let config = one("ExtractField$Value", [("field", vector["in"].as_str().unwrap()), ("field.syntax.version", "V2")]);
    let nest = |value, step: &Json| Value::from(vec![(step.as_str().unwrap().into(), value)]);
    let nested = vector["steps"].as_array().into_iter().flatten().rev().fold(Value::from("found"), nest);
    let expected = vector["err"].as_str().unwrap_or("found").to_owned();
    (expected, run(&config, Record::new("t", nested), |record| record.value.value.to_string()))
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
    (expected, run(&config, Record::new("t", input), |record| record.value.value.to_string()))
}

/// Whether Java failed in a way that is no error of Connect.
pub(super) fn is_java_failure(_: &Json, expected: &str, actual: &str) -> bool {
    let java = ["NullPointerException", "IllegalArgumentException", "ClassCastException", "NumberFormatException"];
    java.contains(&expected) && actual == "DataException"
}

fn says(vector: &Json, class: &str, key: &str) -> bool {
    vector["type"].as_str().is_some_and(|name| name.starts_with(class)) && !vector["cfg"][key].is_null()
}

/// Whether Java refused a field without a value that has a default.
pub(super) fn is_left_unset(vector: &Json, expected: &str, actual: &str) -> bool {
    let off =
        vector["cfg"]["replace.null.with.default"].as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"));
    vector["op"] == "smt" && off && expected == "DataException" && actual.starts_with("topic ")
}

/// Whether Java kept the name of a logical type on something else, or a decimal without its scale.
pub(super) fn is_mended(vector: &Json, expected: &str, actual: &str) -> bool {
    let cast = says(vector, "Cast$", "spec") && expected.contains(LOGICAL) && !actual.contains(LOGICAL);
    let masked = says(vector, "MaskField$", "fields") && expected.contains(logical::DECIMAL);
    (cast || masked) && actual.starts_with("topic ")
}

/// Whether Java could not do what the configuration asks for, or did not know it.
pub(super) fn is_accepted(vector: &Json, expected: &str, actual: &str) -> bool {
    let metadata = vector["type"].as_str().is_some_and(|name| name.starts_with("SetSchemaMetadata$"));
    let lists = says(vector, "ReplaceField$", "blacklist") || says(vector, "ReplaceField$", "whitelist");
    (lists || (metadata && expected == "DataException")) && actual.starts_with("topic ")
}
