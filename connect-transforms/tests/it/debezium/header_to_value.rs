use serde_json::{Value as Json, json};

use super::{field, optional, structure, with};
use crate::rig::{check, refuse};

const CLASS: &str = "HeaderToValue";

fn settings(headers: &str, fields: &str, operation: &str) -> Json {
    json!({"headers": headers, "fields": fields, "operation": operation})
}

fn value() -> Json {
    let inner = with(with(structure("inner", json!([field("a", "int32")])), "optional", true), "field", "s");
    structure("outer", json!([field("id", "int32"), inner, optional("t", "string")]))
}

/// A record with the headers `h` and `n`.
fn input(s: Json) -> Json {
    let headers =
        json!([["h", {"type": "string"}, "x"], ["other", null, "y"], ["n", {"type": "int32", "optional": true}, 5]]);
    json!({"vs": value(), "v": {"id": 1, "s": s, "t": null}, "h": headers})
}

fn without(input: &Json, names: &[&str]) -> Json {
    let headers = input["h"].as_array().unwrap().iter();
    headers.filter(|header| !names.contains(&header[0].as_str().unwrap())).cloned().collect()
}

#[test]
fn headers_become_fields() {
    let input = input(json!({"a": 1}));
    let mut longer = value();
    longer["fields"].as_array_mut().unwrap().extend([field("f", "string"), optional("g", "int32")]);
    let expect = json!({"vs": longer, "v": {"id": 1, "s": {"a": 1}, "t": null, "f": "x", "g": 5}});
    check(CLASS, &settings("n,h", "g,f", "copy"), &input, Ok(expect.clone()));
    let moved = with(expect, "h", without(&input, &["h", "n"]));
    check(CLASS, &settings("n,h,nope", "g,f,z", "Move"), &input, Ok(moved));
    // Into a struct that there is, one that there is not, and a field that there is.
    let mut nested = value();
    nested["fields"][1]["fields"].as_array_mut().unwrap().push(field("f", "string"));
    let expect = json!({"vs": nested, "v": {"id": 1, "s": {"a": 1, "f": "x"}, "t": null}});
    check(CLASS, &settings("h", "s.f", "copy"), &input, Ok(expect));
    let made = json!({"type": "struct", "optional": true, "field": "b", "fields": [field("c", "string")]});
    let made = json!({"type": "struct", "optional": true, "field": "n", "fields": [made, optional("d", "int32")]});
    let mut outer = value();
    outer["fields"].as_array_mut().unwrap().push(made);
    let expect = json!({"vs": outer, "v": {"id": 1, "s": {"a": 1}, "t": null, "n": {"b": {"c": "x"}, "d": 5}}});
    check(CLASS, &settings("h,n", "n.b.c,n.d", "copy"), &input, Ok(expect));
    let expect = json!({"vs": value(), "v": {"id": 5, "s": {"a": 1}, "t": "x"}});
    check(CLASS, &settings("h,n", "t,id", "copy"), &input, Ok(expect));
}

#[test]
fn a_struct_that_is_null_stays_null() {
    let mut nested = value();
    nested["fields"][1]["fields"].as_array_mut().unwrap().push(field("f", "string"));
    let expect = json!({"vs": nested, "v": {"id": 1, "s": null, "t": null}});
    check(CLASS, &settings("h", "s.f", "copy"), &input(json!(null)), Ok(expect));
}

#[test]
fn maps() {
    let input = json!({"v": {"map": {"s": {"map": {}}, "z": null}}, "h": [["h", {"type": "string"}, "x"], ["g", null, {"i8": 1}]]});
    let expect = json!({"v": {"map": {"s": {"map": {"f": "x"}}, "z": null, "n": {"map": {"m": {"i8": 1}}}}}, "h": []});
    check(CLASS, &settings("h,g", "s.f,n.m", "move"), &input, Ok(expect));
    let expect = json!({"v": {"map": {"s": "x", "z": null}}});
    check(CLASS, &settings("h,g", "s,z.a", "copy"), &input, Ok(expect));
    let error = "header \"g\": field \"s\": a path leads into a value of type string, expected a map";
    check(CLASS, &settings("h,g", "s,s.a", "copy"), &input, Err(error));
}

#[test]
fn records_that_stay() {
    let copy = settings("h", "f", "move");
    check(CLASS, &copy, &json!({"v": null, "h": [["h", null, "x"]]}), Ok(json!({})));
    check(CLASS, &copy, &json!({"v": "text", "h": [["other", null, "x"]]}), Ok(json!({})));
    let error = "the value is string, a struct or map was expected";
    check(CLASS, &copy, &json!({"v": "text", "h": [["h", null, "x"]]}), Err(error));
    let error = "header \"other\": it has no schema";
    check(CLASS, &settings("other", "f", "copy"), &input(json!(null)), Err(error));
    let error = "header \"h\": field \"id\": a value of type string was found where int32 was expected";
    check(CLASS, &settings("h", "id", "copy"), &input(json!(null)), Err(error));
    let error = "header \"h\": field \"id\": a path leads into a value of type int32, expected a struct";
    check(CLASS, &settings("h", "id.x", "copy"), &input(json!(null)), Err(error));
}

#[test]
fn settings_that_are_wrong() {
    refuse(CLASS, &json!({}), &["headers", "fields", "operation"]);
    refuse(CLASS, &settings("a,b", "c", "copy"), &["fields", "2 headers need as many fields; found 1"]);
    refuse(CLASS, &settings("a", "c", "delete"), &["operation", "move, copy"]);
    for path in ["a..b", ".a", "a b"] {
        refuse(CLASS, &settings("a", path, "copy"), &["fields", path]);
    }
}
