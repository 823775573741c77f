//! Blanks at the ends of settings that are text: they count, as in Kafka Connect.

use connect_api::{Datum, Record, Value as Data};
use connect_transforms::{HasHeaderKey, TopicNameMatches, Value, aiven, confluent};
use serde_json::json;

use crate::kit::{kept, test};
use crate::rig::{check, dropped};

#[test]
fn settings_of_transforms() {
    let map = json!({"map": {" f ": "2020", "g": "x"}});
    for (class, settings, input, output) in [
        (
            "InsertHeader",
            json!({"header": " h ", "value.literal": " x "}),
            json!({}),
            json!({"h": [[" h ", {"type": "string"}, " x "]]}),
        ),
        ("RegexRouter", json!({"regex": " a", "replacement": " b "}), json!({"topic": " a"}), json!({"topic": " b "})),
        ("RegexRouter", json!({"regex": " a", "replacement": "b"}), json!({"topic": "a"}), json!({})),
        (
            "TimestampRouter",
            json!({"topic.format": " ${timestamp} ", "timestamp.format": " yyyy "}),
            json!({"ts": 0}),
            json!({"topic": "  1970  "}),
        ),
        (
            "TimestampConverter$Value",
            json!({"field": " f ", "target.type": "unix", "format": "yyyy"}),
            json!({"v": map}),
            json!({"v": {"map": {" f ": {"i64": 1_577_836_800_000_i64}, "g": "x"}}}),
        ),
        (
            "TimestampConverter$Value",
            json!({"target.type": "string", "format": " yyyy "}),
            json!({"v": {"i64": 0}}),
            json!({"v": " 1970 "}),
        ),
        (
            "ConcatFields$Value",
            json!({"field.names": "g,z", "output.field.name": " o ", "field.replace.missing": " ", "delimiter": " - "}),
            json!({"v": map}),
            json!({"v": {"map": {" f ": "2020", "g": "x", " o ": "x -  "}}}),
        ),
        (
            "ExtractTimestamp$Value",
            json!({"field.name": " t "}),
            json!({"v": {"map": {" t ": {"i64": 5}}}}),
            json!({"ts": 5}),
        ),
        (
            "Hash$Value",
            json!({"field.name": " f ", "function": "md5"}),
            json!({"vs": {"type": "struct", "fields": [{"field": " f ", "type": "string"}]}, "v": {" f ": "abc"}}),
            json!({"vs": {"type": "struct", "fields": [{"field": " f ", "type": "string"}]}, "v": {" f ": "900150983cd24fb0d6963f7d28e17f72"}}),
        ),
        (
            "MessageTimestampRouter",
            json!({"message.timestamp.keys": "f", "message.timestamp.format": " yyyy", "topic.timestamp.format": "yy ", "topic.format": " ${timestamp}"}),
            json!({"v": {"map": {"f": " 2020"}}}),
            json!({"topic": " 20 "}),
        ),
    ] {
        check(class, &settings, &input, Ok(output));
    }
}

#[test]
fn fields_and_patterns_of_filters() {
    let input = json!({"v": {"map": {" f ": "a "}}});
    check(
        "FilterByFieldValue$Value",
        &json!({"field.name": " f ", "field.value.pattern": "a $"}),
        &input,
        Ok(json!({})),
    );
    dropped("FilterByFieldValue$Value", &json!({"field.name": " f ", "field.value.pattern": " a"}), &input);
    dropped("FilterByFieldValue$Value", &json!({"field.name": "f", "field.value.pattern": "a"}), &input);
}

#[test]
fn topics_in_fields() {
    let map = || Record::new("t", Datum::schemaless(vec![(Data::from(" f "), Data::from("x"))]));
    assert_eq!(&*kept::<aiven::ExtractTopic<Value>>(&[("field.name", " f ")], map()).topic, "x");
    assert_eq!(&*kept::<confluent::ExtractTopic<Value>>(&[("field", " f ")], map()).topic, "x");
    // Blanks around a JSON path do not count.
    let path = [("field", " $[' f '] "), ("field.format", "JSON_PATH")];
    assert_eq!(&*kept::<confluent::ExtractTopic<Value>>(&path, map()).topic, "x");
    let headed = Record::new("t", "v").with_header(" h ", "x");
    assert_eq!(&*kept::<confluent::ExtractTopicFromHeader>(&[("field", " h ")], headed).topic, "x");
}

#[test]
fn settings_of_predicates() {
    let record = Record::new(" t ", "v").with_header(" h ", "x");
    for (name, expected) in [(" h ", true), ("h", false)] {
        assert_eq!(test::<HasHeaderKey>(&[("name", name)], &record), Ok(expected));
    }
    for (pattern, expected) in [(" t ", true), ("t", false)] {
        assert_eq!(test::<TopicNameMatches>(&[("pattern", pattern)], &record), Ok(expected));
    }
}
