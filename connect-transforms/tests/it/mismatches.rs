//! What is said of a value that is not of the type a transform works on: what was found, and what was expected.

use serde_json::{Value as Json, json};

use crate::rig::check;

/// A struct whose field `a` is such.
fn of(field: &Json, value: &Json) -> Json {
    let mut field = field.clone();
    field["field"] = "a".into();
    json!({"vs": {"type": "struct", "fields": [field]}, "v": {"a": value}})
}

#[test]
fn found_and_expected() {
    let bytes = of(&json!({"type": "bytes"}), &json!("AQ=="));
    let truth = of(&json!({"type": "boolean"}), &json!(true));
    let list = of(&json!({"type": "array", "items": {"type": "int8"}}), &json!([1]));
    let text = of(&json!({"type": "string"}), &json!("x"));
    let map = of(&json!({"type": "map", "keys": {"type": "string"}, "values": {"type": "int8"}}), &json!({}));
    let missing = of(&json!({"type": "int8", "default": 5}), &json!("UNSET"));
    let number = json!({"v": {"i8": 1}});
    let int8 = json!({"vs": {"type": "int8"}, "v": 1});
    let date = json!({"v": {"map": {"a": {"date": 0}}}});
    let null = json!({"vs": {"type": "int8"}, "v": null});
    let a = json!({"fields": "a"});
    let masked = json!({"fields": "a", "replacement": "z"});
    let header = json!({"fields": "a", "headers": "h", "operation": "copy", "replace.null.with.default": "false"});
    let time = json!({"field": "a", "target.type": "unix"});
    let named = json!({"schema.name": "org.apache.kafka.connect.data.Timestamp"});
    for (class, settings, input, found, expected) in [
        ("Cast$Value", json!({"spec": "a:int8"}), &list, "type array", "to int8, a boolean, number, string, date"),
        ("Cast$Value", json!({"spec": "a:int8"}), &bytes, "type bytes", "bytes can be cast to string"),
        ("Cast$Value", json!({"spec": "a:string"}), &list, "type array", "a boolean, number, string, bytes, date"),
        ("Cast$Value", json!({"spec": "a:int8"}), &text, "\"x\"", "int8"),
        (
            "Cast$Value",
            json!({"spec": "a:int8"}),
            &date,
            "type instant",
            "boolean, number, string or bytes was expected",
        ),
        ("Cast$Value", json!({"spec": "a:int8"}), &number, "type int8", "expected a map"),
        ("ExtractField$Value", json!({"field": "a"}), &number, "int8", "a map"),
        ("ExtractField$Value", json!({"field": "a"}), &int8, "int8", "a struct"),
        ("Flatten$Value", json!({}), &map, "a map", "structs, arrays, primitive types"),
        (
            "Flatten$Value",
            json!({}),
            &date,
            "type instant",
            "boolean, number, string, bytes, array or map was expected",
        ),
        ("Flatten$Value", json!({}), &int8, "type int8", "expected a struct"),
        ("HeaderFrom$Value", header.clone(), &missing, "null", "type int8"),
        ("HeaderFrom$Value", header, &number, "type int8", "expected a map"),
        ("HoistField$Value", json!({"field": "a"}), &null, "null", "type int8 was expected"),
        ("InsertField$Value", json!({"topic.field": "a"}), &number, "type int8", "expected a map"),
        ("InsertField$Value", json!({"topic.field": "a"}), &int8, "type int8", "expected a struct"),
        ("MaskField$Value", a.clone(), &bytes, "type bytes", "a boolean, number, string, date or time, array or map"),
        ("MaskField$Value", masked.clone(), &truth, "type boolean", "a number or string was expected"),
        ("MaskField$Value", masked, &of(&json!({"type": "int8"}), &json!(1)), "\"z\"", "int8, a number was expected"),
        ("MaskField$Value", a.clone(), &number, "type int8", "expected a map"),
        ("ReplaceField$Value", json!({"exclude": "a"}), &int8, "type int8", "expected a struct"),
        ("SetSchemaMetadata$Value", json!({"schema.name": "n"}), &number, "int8 was found", "a value with a schema"),
        ("SetSchemaMetadata$Value", named, &int8, "type int8", "int64 was expected"),
        ("TimestampConverter$Value", time.clone(), &truth, "boolean", "Date, Time, Timestamp, int64 or string"),
        ("TimestampConverter$Value", time, &number, "int8", "a map"),
        ("ValueToKey", a.clone(), &number, "type int8", "expected a map"),
        ("ValueToKey", a, &int8, "type int8", "expected a struct"),
    ] {
        for text in [found, expected] {
            check(class, &settings, input, Err(text));
        }
    }
}
