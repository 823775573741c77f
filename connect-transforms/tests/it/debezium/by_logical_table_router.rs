use connect_api::{Datum, Flow};
use serde_json::{Value as Json, json};

use super::{change, columns, envelope_of, field, loose, others, structure, with};
use crate::rig::{check, record, refuse, transform};

const CLASS: &str = "ByLogicalTableRouter";

/// Settings that send `s.t_1` to `s.t`.
fn settings(more: Json) -> Json {
    let mut settings = json!({"topic.regex": "(.*)_\\d", "topic.replacement": "$1"});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    settings
}

fn key(name: &str, more: Option<&str>) -> Json {
    let fields: Vec<_> = [field("id", "int32")].into_iter().chain(more.map(|more| field(more, "string"))).collect();
    structure(name, fields.into())
}

fn input(topic: &str) -> Json {
    let value = json!({"before": null, "after": {"id": 1, "name": null}, "source": {"lsn": 5, "table": "t"},
        "op": "c", "ts_ms": 7, "transaction": null});
    json!({"topic": topic, "ks": key("s.t_1.Key", None), "k": {"id": 1}, "vs": envelope_of("s.t_1", &columns()), "v": value})
}

/// What the input becomes: with this name of a table, and this in the key.
fn output(topic: &str, table: &str, field: &str, identifier: &str) -> Json {
    let input = input(topic);
    let value = with(input["v"].clone(), "after", json!({"id": 1, "name": "UNSET"}));
    json!({"topic": topic, "ks": key(&format!("{table}.Key"), Some(field)), "k": {"id": 1, field: identifier},
        "vs": envelope_of(table, &columns()), "v": value})
}

#[test]
fn tables_of_one_topic() {
    let usual = "__dbz__physicalTableIdentifier";
    check(CLASS, &settings(json!({})), &input("s.t_1"), Ok(output("s.t", "s.t", usual, "s.t_1")));
    check(
        CLASS,
        &settings(json!({"key.field.name": "from"})),
        &input("s.t_2"),
        Ok(output("s.t", "s.t", "from", "s.t_2")),
    );
    for (regex, identifier) in [("s.t_(.)", "no 1"), ("t_(.)", "s.t_1"), ("", "s.t_1")] {
        let settings = settings(json!({"key.field.regex": regex, "key.field.replacement": "no $1"}));
        check(CLASS, &settings, &input("s.t_1"), Ok(output("s.t", "s.t", usual, identifier)));
    }
    let mut plain = output("s.t", "s.t", usual, "");
    plain["ks"] = key("s.t.Key", None);
    plain["k"] = json!({"id": 1});
    check(CLASS, &settings(json!({"key.enforce.uniqueness": "false"})), &input("s.t_1"), Ok(plain));
    // Blanks of the replacement stay.
    let spaced = json!({"topic.replacement": " $1 ", "logical.table.cache.size": "1"});
    check(CLASS, &settings(spaced), &input("s.t_1"), Ok(output(" s.t ", " s.t ", usual, "s.t_1")));
}

#[test]
fn topics_that_stay() {
    check(CLASS, &settings(json!({})), &input("s.t"), Ok(json!({})));
    let empty = json!({"topic.regex": "(x?).*", "topic.replacement": "$1"});
    check(CLASS, &empty, &input("s.t_1"), Ok(json!({})));
    check(CLASS, &settings(json!({"topic.replacement": "$2"})), &input("s.t_1"), Err("there is no group 2"));
}

#[test]
fn one_schema_for_two_topics() {
    let transform = transform(CLASS, &settings(json!({}))).unwrap().unwrap();
    let names = |topic: &str| {
        let mut record = record(&input(topic));
        assert!(matches!(transform.transform(&mut record), Ok(Flow::Keep)));
        let name = |datum: &Datum| datum.schema.as_ref().unwrap().name().unwrap().to_owned();
        (name(&record.key), name(&record.value))
    };
    for _ in 0..2 {
        assert_eq!(names("a_1"), ("a.Key".to_owned(), "a.Envelope".to_owned()));
        assert_eq!(names("b_1"), ("b.Key".to_owned(), "b.Envelope".to_owned()));
    }
}

#[test]
fn records_that_are_no_changes() {
    for other in others().into_iter().chain([json!({"v": null}), loose("c", json!(null), json!({"map": {}}))]) {
        let input = with(other, "topic", "t_1");
        check(CLASS, &settings(json!({})), &input, Ok(json!({"topic": "t"})));
    }
    let input = json!({"v": null, "topic": "t_1", "k": {"map": {"id": {"i32": 1}}}});
    let keyed = json!({"map": {"id": {"i32": 1}, "x": "t_1"}});
    check(CLASS, &settings(json!({"key.field.name": "x"})), &input, Ok(json!({"topic": "t", "k": keyed})));
    check(CLASS, &settings(json!({"key.enforce.uniqueness": "false"})), &input, Ok(json!({"topic": "t"})));
    let wrong = with(change("c", json!(null), json!({"id": 1, "name": "x"})), "topic", "t_1");
    let error = "the key is string, a struct or map was expected";
    check(CLASS, &settings(json!({})), &with(wrong.clone(), "k", "text"), Err(error));
    let taken = with(with(wrong, "ks", key("k", Some("x"))), "k", json!({"id": 1, "x": "y"}));
    check(CLASS, &settings(json!({"key.field.name": "x"})), &taken, Err("field \"x\" was added twice"));
}

#[test]
fn names_for_avro() {
    for (mode, topic, name) in [
        ("none", "1-a_ü😀_1", "1-a_ü😀"),
        ("avro", "1-a_ü😀_1", "_1_a____"),
        ("AVRO_UNICODE", "1-a_ü😀_1", "_u0031_u002da_u005f_u00fc_ud83d_ude00"),
        ("avro_unicode", "aα_1", "a_u3b1"),
    ] {
        let input = json!({"topic": topic, "ks": key("k", None), "k": {"id": 1}, "v": null});
        let expect = json!({"topic": topic.strip_suffix("_1").unwrap(), "ks": key(&format!("{name}.Key"), None), "k": {"id": 1}, "v": null});
        let settings = settings(json!({"schema.name.adjustment.mode": mode, "key.enforce.uniqueness": "false"}));
        check(CLASS, &settings, &input, Ok(expect));
    }
}

#[test]
fn settings_that_are_wrong() {
    refuse(CLASS, &json!({}), &["topic.regex", "topic.replacement"]);
    for (more, texts) in [
        (json!({"topic.regex": "("}), &["topic.regex"][..]),
        (json!({"topic.replacement": ""}), &["topic.replacement"]),
        (json!({"key.field.regex": "(.*)"}), &["key.field.replacement"]),
        (json!({"key.field.regex": "(.*)", "key.field.replacement": " "}), &["key.field.replacement"]),
        (json!({"key.field.regex": "["}), &["key.field.regex"]),
        (json!({"schema.name.adjustment.mode": "xml"}), &["schema.name.adjustment.mode", "none, avro, avro_unicode"]),
    ] {
        refuse(CLASS, &settings(more), texts);
    }
}
