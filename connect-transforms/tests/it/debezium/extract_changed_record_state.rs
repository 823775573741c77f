use serde_json::{Value as Json, json};

use super::{change, loose, others, with};
use crate::rig::check;

const CLASS: &str = "ExtractChangedRecordState";

fn header(name: &str, fields: Json) -> Json {
    let schema =
        json!({"type": "array", "items": {"type": "string", "optional": true}, "optional": true, "name": name});
    json!([name, schema, fields])
}

#[test]
fn changed_fields() {
    let row = |name: Json| json!({"id": 1, "name": name});
    let map = |name: &str| json!({"map": {"id": {"i32": 1}, "name": name}});
    let none = json!(null);
    for (input, changed, unchanged) in [
        (change("u", row(json!("x")), row(json!("y"))), json!(["name"]), json!(["id"])),
        (change("u", row(json!("x")), row(json!("x"))), json!([]), json!(["id", "name"])),
        (change("c", none.clone(), row(json!("x"))), json!([]), json!([])),
        (change("d", row(json!("x")), none.clone()), json!([]), json!([])),
        (loose("u", map("x"), map("y")), json!(["name"]), json!(["id"])),
        (loose("u", json!({"map": {}}), map("y")), json!(["id", "name"]), json!([])),
        (loose("c", none, map("y")), json!([]), json!([])),
    ] {
        let input = with(input, "h", json!([["first", null, "x"]]));
        let both = json!({"header.changed.name": " c ", "header.unchanged.name": "u"});
        let first = json!(["first", null, "x"]);
        let expect = json!({"h": [first, header(" c ", changed.clone()), header("u", unchanged)]});
        check(CLASS, &both, &input, Ok(expect));
        let expect = json!({"h": [first, header("c", changed)]});
        check(CLASS, &json!({"header.changed.name": "c", "header.unchanged.name": " "}), &input, Ok(expect));
        check(CLASS, &json!({}), &input, Ok(json!({})));
    }
    // As the database had it: a null that stands for a default is no default.
    let expect = json!({"h": [header("c", json!(["name"]))]});
    let input = change("u", row(json!(null)), row(json!("nobody")));
    check(CLASS, &json!({"header.changed.name": "c"}), &input, Ok(expect));
}

#[test]
fn other_records() {
    for input in others().into_iter().chain([json!({"v": null})]) {
        check(CLASS, &json!({"header.changed.name": "c"}), &input, Ok(json!({})));
    }
}
