//! ExtractField, HeaderFrom, HoistField, InsertField, ValueToKey: fields taken out and put in.

use serde_json::{Value as Json, json};

use crate::rig::{check, refuse};

fn structure(fields: Json) -> Json {
    json!({"type": "struct", "fields": fields})
}

/// A struct of `a: string`, and of `d: int32` that is 5 by default.
fn plain() -> Json {
    structure(json!([{"field": "a", "type": "string"}, {"field": "d", "type": "int32", "default": 5}]))
}

#[test]
fn extract_without_a_schema() {
    let input =
        json!({"v": {"map": {"a": {"i8": 1}, "a.b": "dot", "n": null, "o": {"map": {"b": "deep", "": "empty"}}}}});
    let field = |name: &str| json!({"field": name});
    let path = |name: &str| json!({"field": name, "field.syntax.version": "v2"});
    for (settings, expect) in [
        (field("a"), json!({"i8": 1})),
        (field("a.b"), json!("dot")),
        (field("missing"), json!(null)),
        (field("n"), json!(null)),
        (path("`a.b`"), json!("dot")),
        (path("o.b"), json!("deep")),
        (path("o."), json!("empty")),
        (path("o.zz"), json!(null)),
        (path("n.b"), json!(null)),
        (path("zz.b.c"), json!(null)),
    ] {
        check("ExtractField$Value", &settings, &input, Ok(json!({"v": expect})));
    }
    check(
        "ExtractField$Value",
        &path("a.b"),
        &input,
        Err("field \"b\": a path leads into a value of type int8, expected a map"),
    );
    check("ExtractField$Key", &field("a"), &json!({"k": "x"}), Err("the key is of type string, expected a map"));
    check("ExtractField$Value", &field("a"), &json!({"v": null}), Ok(json!({})));
}

#[test]
fn extract_with_a_schema() {
    let inner = json!({"type": "struct", "optional": true, "fields": [{"field": "y", "type": "int32", "optional": true, "default": 9}]});
    let mut field = inner.clone();
    field["field"] = "p.q".into();
    let schema = structure(json!([field, {"field": "d", "type": "int8", "default": 3, "doc": "kept"}]));
    let input = json!({"vs": schema, "v": {"p.q": {"y": null}, "d": null}});
    let y = json!({"type": "int32", "optional": true, "default": 9});
    let d = json!({"type": "int8", "default": 3, "doc": "kept"});
    for (settings, schema, value) in [
        (json!({"field": "d"}), &d, json!(3)),
        (json!({"field": "d", "replace.null.with.default": "FALSE"}), &d, json!(null)),
        (json!({"field": "p.q"}), &inner, json!({"y": null})),
        (json!({"field": "`p.q`.y", "field.syntax.version": "V2"}), &y, json!(9)),
        (
            json!({"field": "`p.q`.y", "field.syntax.version": "V2", "replace.null.with.default": "false"}),
            &y,
            json!(null),
        ),
    ] {
        check("ExtractField$Value", &settings, &input, Ok(json!({"vs": schema, "v": value})));
    }
    let path = json!({"field": "`p.q`.y", "field.syntax.version": "V2"});
    for null in [json!({"vs": schema, "v": {"p.q": null, "d": 1}}), json!({"vs": schema, "v": null})] {
        check("ExtractField$Value", &path, &null, Ok(json!({"vs": y, "v": null})));
    }
    check(
        "ExtractField$Value",
        &json!({"field": "zz"}),
        &input,
        Err("field \"zz\": struct has no such field; its fields: p.q, d"),
    );
    let deep = json!({"field": "d.e", "field.syntax.version": "V2"});
    check(
        "ExtractField$Value",
        &deep,
        &input,
        Err("field \"e\": a path leads into a value of type int8, expected a struct"),
    );
    for value in [json!(1), json!(null)] {
        let scalar = json!({"vs": {"type": "int8", "optional": true}, "v": value});
        check("ExtractField$Value", &json!({"field": "a"}), &scalar, Err("int8"));
    }
}

#[test]
fn extract_settings() {
    refuse("ExtractField$Value", &json!({}), &["field"]);
    refuse("ExtractField$Value", &json!({"field": "`a", "field.syntax.version": "V2"}), &["field", "is not closed"]);
    refuse("ExtractField$Value", &json!({"field": "a", "field.syntax.version": "V3"}), &["\"V3\"; possible: V1, V2"]);
}

#[test]
fn headers_without_a_schema() {
    let settings = |operation: &str| json!({"fields": "a,zz,a", "headers": "h1,h2,h3", "operation": operation});
    let input = json!({"v": {"map": {"a": {"i32": 1}, "b": "x"}}, "h": [["h1", null, "before"]]});
    let headers =
        json!([["h1", null, "before"], ["h1", null, {"i32": 1}], ["h2", null, null], ["h3", null, {"i32": 1}]]);
    check("HeaderFrom$Value", &settings("copy"), &input, Ok(json!({"h": headers})));
    check("HeaderFrom$Value", &settings("move"), &input, Ok(json!({"v": {"map": {"b": "x"}}, "h": headers})));
    check("HeaderFrom$Value", &settings("copy"), &json!({"v": null}), Err("the value is of type null, expected a map"));
    check("HeaderFrom$Key", &settings("move"), &json!({"k": "x"}), Err("the key is of type string, expected a map"));
}

#[test]
fn headers_with_a_schema() {
    let mut schema = plain();
    for (key, value) in [("name", json!("n")), ("optional", json!(true)), ("doc", json!("x"))] {
        schema[key] = value;
    }
    let input = json!({"ks": schema, "k": {"a": "x", "d": null}});
    let d = json!({"type": "int32", "default": 5});
    let settings = |operation: &str, fields: &str| json!({"fields": fields, "headers": "h", "operation": operation});
    check("HeaderFrom$Key", &settings("copy", "d"), &input, Ok(json!({"h": [["h", d, 5]]})));
    let rest = json!({"type": "struct", "name": "n", "doc": "x", "fields": [{"field": "a", "type": "string"}]});
    let moved = json!({"ks": rest, "k": {"a": "x"}, "h": [["h", d, 5]]});
    check("HeaderFrom$Key", &settings("move", "d"), &input, Ok(moved));
    // What stays has its defaults filled in.
    let rest =
        json!({"type": "struct", "name": "n", "doc": "x", "fields": [{"field": "d", "type": "int32", "default": 5}]});
    let moved = json!({"ks": rest, "k": {"d": 5}, "h": [["h", {"type": "string"}, "x"]]});
    check("HeaderFrom$Key", &settings("move", "a"), &input, Ok(moved));
    let mut raw = settings("move", "a");
    raw["replace.null.with.default"] = "false".into();
    let moved = json!({"ks": rest, "k": {"d": "UNSET"}, "h": [["h", {"type": "string"}, "x"]]});
    check("HeaderFrom$Key", &raw, &input, Ok(moved));
    let mut raw = settings("copy", "d");
    raw["replace.null.with.default"] = "false".into();
    check("HeaderFrom$Key", &raw, &input, Err("field \"d\": null is no value of the required type int32"));
    check("HeaderFrom$Key", &settings("copy", "zz"), &input, Err("field \"zz\""));
    let null = json!({"ks": schema, "k": null});
    check("HeaderFrom$Key", &settings("copy", "a"), &null, Err("the key is of type null, expected a struct"));
}

#[test]
fn header_settings() {
    let refused = |fields: &str, headers: &str, operation: &str, texts: &[&str]| {
        let settings = json!({"fields": fields, "headers": headers, "operation": operation});
        refuse("HeaderFrom$Value", &settings, texts);
    };
    refused("a,b", "h", "move", &["headers", "2 fields"]);
    refused("", "", "move", &["fields", "headers", "at least 1"]);
    refused("a", "h", "Move", &["operation", "\"move\", \"copy\""]);
    refuse("HeaderFrom$Value", &json!({"fields": "a", "headers": "h"}), &["operation"]);
}

#[test]
fn hoist() {
    let settings = json!({"field": "f"});
    check("HoistField$Value", &settings, &json!({"v": null}), Ok(json!({"v": {"map": {"f": null}}})));
    check(
        "HoistField$Value",
        &settings,
        &json!({"v": {"list": [true]}}),
        Ok(json!({"v": {"map": {"f": {"list": [true]}}}})),
    );
    let schema = |field: &Json| {
        let mut field = field.clone();
        field["field"] = "f".into();
        structure(json!([field]))
    };
    let int = json!({"type": "int32", "doc": "d"});
    check("HoistField$Key", &settings, &json!({"ks": int, "k": 5}), Ok(json!({"ks": schema(&int), "k": {"f": 5}})));
    let optional = json!({"type": "int32", "optional": true});
    let expect = json!({"vs": schema(&optional), "v": {"f": null}});
    check("HoistField$Value", &settings, &json!({"vs": optional, "v": null}), Ok(expect));
    for required in [int, json!({"type": "int32", "default": 1})] {
        check("HoistField$Value", &settings, &json!({"vs": required, "v": null}), Err("the value is null"));
    }
    refuse("HoistField$Value", &json!({}), &["field"]);
}

fn all() -> Json {
    json!({"topic.field": "t!", "partition.field": "p", "offset.field": "o?", "timestamp.field": "ts",
        "static.field": "s", "static.value": " text "})
}

#[test]
fn insert_with_a_schema() {
    let mut schema = plain();
    for (key, value) in [
        ("name", json!("n")),
        ("optional", json!(true)),
        ("version", json!(3)),
        ("doc", json!("x")),
        ("parameters", json!({"q": "r"})),
    ] {
        schema[key] = value;
    }
    let expect = json!({"type": "struct", "name": "n", "version": 3, "doc": "x", "parameters": {"q": "r"}, "fields": [
        {"field": "a", "type": "string"},
        {"field": "d", "type": "int32", "default": 5},
        {"field": "t", "type": "string"},
        {"field": "p", "type": "int32", "optional": true},
        {"field": "o", "type": "int64", "optional": true},
        {"field": "ts", "type": "int64", "optional": true, "name": "org.apache.kafka.connect.data.Timestamp", "version": 1},
        {"field": "s", "type": "string", "optional": true}]});
    let input = json!({"vs": schema, "v": {"a": "x", "d": null}});
    let values =
        |d: Json| json!({"a": "x", "d": d, "t": "orders", "p": 3, "o": 42, "ts": 1_566_570_894_346i64, "s": " text "});
    check("InsertField$Value", &all(), &input, Ok(json!({"vs": expect, "v": values(json!(5))})));
    let mut raw = all();
    raw["replace.null.with.default"] = "false".into();
    check("InsertField$Value", &raw, &input, Ok(json!({"vs": expect, "v": values(json!("UNSET"))})));
    // What the record does not have stays empty, also where it is required.
    let input = json!({"vs": plain(), "v": {"a": "x", "d": 1}, "partition": null, "ts": null, "sink": false});
    let settings = json!({"partition.field": "p!", "timestamp.field": "ts!"});
    let schema = structure(json!([
        {"field": "a", "type": "string"},
        {"field": "d", "type": "int32", "default": 5},
        {"field": "p", "type": "int32"},
        {"field": "ts", "type": "int64", "name": "org.apache.kafka.connect.data.Timestamp", "version": 1}]));
    let expect = json!({"vs": schema, "v": {"a": "x", "d": 1, "p": "UNSET", "ts": "UNSET"}});
    check("InsertField$Value", &settings, &input, Ok(expect));

    check(
        "InsertField$Value",
        &json!({"offset.field": "o"}),
        &input,
        Err("field \"o\": records of a source have no offset"),
    );
    check("InsertField$Value", &json!({"topic.field": "a"}), &input, Err("field \"a\" was added twice"));
    let scalar = json!({"ks": {"type": "string"}, "k": "x"});
    check("InsertField$Key", &all(), &scalar, Err("the key is of type string, expected a struct"));
    let null = json!({"vs": plain(), "v": null});
    check("InsertField$Value", &all(), &null, Ok(json!({})));
}

#[test]
fn insert_without_a_schema() {
    let input = json!({"v": {"map": {"a": "x", "t": "old"}}});
    let expect = json!({"a": "x", "t": "orders", "p": {"i32": 3}, "o": {"i64": 42}, "ts": {"i64": 1_566_570_894_346i64}, "s": " text "});
    check("InsertField$Value", &all(), &input, Ok(json!({"v": {"map": expect}})));
    let source = json!({"v": {"map": {}}, "partition": null, "ts": null, "sink": false});
    let settings = json!({"topic.field": "t", "partition.field": "p", "timestamp.field": "ts"});
    check("InsertField$Value", &settings, &source, Ok(json!({"v": {"map": {"t": "orders"}}})));
    check("InsertField$Value", &all(), &source, Err("field \"o\": records of a source have no offset"));
    check("InsertField$Value", &all(), &json!({"v": "x"}), Err("the value is of type string, expected a map"));
    check("InsertField$Key", &all(), &json!({"k": null}), Ok(json!({})));
}

#[test]
fn insert_settings() {
    refuse(
        "InsertField$Value",
        &json!({}),
        &["topic.field, partition.field, offset.field, timestamp.field, static.field"],
    );
    refuse("InsertField$Value", &json!({"static.field": "s"}), &["static.value"]);
    refuse("InsertField$Value", &json!({"static.value": "s"}), &["no field to insert"]);
}

#[test]
fn keys() {
    let input = json!({"v": {"map": {"a": "x", "b": {"i8": 1}}}, "ks": {"type": "string"}, "k": "old"});
    let expect = json!({"k": {"map": {"b": {"i8": 1}, "zz": null}}});
    check("ValueToKey", &json!({"fields": "b,zz,b"}), &input, Ok(expect));
    let input = json!({"vs": plain(), "v": {"a": "x", "d": null}});
    let d = json!({"field": "d", "type": "int32", "default": 5});
    let expect = json!({"ks": structure(json!([d, {"field": "a", "type": "string"}])), "k": {"d": 5, "a": "x"}});
    check("ValueToKey", &json!({"fields": "d,a"}), &input, Ok(expect));
    let expect = json!({"ks": structure(json!([d])), "k": {"d": "UNSET"}});
    check("ValueToKey", &json!({"fields": "d", "replace.null.with.default": "false"}), &input, Ok(expect));
    check(
        "ValueToKey",
        &json!({"fields": "zz"}),
        &input,
        Err("field \"zz\": struct has no such field; its fields: a, d"),
    );
    check("ValueToKey", &json!({"fields": "a,a"}), &input, Err("added twice"));
    for null in [json!({"v": null}), json!({"vs": plain(), "v": null})] {
        check("ValueToKey", &json!({"fields": "a"}), &null, Err("the value is of type null"));
    }
    check("ValueToKey", &json!({"fields": "a"}), &json!({"vs": {"type": "int8"}, "v": 1}), Err("expected a struct"));
    check("ValueToKey", &json!({"fields": "a"}), &json!({"v": {"i8": 1}}), Err("expected a map"));
    refuse("ValueToKey", &json!({"fields": ""}), &["fields", "at least 1"]);
    refuse("ValueToKey", &json!({}), &["fields"]);
}
