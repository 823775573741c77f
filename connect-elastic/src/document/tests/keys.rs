//! Switches for topics, names and ids; values with schemas that are absent.

use std::sync::Arc;

use connect_api::config::parse;
use connect_api::{
    Datum, Decimal, Record, Schema, SinkRecord, Struct, TimestampType, TopicPartition, Type, Value, logical,
};

use super::{check, doc, lines, record, written};
use crate::AwsEnvironment;
use crate::config::OpenSearchSinkConfig;

const BODY: &str = "{\"n\":1,\"t\":\"x\"}\n";

#[test]
fn keys_and_schemas_are_ignored_by_topic() {
    let own = format!("{{\"index\":{{\"_index\":\"orders\",\"_id\":\"Orders+2+5\"}}}}\n{BODY}");
    check(&[("topic.key.ignore", "Others,Orders")], &record("k", doc()), &own);
    // The name after transforms counts, not that of the index.
    let kept = lines(&[("topic.key.ignore", "orders")], &record("k", doc())).unwrap();
    assert!(kept.contains("\"_id\":\"k\""), "{kept}");
    // A decimal shows whether the schema counts.
    let schema = Schema::structure().field("d", logical::decimal(2).build().unwrap()).build().unwrap();
    let value = Struct::builder(&schema).set("d", Value::from(Decimal::new(509_461, 2))).build().unwrap();
    let of = |topics| {
        let keys = [("topic.schema.ignore", topics), ("version.type", "none")];
        let said = lines(&keys, &record("k", value.clone())).unwrap();
        said.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!([of("Orders"), of("Others")], ["{\"d\":\"B8YV\"}", "{\"d\":5094.61}"]);
}

#[test]
fn maps_are_written_as_the_key_says() {
    let schema = Schema::structure()
        .field("m", Schema::map(Schema::required(Type::String), Schema::required(Type::Int32)).build().unwrap())
        .build()
        .unwrap();
    let map: Value = vec![(Value::from("a"), Value::from(1i32))].into();
    let value = Struct::builder(&schema).set("m", map).build().unwrap();
    for (compact, expect) in [("true", "{\"m\":{\"a\":1}}"), ("false", "{\"m\":[{\"key\":\"a\",\"value\":1}]}")] {
        let said = lines(&[("compact.map.entries", compact)], &record("k", value.clone())).unwrap();
        assert_eq!(said.lines().nth(1), Some(expect));
    }
}

#[test]
fn updates_say_how_often_the_server_repeats_them() {
    let of = |more: &[(&'static str, &'static str)]| {
        let keys = [&[("write.method", "upsert")], more].concat();
        lines(&keys, &record("k", doc())).unwrap()
    };
    for (more, count) in [
        (&[("retry.on.conflict", "9")][..], 9),
        (&[("retry.on.conflict", "0")], 0),
        (&[("max.in.flight.requests", "2")], 2),
        (&[("max.in.flight.requests", "9")], 5),
    ] {
        assert!(of(more).contains(&format!("\"retry_on_conflict\":{count}}}}}\n")), "{more:?}: {}", of(more));
    }
    let source = [("write.method", "scripted_upsert"), ("script.source", "ctx._source.n++")];
    let said = lines(&source, &record("k", doc())).unwrap();
    assert!(said.contains("\"script\":{\"source\":\"ctx._source.n++\","), "{said}");
}

#[test]
fn namespaces_and_pointers() {
    let stream = [("data.stream.type", "logs"), ("data.stream.dataset", "web"), ("key.ignore", "true")];
    for (namespace, expect) in [("prod", "logs-web-prod"), ("a.${topic}", "logs-web-a.orders")] {
        let keys = [&stream[..], &[("data.stream.namespace", namespace)]].concat();
        let said = lines(&keys, &record("k", doc())).unwrap();
        assert!(said.contains(&format!("{{\"_index\":\"{expect}\",")), "{said}");
    }
    let keys = [("routing.type", "value"), ("routing.type.record.value.path", "/t")];
    let said = lines(&keys, &record("k", doc())).unwrap();
    assert!(said.contains("\"routing\":\"x\""), "{said}");
    let keys = [("version.type", "header"), ("external.version.header", "v")];
    let mut with = record("k", doc());
    with.record.headers.add("v", 7_i64);
    // The last of a name counts.
    with.record.headers.add("v", 8_i64);
    assert!(lines(&keys, &with).unwrap().contains("\"version\":8,"));
}

/// What Aiven's connector writes, and where it differs.
#[test]
fn of_aiven() {
    let of = |more: &[(&str, &str)], record: &SinkRecord| {
        let keys = [&[("connection.url", "http://localhost:9200")], more].concat();
        let props = keys.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        written(
            parse::<OpenSearchSinkConfig>(&props).unwrap().config.settings(&AwsEnvironment::default()).unwrap(),
            record,
        )
    };
    let ignored = |strategy| [("key.ignore", "true"), ("key.ignore.id.strategy", strategy)];
    let keyed = record("k", doc());
    for (strategy, id) in [
        ("none", ""),
        ("record.key", ",\"_id\":\"k\",\"version\":5,\"version_type\":\"external\""),
        ("topic.partition.offset", ",\"_id\":\"Orders+2+5\""),
    ] {
        let said = of(&ignored(strategy), &keyed).unwrap();
        assert_eq!(said, format!("{{\"index\":{{\"_index\":\"orders\"{id}}}}}\n{BODY}"), "{strategy}");
    }
    assert!(of(&ignored("record.key"), &record(Datum::NULL, doc())).is_err());
    // An empty key is an id there, and colons are no part of names.
    assert!(of(&[], &record("", doc())).unwrap().contains("\"_id\":\"\""));
    let colons = Record::new("+A:b", doc()).with_key("k").with_partition(0);
    let colons = SinkRecord::new(colons, Arc::new(TopicPartition::new("A:b", 0)), 1, TimestampType::CreateTime);
    assert!(of(&[], &colons).unwrap().contains("\"_index\":\"a_b\""));
    let said = of(&[("index.write.method", "upsert"), ("max.in.flight.requests", "9")], &keyed).unwrap();
    assert!(said.contains("\"retry_on_conflict\":3}}\n") && said.contains("\"doc_as_upsert\":true"), "{said}");
    let stream = [("data.stream.enabled", "true"), ("key.ignore", "true")];
    for (field, expect) in [("@timestamp", "\"@timestamp\":1000"), ("at", "\"at\":1000")] {
        let said = of(&[&stream[..], &[("data.stream.timestamp.field", field)]].concat(), &keyed).unwrap();
        assert!(said.starts_with("{\"create\":{\"_index\":\"orders\",") && said.contains(expect), "{said}");
    }
}
