//! Transforms tried on records without a connector.

use std::collections::BTreeMap;

use connect_api::{
    Datum, Error, Flow, Predicate, PredicatePlugin, Record, Result, Schema, Transform, TransformPlugin, Type, Value,
};
use connect_runtime::Plugins;
use connect_runtime::dry_run::{DryRun, Ended};
use connect_runtime::providers::{EnvVarConfigProvider, EnvVarConfigProviderConfig, Providers};
use connect_runtime::testing::TestWorker;

connect_api::config! {
    /// What a [`Change`] does.
    pub struct ChangeConfig {
        pub what: String,
    }
}

/// Changes one part of a record.
struct Change(String);

impl Transform for Change {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match self.0.as_str() {
            "topic" => record.topic = "other".into(),
            "partition" => record.partition = None,
            "timestamp" => record.timestamp = Some(99),
            "key" => record.key = Datum::schemaless(7_i32),
            "schema" => record.value.schema = Some(Schema::optional(Type::String)),
            "header" => record.headers.add("h", "new"),
            "offset" => record.headers.add("offset", record.kafka_offset().map_or(Value::Null, Value::from)),
            "drop" => return Ok(Flow::Drop),
            "nothing" => {}
            "fail" => {
                record.topic = "half".into();
                let kind = record.value.value.kind();
                let cause = std::io::Error::other("the cause of it");
                return Err(Error::data(format!("value is a {kind}, expected struct")).with_source(cause));
            }
            other => record.value = Datum::schemaless(other),
        }
        Ok(Flow::Keep)
    }
}

impl TransformPlugin for Change {
    const NAME: &'static str = "com.example.Change";
    type Config = ChangeConfig;

    fn new(config: ChangeConfig) -> Result<Self> {
        if config.what == "nonsense" { Err(Error::config("no such change")) } else { Ok(Self(config.what)) }
    }
}

/// Whether the topic is `t`.
struct IsT;

connect_api::config! {
    /// None.
    pub struct NoConfig {}
}

impl Predicate for IsT {
    fn test(&self, record: &Record) -> bool {
        &*record.topic == "t"
    }
}

impl PredicatePlugin for IsT {
    const NAME: &'static str = "com.example.IsT";
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }
}

fn config(steps: &[&str], more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let aliases: Vec<_> = (1..=steps.len()).map(|number| format!("s{number}")).collect();
    let mut config = BTreeMap::from([("transforms".to_owned(), aliases.join(","))]);
    for (alias, step) in aliases.iter().zip(steps) {
        config.insert(format!("transforms.{alias}.type"), "com.example.Change".into());
        config.insert(format!("transforms.{alias}.what"), (*step).into());
    }
    config.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    config
}

async fn run(config: &BTreeMap<String, String>) -> DryRun {
    let environment = [("SECRET".to_owned(), "hunter2".to_owned())];
    let env = EnvVarConfigProvider::over(&EnvVarConfigProviderConfig::default(), environment).unwrap();
    let plugins = Plugins::new().transform::<Change>().predicate::<IsT>();
    let builder = TestWorker::builder().plugins(plugins).providers(Providers::new().provider("env", env));
    builder.start().await.worker().dry_run(config).await.expect("a sound configuration")
}

/// Tries one record, and compares what people see, without its first line.
#[track_caller]
fn check(run: &DryRun, record: &str, expect: &str) {
    let traces: Vec<_> = run.records(record).expect("a record").collect();
    let text = traces[0].to_string();
    let (_, rest) = text.split_once('\n').expect("lines");
    assert_eq!(rest, expect, "{text}");
}

const RECORD: &str =
    r#"{"topic":"t","partition":1,"offset":5,"timestamp":17,"value":"v","headers":[{"key":"h","value":1}]}"#;
const GIVEN: &str = "  value: \"v\"\n  headers:\n    \"h\": 1\n";

#[tokio::test(start_paused = true)]
async fn every_part_that_a_step_changes_is_shown() {
    for (step, changes) in [
        ("topic", "changed\n    topic: \"other\"\n"),
        ("partition", "changed\n    partition: none\n"),
        ("timestamp", "changed\n    timestamp: 99\n"),
        ("key", "changed\n    key: 7\n"),
        ("schema", "changed\n    value schema: string?\n"),
        ("header", "changed\n    headers:\n      \"h\": 1\n      \"h\": \"new\"\n"),
        ("offset", "changed\n    headers:\n      \"h\": 1\n      \"offset\": 5\n"),
        ("other", "changed\n    value: \"other\"\n"),
        ("v", "nothing changed\n"),
        ("nothing", "nothing changed\n"),
    ] {
        let expect = format!("{GIVEN}  step 1: s1 (com.example.Change): {changes}  kept\n");
        check(&run(&config(&[step], &[])).await, RECORD, &expect);
    }
}

#[tokio::test(start_paused = true)]
async fn a_chain_ends_where_a_record_is_dropped_or_fails() {
    let dropped = format!(
        "{GIVEN}  step 1: s1 (com.example.Change): changed\n    topic: \"other\"\n  step 2: s2 (com.example.Change): \
         dropped\n  dropped\n"
    );
    check(&run(&config(&["topic", "drop", "header"], &[])).await, RECORD, &dropped);
    let failed = format!(
        "{GIVEN}  step 1: s1 (com.example.Change): failed\n    org.apache.kafka.connect.errors.DataException: record 1 at \
         topic \"t\", partition 1, offset 5: transform \"s1\" (com.example.Change): value is a string, expected struct\n    \
         Caused by: the cause of it\n  failed\n"
    );
    let run = run(&config(&["fail", "header"], &[])).await;
    check(&run, RECORD, &failed);
    let trace = run.records(RECORD).unwrap().next().unwrap();
    assert_eq!((trace.ended(), trace.output()), (Ended::Failed, None));
    assert!(trace.error().unwrap().to_string().contains("value is a string"));
}

#[tokio::test(start_paused = true)]
async fn predicates_say_why_a_step_is_skipped() {
    let is_t = [("predicates", "p"), ("predicates.p.type", "com.example.IsT"), ("transforms.s1.predicate", "p")];
    let step = |what: &str| format!("{GIVEN}  step 1: s1 (com.example.Change): {what}  kept\n");
    let plain = run(&config(&["header"], &is_t)).await;
    check(&plain, &RECORD.replace("\"t\"", "\"x\""), &step("skipped, predicate p is false\n"));
    check(&plain, RECORD, &step("changed\n    headers:\n      \"h\": 1\n      \"h\": \"new\"\n"));
    let negated = run(&config(&["header"], &[&is_t[..], &[("transforms.s1.negate", "true")]].concat())).await;
    check(&negated, RECORD, &step("skipped, predicate p is true, and negated\n"));
}

#[tokio::test(start_paused = true)]
async fn records_are_read_with_schemas_and_converters() {
    let number = "org.apache.kafka.connect.converters.IntegerConverter";
    let run = run(&config(&[], &[("key.converter", number), ("value.converter", "JsonConverter")])).await;
    let schema = r#"{"type":"struct","name":"S","version":2,"fields":[{"field":"a","type":"int32"},
        {"field":"b","type":"array","optional":true,"items":{"type":"string"}},
        {"field":"c","type":"map","keys":{"type":"string"},"values":{"type":"int8","default":3}},
        {"field":"d","type":"int64","name":"org.apache.kafka.connect.data.Timestamp","version":1}]}"#;
    let shown = "  value: {\"a\":1,\"b\":null,\"c\":{},\"d\":12}\n  value schema: struct S {a: int32, b: [string]?, \
                 c: {string: int8 = 3}, d: Timestamp} v2\n  kept\n";
    let payload = r#"{"a":1,"b":null,"c":{},"d":12}"#;
    for record in [
        format!(r#"{{"value":{payload},"valueSchema":{schema}}}"#),
        format!(r#"{{"value":{{"schema":{schema},"payload":{payload}}}}}"#),
        serde_json::json!({"rawValue": format!(r#"{{"schema":{schema},"payload":{payload}}}"#)}).to_string(),
    ] {
        check(&run, &record, shown);
    }
    check(&run, "{}", "  value: null\n  kept\n");
    check(&run, r#"{"value":{"schema":1,"payload":2}}"#, "  value: {\"schema\":1,\"payload\":2}\n  kept\n");
    check(
        &run,
        r#"{"rawKey":"texts"}"#,
        "    org.apache.kafka.connect.errors.DataException: key: an int32 is 4 bytes long, not 5\n  failed\n",
    );
}

#[tokio::test(start_paused = true)]
async fn texts_that_are_no_records() {
    let run = run(&config(&[], &[])).await;
    assert_eq!(run.records("").unwrap().count(), 0);
    assert_eq!(run.records("{} {}\n[{},{}]").unwrap().count(), 4);
    for (text, expect) in [
        ("{", "the records are no JSON: EOF while parsing an object at line 1 column 1"),
        ("{}\n{]", "the records are no JSON: key must be a string at line 2 column 2"),
        ("{} 7", "record 2: is no JSON object"),
        (r#"{"vale":1}"#, "record 1: unknown field `vale`, expected one of `topic`"),
        (r#"[{},{"offset":"1"}]"#, "record 2: invalid type: string \"1\", expected i64"),
        (r#"{"headers":[{"value":1}]}"#, "record 1: missing field `key`"),
        (r#"{"rawValue":"a","valueSchema":{}}"#, "record 1: has rawValue, and value or valueSchema too"),
    ] {
        let error = run.records(text).err().expect(text);
        assert!(format!("{error:?}").contains(expect), "{text}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn machines_get_the_same() {
    let is_t = [("predicates", "p"), ("predicates.p.type", "IsT"), ("transforms.s2.predicate", "p")];
    let run = run(&config(&["topic", "header", "nothing", "fail"], &is_t)).await;
    let json: serde_json::Value =
        serde_json::from_str(&run.records(RECORD).unwrap().next().unwrap().to_json()).unwrap();
    let class = "com.example.Change";
    let message = "record 1 at topic \"other\", partition 1, offset 5: transform \"s4\" (com.example.Change): value is a \
                   string, expected struct";
    let error_class = "org.apache.kafka.connect.errors.DataException";
    let trace = format!("{error_class}: {message}\nCaused by: the cause of it");
    let expect = serde_json::json!({
        "record": 1,
        "outcome": "failed",
        "input": serde_json::from_str::<serde_json::Value>(RECORD).unwrap(),
        "steps": [
            {"alias": "s1", "class": class, "outcome": "changed", "changes": {"topic": "other"}},
            {"alias": "s2", "class": class, "outcome": "skipped", "predicate": {"alias": "p", "answer": false}},
            {"alias": "s3", "class": class, "outcome": "unchanged"},
            {"alias": "s4", "class": class, "outcome": "failed",
                "error": {"class": error_class, "message": message, "trace": trace}},
        ],
    });
    assert_eq!(json, expect);
    // What is put out can be put in.
    let kept = self::run(&config(&["schema", "key", "header"], &[])).await;
    let json: serde_json::Value =
        serde_json::from_str(&kept.records(RECORD).unwrap().next().unwrap().to_json()).unwrap();
    let nothing = self::run(&config(&[], &[])).await;
    let again = nothing.records(&json["output"].to_string()).unwrap().next().unwrap().to_json();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&again).unwrap()["input"], json["output"]);
}

#[tokio::test(start_paused = true)]
async fn values_of_providers_are_not_shown() {
    let run = run(&config(&["${env:SECRET}", "fail"], &[("errors.tolerance", "not looked at")])).await;
    let trace = run.records(r#"{"value":"a hunter2 that was there","key":"k"}"#).unwrap().next().unwrap();
    for shown in [trace.to_string(), trace.to_json(), format!("{trace:?}{:?}{run:?}", trace.error())] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert!(trace.to_string().contains("    value: \"${env:SECRET}\"\n"), "{trace}");
}

#[tokio::test(start_paused = true)]
async fn only_the_chain_has_to_be_right() {
    let worker = TestWorker::builder().plugins(Plugins::new().transform::<Change>()).start().await;
    let wrong = [("key.converter", "NoSuch"), ("tasks.max", "many"), ("transforms.s2.predicate", "p")];
    let errors = worker.worker().dry_run(&config(&["nonsense", "topic"], &wrong)).await.expect_err("it is wrong");
    let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["key.converter", "transforms.s1", "transforms.s2.predicate"]);
    let run = worker.worker().dry_run(&config(&["topic"], &wrong[1..2])).await.expect("a sound chain");
    assert_eq!(run.record(Record::new("t", "v")).output().map(|record| record.topic.to_string()), Some("other".into()));
}
