use serde_json::{Value as Json, json};

use super::{field, loose, optional, others, structure, with};
use crate::rig::{check, dropped, refuse};

const CLASS: &str = "EventRouter";

fn json_text() -> Json {
    optional("payload", "string")
}

fn columns() -> Vec<Json> {
    let nanos = with(optional("at", "int64"), "name", "io.debezium.time.NanoTimestamp");
    let plain = optional("plain", "int64");
    let texts = [field("id", "string"), field("aggregatetype", "string"), field("aggregateid", "string")];
    let more = [json_text(), optional("type", "string"), nanos, plain, optional("version", "int32")];
    texts.into_iter().chain(more).collect()
}

/// A row with other values in it.
fn row(more: Json) -> Json {
    let mut row = json!({"id": "1", "aggregatetype": "order", "aggregateid": "k", "payload": "{}", "type": "Made",
        "at": null, "plain": null, "version": null});
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    row
}

fn input(op: &str, after: Json) -> Json {
    let envelope = super::envelope_of("s.outbox", &columns());
    let value = json!({"before": null, "after": after, "source": {"lsn": 5, "table": "t"}, "op": op, "ts_ms": 7, "transaction": null});
    json!({"vs": envelope, "v": value, "h": [["first", null, "x"]]})
}

/// The event of the usual row, with other parts.
fn event(more: Json) -> Json {
    let mut event = json!({"topic": "outbox.event.order", "partition": null, "ts": 7, "ks": {"type": "string"}, "k": "k",
        "vs": {"type": "string", "optional": true}, "v": "{}",
        "h": [["first", null, "x"], ["id", {"type": "string"}, "1"]]});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

#[test]
fn events() {
    for op in ["c", "r"] {
        check(CLASS, &json!({}), &input(op, row(json!({}))), Ok(event(json!({}))));
    }
    for input in [json!({"v": null}), input("d", json!(null)), input("u", row(json!({})))] {
        dropped(CLASS, &json!({}), &input);
    }
    dropped(CLASS, &json!({"table.op.invalid.behavior": "Error"}), &input("u", row(json!({}))));
    let fatal = json!({"table.op.invalid.behavior": "fatal"});
    check(CLASS, &fatal, &input("u", row(json!({}))), Err("an update of an outbox table"));
    for other in others() {
        check(CLASS, &json!({}), &other, Ok(json!({})));
    }
    check(CLASS, &json!({}), &input("t", json!(null)), Err("the row is null, a struct or map was expected"));
}

#[test]
fn events_of_maps() {
    let row = json!({"map": {"id": {"i64": 9}, "aggregatetype": "order", "aggregateid": "k", "payload": "p", "n": {"i32": 3}}});
    let input = with(loose("c", json!(null), row), "h", json!([]));
    let expect = json!({"topic": "outbox.event.order", "partition": null, "ts": 7, "k": "k", "v": "p", "h": [["id", null, {"i64": 9}]]});
    check(CLASS, &json!({}), &input, Ok(expect.clone()));
    let expect = with(with(expect, "v", json!({"map": {"payload": "p", "N": {"i32": 3}}})), "partition", 3);
    let placed = json!({"table.fields.additional.placement": "n:envelope:N, n:partition"});
    check(CLASS, &placed, &input, Ok(expect));
    let error = "the row has no field \"nope\"";
    check(CLASS, &json!({"table.field.event.id": "nope"}), &input, Err(error));
}

#[test]
fn columns_by_name() {
    let long = json!({"type": "int64", "optional": true});
    for (settings, more, expect) in [
        (
            json!({"table.field.event.id": "type"}),
            json!({}),
            json!({"h": [["first", null, "x"], ["id", {"type": "string", "optional": true}, "Made"]]}),
        ),
        (json!({"table.field.event.key": "plain"}), json!({"plain": 3}), json!({"ks": long, "k": 3})),
        (json!({"table.field.event.payload": "plain"}), json!({"plain": 3}), json!({"vs": long, "v": 3})),
        (json!({"route.by.field": "type"}), json!({}), json!({"topic": "outbox.event.Made"})),
        (json!({"route.topic.replacement": " ${routedByValue}-x "}), json!({}), json!({"topic": " order-x "})),
        (json!({"route.topic.regex": "(o)rder", "route.topic.replacement": "$1"}), json!({}), json!({"topic": "o"})),
        (json!({"route.topic.regex": "other"}), json!({}), json!({"topic": "order"})),
        (json!({"table.field.event.timestamp": "at"}), json!({"at": 5_000_001}), json!({"ts": 5})),
        (json!({"table.field.event.timestamp": "at"}), json!({}), json!({})),
        (json!({"table.field.event.schema.version": "version"}), json!({"version": 2}), json!({})),
    ] {
        check(CLASS, &settings, &input("c", row(more)), Ok(event(expect)));
    }
    for (settings, more, error) in [
        (json!({"table.field.event.id": "nope"}), json!({}), "field \"nope\""),
        (json!({"table.field.event.key": "nope"}), json!({}), "field \"nope\""),
        (json!({"table.field.event.payload": "nope"}), json!({}), "field \"nope\""),
        (json!({"route.by.field": "nope"}), json!({}), "field \"nope\""),
        (json!({"route.by.field": "plain"}), json!({"plain": 1}), "field \"plain\": a string was expected, int64"),
        (json!({"route.by.field": "type"}), json!({"type": null}), "field \"type\" is null"),
        (json!({"route.topic.replacement": "$9"}), json!({}), "route \"order\": the replacement \"$9\""),
        (json!({"table.field.event.timestamp": "nope"}), json!({}), "field \"nope\""),
        (json!({"table.field.event.timestamp": "type"}), json!({}), "a timestamp was expected, string was found"),
        (json!({"table.field.event.timestamp": "plain"}), json!({"plain": 1}), "int64 is no timestamp"),
    ] {
        check(CLASS, &settings, &input("c", row(more)), Err(error));
    }
}

#[test]
fn types_of_timestamps() {
    for (name, expected) in [
        ("io.debezium.time.Timestamp", 5_000_001),
        ("io.debezium.time.MicroTimestamp", 5000),
        ("io.debezium.time.NanoTimestamp", 5),
        ("org.apache.kafka.connect.data.Timestamp", 5_000_001),
    ] {
        let mut columns = columns();
        columns[5] = with(field("at", "int64"), "name", name);
        columns[5]["version"] = json!(1);
        let mut input = input("c", row(json!({"at": 5_000_001})));
        input["vs"] = super::envelope_of("s.outbox", &columns);
        check(CLASS, &json!({"table.field.event.timestamp": "at"}), &input, Ok(event(json!({"ts": expected}))));
    }
}

#[test]
fn further_columns() {
    let placed = |text: &str| json!({"table.fields.additional.placement": text});
    let text = json!({"type": "string", "optional": true});
    let created = input("c", row(json!({"version": 2})));
    let headers =
        json!([["first", null, "x"], ["id", {"type": "string"}, "1"], ["type", text, "Made"], ["T", text, "Made"]]);
    check(
        CLASS,
        &placed("type:header, type:HEADER:T,version:partition"),
        &created,
        Ok(event(json!({"h": headers, "partition": 2}))),
    );
    check(CLASS, &placed("version:partition"), &input("c", row(json!({}))), Ok(event(json!({}))));
    let fields = json!([json_text(), optional("T", "string"), optional("version", "int32")]);
    let schema = structure("s.outbox.order.Value", fields.clone());
    let value = json!({"payload": "{}", "T": "Made", "version": 2});
    let both = placed("type:envelope:T,version:envelope");
    check(CLASS, &both, &created, Ok(event(json!({"vs": schema, "v": value}))));
    let versioned = with(both.clone(), "table.field.event.schema.version", "version");
    check(CLASS, &versioned, &created, Ok(event(json!({"vs": with(schema, "version", 2), "v": value}))));
    let other = input("c", row(json!({"version": 2, "aggregatetype": "x"})));
    let schema = structure("s.outbox.x.Value", fields);
    check(CLASS, &both, &other, Ok(event(json!({"vs": schema, "v": value, "topic": "outbox.event.x"}))));
    for placement in ["header", "envelope", "partition"] {
        let missing = placed(&format!("nope:{placement}"));
        check(CLASS, &missing, &created, Err("field \"nope\""));
        for (key, value) in
            [("table.fields.additional.error.on.missing", "false"), ("table.field.additional.missing", "Ignore")]
        {
            let value_of = if placement == "envelope" {
                json!({"vs": structure("s.outbox.order.Value", json!([json_text()])), "v": {"payload": "{}"}})
            } else {
                json!({})
            };
            check(CLASS, &with(missing.clone(), key, value), &created, Ok(event(value_of)));
        }
    }
    check(CLASS, &placed("type:partition"), &created, Err("field \"type\": int32 was expected, string was found"));
    check(CLASS, &placed("type:envelope:payload"), &created, Err("field \"payload\" was added twice"));
}

#[test]
fn empty_payloads() {
    let tombstone = json!({"route.tombstone.on.empty.payload": "true"});
    let beside =
        json!({"route.tombstone.on.empty.payload": "true", "table.fields.additional.placement": "type:envelope"});
    for payload in [json!(null), json!(""), json!(" \n")] {
        let input = input("c", row(json!({"payload": payload})));
        for settings in [&tombstone, &beside] {
            check(CLASS, settings, &input, Ok(event(json!({"vs": null, "v": null}))));
        }
        check(CLASS, &json!({}), &input, Ok(event(json!({"v": payload}))));
    }
    check(CLASS, &tombstone, &input("c", row(json!({}))), Ok(event(json!({}))));
}

#[test]
fn payloads_of_json() {
    let opt = |json: Json| with(json, "optional", true);
    let of = |name: &str, ty: &str| optional(name, ty);
    let object = |name: &str, fields: Json| opt(structure(name, fields));
    let array = |items: Json| opt(json!({"type": "array", "items": items}));
    let named = |json: Json, name: &str| with(json, "field", name);
    let plain = |ty: &str| opt(json!({"type": ty}));
    let nulls = json!({"table.json.payload.null.behavior": "OPTIONAL_BYTES"});
    let empty = json!({"table.json.payload.empty.array.behavior": "optional_string"});
    for (more, text, schema, value) in [
        (
            json!({}),
            r#"{"i": 1, "l": 3000000000, "d": 1.5, "e": 1e3, "u": 18446744073709551615, "s": "x", "b": true}"#,
            object(
                "payload",
                json!([
                    of("i", "int32"),
                    of("l", "int64"),
                    of("d", "double"),
                    of("e", "double"),
                    of("u", "double"),
                    of("s", "string"),
                    of("b", "boolean")
                ]),
            ),
            json!({"i": 1, "l": 3_000_000_000_i64, "d": 1.5, "e": 1000.0, "u": 18_446_744_073_709_551_615.0, "s": "x", "b": true}),
        ),
        (
            json!({}),
            r#"{"o": {"p": {"q": 1}}, "n": null, "a": []}"#,
            object(
                "payload",
                json!([named(
                    object("payload.o", json!([named(object("payload.o.p", json!([of("q", "int32")])), "p")])),
                    "o"
                )]),
            ),
            json!({"o": {"p": {"q": 1}}}),
        ),
        (nulls.clone(), r#"{"n": null}"#, object("payload", json!([of("n", "bytes")])), json!({"n": null})),
        (empty, r#"{"a": []}"#, object("payload", json!([named(array(plain("string")), "a")])), json!({"a": []})),
        (
            json!({}),
            r#"{"a": [1, null, 2], "b": [["x"]]}"#,
            object("payload", json!([named(array(plain("int32")), "a"), named(array(array(plain("string"))), "b")])),
            json!({"a": [1, null, 2], "b": [["x"]]}),
        ),
        (
            nulls,
            r#"[{"a": 1, "n": null}, {"n": "x", "b": true}]"#,
            array(object("payload", json!([of("a", "int32"), of("n", "string"), of("b", "boolean")]))),
            json!([{"a": 1, "n": null, "b": null}, {"a": null, "n": "x", "b": true}]),
        ),
        (
            json!({}),
            r#"[[{"a": {"b": 1}}]]"#,
            array(array(opt(
                json!({"type": "struct", "fields": [named(object("a", json!([of("b", "int32")])), "a")]}),
            ))),
            json!([[{"a": {"b": 1}}]]),
        ),
    ] {
        let settings = with(more, "table.expand.json.payload", "true");
        check(
            CLASS,
            &settings,
            &input("c", row(json!({"payload": text}))),
            Ok(event(json!({"vs": schema, "v": value}))),
        );
    }
}

#[test]
fn payloads_that_stay_text() {
    let deep = "[".repeat(100_000);
    for text in [
        "text",
        "1",
        "\"x\"",
        "",
        "{",
        "[]",
        "[null]",
        "[1, \"x\"]",
        "[1, 1.5]",
        "[{\"a\": {\"b\": 1}}, {\"a\": {\"b\": \"x\"}}]",
        "{\"\": 1}",
        &deep,
    ] {
        let settings = json!({"table.expand.json.payload": "true"});
        check(CLASS, &settings, &input("c", row(json!({"payload": text}))), Ok(event(json!({"v": text}))));
    }
    let settings = json!({"table.expand.json.payload": "true", "table.field.event.payload": "plain"});
    let expect = json!({"vs": {"type": "int64", "optional": true}, "v": 3});
    check(CLASS, &settings, &input("c", row(json!({"plain": 3}))), Ok(event(expect)));
}

#[test]
fn settings_that_are_wrong() {
    for (key, value, texts) in [
        ("table.op.invalid.behavior", "panic", &["warn, error, fatal"][..]),
        ("table.fields.additional.placement", "type", &["\"type\"", "column:placement[:name]"]),
        ("table.fields.additional.placement", "a:header:b:c", &["column:placement[:name]"]),
        ("table.fields.additional.placement", ":header", &["column:placement[:name]"]),
        ("table.fields.additional.placement", "a:body", &["header, envelope, partition"]),
        ("table.field.additional.missing", "warn", &["error, ignore"]),
        ("table.json.payload.null.behavior", "keep", &["ignore, optional_bytes"]),
        ("table.json.payload.empty.array.behavior", "keep", &["ignore, optional_string"]),
        ("route.topic.regex", "(", &[]),
        ("route.by.field", "", &[]),
    ] {
        refuse(CLASS, &json!({key: value}), &[&[key], texts].concat());
    }
}
