use serde_json::{Value as Json, json};

use super::{change, columns, envelope, envelope_of, field, loose, optional, others, structure, with};
use crate::rig::{check, dropped, refuse};

const CLASS: &str = "ExtractNewRecordState";
const MODE: &str = "delete.tombstone.handling.mode";

fn row(more: &[Json]) -> Json {
    let fields: Vec<_> = columns().into_iter().chain(more.iter().cloned()).collect();
    structure("s.t.Value", fields.into())
}

fn deleted() -> Json {
    optional("__deleted", "string")
}

#[test]
fn rows_of_changes() {
    let (one, two) = (json!({"id": 1, "name": null}), json!({"id": 2, "name": "x"}));
    for (op, before, after) in [("c", json!(null), one.clone()), ("r", json!(null), two.clone()), ("u", one, two)] {
        let row = json!({"vs": row(&[]), "v": with(after.clone(), "name", after["name"].as_str().unwrap_or("UNSET"))});
        check(CLASS, &json!({}), &change(op, before, after), Ok(row));
    }
    let map = json!({"map": {"id": {"i32": 1}}});
    check(CLASS, &json!({}), &loose("c", json!(null), map.clone()), Ok(json!({"v": map})));
    for other in others() {
        check(CLASS, &json!({MODE: "rewrite", "add.fields": "op"}), &other, Ok(json!({})));
    }
    let truncation = change("t", json!(null), json!(null));
    for mode in ["drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone"] {
        dropped(CLASS, &json!({MODE: mode}), &truncation);
    }
}

#[test]
fn deletions_and_tombstones() {
    let gone = change("d", json!({"id": 1, "name": "x"}), json!(null));
    let loosely = loose("d", json!({"map": {"id": {"i32": 1}}}), json!(null));
    let null = with(row(&[]), "optional", true);
    let rewritten = json!({"vs": row(&[deleted()]), "v": {"id": 1, "name": "x", "__deleted": "true"}});
    let tombstone = json!({"v": null});
    // What a deletion becomes; none when it is dropped. Then whether tombstones stay.
    for (settings, deletion, stays) in [
        (json!({}), Some(json!({"vs": null, "v": null})), false),
        (json!({MODE: "tombstone"}), Some(json!({"vs": null, "v": null})), false),
        (json!({MODE: " Drop "}), None, false),
        (json!({MODE: "delete-to-tombstone"}), Some(json!({"v": null})), false),
        (json!({MODE: "rewrite"}), Some(rewritten.clone()), false),
        (json!({MODE: "rewrite-with-tombstone"}), Some(rewritten.clone()), true),
        (json!({"drop.tombstones": "false"}), None, true),
        (json!({"drop.tombstones": "true"}), None, false),
        (json!({"delete.handling.mode": "none"}), Some(json!({"vs": null, "v": null})), false),
        (
            json!({"delete.handling.mode": "none", "drop.tombstones": "false"}),
            Some(json!({"vs": null, "v": null})),
            true,
        ),
        (json!({"delete.handling.mode": "rewrite"}), Some(rewritten), false),
        // The newer setting counts.
        (json!({MODE: "drop", "delete.handling.mode": "rewrite", "drop.tombstones": "false"}), None, false),
    ] {
        match deletion {
            None => {
                dropped(CLASS, &settings, &gone);
                dropped(CLASS, &settings, &loosely);
            }
            Some(expect) if !expect["v"].is_null() => {
                check(CLASS, &settings, &gone, Ok(expect));
                let expect = json!({"v": {"map": {"id": {"i32": 1}, "__deleted": "true"}}});
                check(CLASS, &settings, &loosely, Ok(expect));
                let created = change("c", json!(null), json!({"id": 1, "name": "x"}));
                let expect = json!({"vs": row(&[deleted()]), "v": {"id": 1, "name": "x", "__deleted": "false"}});
                check(CLASS, &settings, &created, Ok(expect));
            }
            Some(expect) => {
                let schema = if expect.get("vs").is_some() { null.clone() } else { json!(null) };
                check(CLASS, &settings, &gone, Ok(json!({"vs": schema, "v": null})));
                check(CLASS, &settings, &loosely, Ok(json!({"v": null})));
            }
        }
        if stays {
            check(CLASS, &settings, &tombstone, Ok(json!({})));
        } else {
            dropped(CLASS, &settings, &tombstone);
        }
    }
}

#[test]
fn defaults_where_rows_are_rewritten() {
    let created = change("c", json!(null), json!({"id": 1, "name": null}));
    for (replace, name) in [("true", "nobody"), ("false", "UNSET")] {
        let settings = json!({MODE: "rewrite", "replace.null.with.default": replace});
        let expect = json!({"vs": row(&[deleted()]), "v": {"id": 1, "name": name, "__deleted": "false"}});
        check(CLASS, &settings, &created, Ok(expect));
    }
}

#[test]
fn fields_of_the_envelope() {
    let created = change("c", json!(null), json!({"id": 1, "name": "x"}));
    let loosely = loose("c", json!(null), json!({"map": {"op": "mine"}}));
    // The list, fields, values, values of the map.
    for (list, fields, values, loose_values) in [
        ("op", vec![optional("__op", "string")], json!({"__op": "c"}), json!({"__op": "c"})),
        (
            "table, source.lsn,ts_ms",
            vec![optional("__table", "string"), optional("__source_lsn", "int64"), optional("__ts_ms", "int64")],
            json!({"__table": "t", "__source_lsn": 5, "__ts_ms": 7}),
            json!({"__table": "t", "__source_lsn": {"i64": 5}, "__ts_ms": {"i64": 7}}),
        ),
        ("lsn:LSN", vec![optional("__LSN", "int64")], json!({"__LSN": 5}), json!({"__LSN": {"i64": 5}})),
        // There is a transaction in the schema, but none in the record.
        ("transaction.id:tx", vec![optional("__tx", "string")], json!({"__tx": null}), json!({})),
        ("total_order", vec![optional("__total_order", "int64")], json!({"__total_order": null}), json!({})),
        ("nope,source.nope,nope.lsn", vec![], json!({}), json!({})),
    ] {
        let value = |base: Json, more: &Json| {
            let mut base = base;
            base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            base
        };
        let settings = json!({"add.fields": list});
        let expect = json!({"vs": row(&fields), "v": value(json!({"id": 1, "name": "x"}), &values)});
        check(CLASS, &settings, &created, Ok(expect));
        let expect = json!({"v": {"map": value(json!({"op": "mine"}), &loose_values)}});
        check(CLASS, &settings, &loosely, Ok(expect));
    }
    // A whole part of the envelope, and one's own prefix.
    let source = structure("source", json!([field("lsn", "int64"), field("table", "string")]));
    let source = with(with(source, "optional", true), "field", " source");
    let expect = json!({"vs": row(&[source]), "v": {"id": 1, "name": "x", " source": {"lsn": 5, "table": "t"}}});
    check(CLASS, &json!({"add.fields": "source", "add.fields.prefix": " "}), &created, Ok(expect));
    let expect = json!({"v": {"map": {"op": "c"}}});
    check(CLASS, &json!({"add.fields": "op", "add.fields.prefix": ""}), &loosely, Ok(expect));
    let settings = json!({"add.fields": "op:id", "add.fields.prefix": ""});
    check(CLASS, &settings, &created, Err("field \"id\" was added twice"));
    let settings = json!({"add.fields": "op", MODE: "rewrite"});
    let expect = json!({"vs": row(&[deleted(), optional("__op", "string")]),
        "v": {"id": 1, "name": "x", "__deleted": "true", "__op": "d"}});
    check(CLASS, &settings, &change("d", json!({"id": 1, "name": "x"}), json!(null)), Ok(expect));
}

#[test]
fn headers_of_the_envelope() {
    let text = json!({"type": "string", "optional": true});
    let long = json!({"type": "int64", "optional": true});
    let settings =
        json!({"add.headers": "op,source.lsn:pos,nope", "add.headers.prefix": "h ", MODE: "rewrite-with-tombstone"});
    let row = json!({"id": 1, "name": "x"});
    let input = with(change("c", json!(null), row), "h", json!([["first", null, "x"]]));
    let added = json!([["first", null, "x"], ["h op", text, "c"], ["h pos", long, 5]]);
    let expect = json!({"vs": self::row(&[deleted()]), "v": {"id": 1, "name": "x", "__deleted": "false"}, "h": added});
    check(CLASS, &settings, &input, Ok(expect));
    let input = loose("c", json!(null), json!({"map": {}}));
    let added = json!([["h op", null, "c"], ["h pos", null, {"i64": 5}]]);
    check(CLASS, &settings, &input, Ok(json!({"v": {"map": {"__deleted": "false"}}, "h": added})));
    let added = json!([["h op", {"type": "string"}, "d"]]);
    check(CLASS, &settings, &json!({"v": null}), Ok(json!({"h": added})));
    check(CLASS, &settings, &json!({"v": "text"}), Ok(json!({})));
}

#[test]
fn topics_by_a_field() {
    let settings = json!({"route.by.field": "name"});
    let created = |name: Json| change("c", json!(null), json!({"id": 1, "name": name}));
    for (name, topic) in [(json!("x"), "x"), (json!(" "), "orders"), (json!(null), "nobody")] {
        let value = name.as_str().unwrap_or("UNSET");
        let expect = json!({"vs": row(&[]), "v": {"id": 1, "name": value}, "topic": topic});
        check(CLASS, &settings, &created(name), Ok(expect));
    }
    let gone = change("d", json!({"id": 1, "name": "x"}), json!(null));
    let schema = with(row(&[]), "optional", true);
    check(CLASS, &settings, &gone, Ok(json!({"vs": schema, "v": null, "topic": "x"})));
    let error = "field \"nope\"";
    check(CLASS, &json!({"route.by.field": "nope"}), &created(json!("x")), Err(error));
    let error = "field \"id\": a string was expected, int32 was found";
    check(CLASS, &json!({"route.by.field": "id"}), &created(json!("x")), Err(error));
    let loosely = loose("c", json!(null), json!({"map": {"name": "x"}}));
    check(CLASS, &settings, &loosely, Ok(json!({"v": {"map": {"name": "x"}}, "topic": "x"})));
    check(CLASS, &json!({"route.by.field": "nope"}), &loosely, Err("the row has no field \"nope\""));
}

#[test]
fn fields_that_a_header_drops() {
    let key = structure("s.t.Key", json!([field("id", "int32"), optional("name", "string")]));
    let names = |names: Json| json!([["drop", {"type": "array", "items": {"type": "string"}}, names]]);
    let input = |op: &str, list: Json| {
        let row = json!({"id": 1, "name": "x"});
        let change = if op == "d" { change(op, row, json!(null)) } else { change(op, json!(null), row) };
        let keyed = with(with(change, "ks", key.clone()), "k", json!({"id": 1, "name": "x"}));
        with(keyed, "h", list)
    };
    let only_id = structure("s.t.Value", json!([field("id", "int32")]));
    let empty = structure("s.t.Value", json!([]));
    let settings = |more: Json| {
        let mut settings = json!({"drop.fields.header.name": "drop"});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        settings
    };
    let both = names(json!(["id", "name", "nope"]));
    let expect = json!({"vs": only_id, "v": {"id": 1}});
    check(CLASS, &settings(json!({})), &input("c", both.clone()), Ok(expect.clone()));
    let loosened = settings(json!({"drop.fields.keep.schema.compatible": "false"}));
    check(CLASS, &loosened, &input("c", both.clone()), Ok(json!({"vs": empty, "v": {}})));
    let id_key = structure("s.t.Key", json!([field("id", "int32")]));
    let with_key = json!({"vs": only_id, "v": {"id": 1}, "ks": id_key, "k": {"id": 1}});
    check(CLASS, &settings(json!({"drop.fields.from.key": "true"})), &input("c", both.clone()), Ok(with_key));
    // Of a deleted row what was added stays, of another it goes.
    let op = optional("__op", "string");
    let rewrite = settings(json!({MODE: "rewrite", "add.fields": "op"}));
    let list = names(json!(["name", "__op", "__deleted"]));
    let expect = json!({"vs": structure("s.t.Value", json!([field("id", "int32"), op])), "v": {"id": 1, "__op": "d"}});
    check(CLASS, &rewrite, &input("d", list.clone()), Ok(expect));
    check(CLASS, &rewrite, &input("c", list), Ok(json!({"vs": only_id, "v": {"id": 1}})));
    let null = json!({"vs": with(row(&[]), "optional", true), "v": null});
    check(CLASS, &settings(json!({})), &input("d", both), Ok(null));
    let same = json!({"vs": row(&[]), "v": {"id": 1, "name": "x"}});
    for none in [json!([]), json!([["other", null, "x"]]), json!([["drop", null, null]]), names(json!([]))] {
        check(CLASS, &settings(json!({})), &input("c", none), Ok(same.clone()));
    }
    let error = "header \"drop\": a list of strings was expected, string was found";
    check(CLASS, &settings(json!({})), &input("c", json!([["drop", null, "name"]])), Err(error));
    let error = "header \"drop\": a list of strings was expected, int32 was found";
    let numbers = json!([["drop", null, {"list": [{"i32": 1}]}]]);
    check(CLASS, &settings(json!({})), &input("c", numbers), Err(error));
    let list = json!([["drop", null, {"list": ["id"]}]]);
    let loosely = loose("c", json!(null), json!({"map": {"id": {"i32": 1}, "n": {"i32": 2}}}));
    let loosely = with(with(loosely, "h", list), "k", json!({"map": {"id": {"i32": 1}}}));
    let expect = json!({"v": {"map": {"n": {"i32": 2}}}, "k": {"map": {}}});
    check(CLASS, &settings(json!({"drop.fields.from.key": "true"})), &loosely, Ok(expect));
}

#[test]
fn envelopes_that_are_wrong() {
    let short = structure("x.Envelope", json!([field("op", "string")]));
    check(CLASS, &json!({}), &json!({"vs": short, "v": {"op": "c"}}), Err("field \"after\""));
    let fields = envelope_of("s.t", &columns())["fields"].clone();
    let fields: Vec<_> =
        fields.as_array().unwrap().iter().filter(|field| field["field"] != "before").cloned().collect();
    let no_before = structure("x.Envelope", fields.into());
    let value = json!({"after": null, "source": {"lsn": 1, "table": "t"}, "op": "d", "ts_ms": 1, "transaction": null});
    check(CLASS, &json!({}), &json!({"vs": no_before, "v": value}), Err("field \"before\""));
    let text = structure("x.Envelope", json!([optional("before", "string"), optional("after", "string")]));
    let input = json!({"vs": text, "v": {"before": null, "after": "{}"}});
    check(CLASS, &json!({}), &input, Err("the row in the envelope is string, a struct was expected"));
    let input = loose("c", json!(null), json!("text"));
    check(CLASS, &json!({}), &input, Err("the row in the envelope is string, a map was expected"));
    assert_eq!(envelope()["name"], "s.t.Envelope");
}

#[test]
fn the_older_class_name() {
    let aliases = <connect_transforms::debezium::ExtractNewRecordState as connect_api::TransformPlugin>::ALIASES;
    assert_eq!(aliases, ["io.debezium.transforms.UnwrapFromEnvelope", "UnwrapFromEnvelope"]);
}

#[test]
fn settings_that_are_wrong() {
    for (settings, texts) in [
        (json!({MODE: "keep"}), &[MODE, "keep", "rewrite-with-tombstone"][..]),
        (json!({"delete.handling.mode": "tombstone"}), &["delete.handling.mode", "drop, rewrite, none"]),
        (json!({"drop.tombstones": "perhaps"}), &["drop.tombstones"]),
        (json!({"add.fields": "op:a:b"}), &["add.fields", "op:a:b", "[parent.]field[:name]"]),
        (json!({"add.fields": "a.b.c"}), &["add.fields", "a.b.c"]),
        (json!({"add.headers": "op:"}), &["add.headers", "op:"]),
        (json!({"add.headers": ".a"}), &["add.headers", ".a"]),
    ] {
        refuse(CLASS, &settings, texts);
    }
}
