//! Maps without a schema, which transforms change where they stand when nobody else has them.

use connect_api::{Record, Result, Transform, Value as Data};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::arbitrary::values;
use crate::rig::{record, transform};

/// Transforms that change maps: a name and settings each. They add, drop, rename, change and look inside.
fn rows() -> Vec<(&'static str, Json)> {
    let both = json!({"exclude": "c", "renames": "a:b,b:a"});
    let paths = json!({"include": "a.b,b", "renames": "b.a:z", "field.syntax.version": "V2"});
    let insert = json!({"topic.field": "a", "timestamp.field": "t", "static.field": "t", "static.value": "x"});
    vec![
        ("Cast$Value", json!({"spec": "a:int8,b:string"})),
        ("Cast$Value", json!({"spec": "a.b:boolean,c:int32,b.b:string", "field.syntax.version": "V2"})),
        ("MaskField$Value", json!({"fields": "a,b"})),
        ("MaskField$Value", json!({"fields": "b.a,c,a", "replacement": "7", "field.syntax.version": "V2"})),
        ("ReplaceField$Value", both),
        ("ReplaceField$Value", paths),
        ("InsertField$Value", insert),
        ("InsertField$Value", json!({"static.field": "b", "static.value": "x", "offset.field": "c"})),
        ("HeaderFrom$Value", json!({"fields": "b,a,b", "headers": "x,y,z", "operation": "move"})),
        ("Flatten$Value", json!({})),
        ("HoistField$Value", json!({"field": "a"})),
        ("TimestampConverter$Value", json!({"field": "a", "target.type": "unix"})),
        ("ConcatFields$Value", json!({"field.names": "a,c", "output.field.name": "b"})),
    ]
}

fn made(class: &str, settings: &Json) -> Box<dyn Transform> {
    transform(class, settings).expect("a known class").expect("right settings")
}

/// A copy that shares no map with the value.
fn copied(value: &Data) -> Data {
    match value {
        Data::Map(entries) => {
            entries.iter().map(|(key, value)| (copied(key), copied(value))).collect::<Vec<_>>().into()
        }
        Data::Array(elements) => elements.iter().map(copied).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

fn of(value: Data) -> Record {
    let mut record = record(&json!({}));
    record.value = value.into();
    record
}

/// An error, or what became of the record.
fn outcome(transform: &dyn Transform, record: &mut Record) -> Result<(), String> {
    transform.transform(record).map(drop).map_err(|error| format!("{error:?}"))
}

/// Maps in which everything changes up to a place that fails, with what the error says.
#[test]
fn an_error_leaves_a_map_as_it_was() {
    let v2 = |key: &str, fields: &str| json!({key: fields, "field.syntax.version": "V2"});
    let offset = json!({"topic.field": "a", "static.field": "b", "static.value": "x", "offset.field": "o"});
    let nested = json!({"map": {"a": {"i8": 1}, "m": {"map": {"a": {"i8": 1}, "b": "x"}}}});
    let rows = [
        (
            "Cast$Value",
            json!({"spec": "a:string,new:int8,b:int8"}),
            json!({"map": {"a": {"i8": 1}, "b": "x"}}),
            "\"b\"",
        ),
        ("Cast$Value", v2("spec", "a:string,m.a:string,m.b:int8"), nested.clone(), "field \"m\": field \"b\""),
        ("Cast$Value", v2("spec", "m.a:string,a.b:int8"), nested.clone(), "field \"a\": a path leads"),
        ("MaskField$Value", json!({"fields": "a,new,b"}), json!({"map": {"a": "x", "b": {"bytes": "AQ=="}}}), "\"b\""),
        ("MaskField$Value", v2("fields", "m.a,m.b.c"), nested.clone(), "field \"m\": field \"b\": a path leads"),
        ("ReplaceField$Value", v2("exclude", "m.a,a.b"), nested.clone(), "field \"a\": a path leads"),
        ("ReplaceField$Value", v2("renames", "m.a:z,m.b.c:y"), nested.clone(), "field \"m\": field \"b\": a path"),
        ("InsertField$Value", offset, nested.clone(), "field \"o\""),
        ("Flatten$Value", json!({}), json!({"map": {"m": {"map": {"a": "x"}}, "d": {"date": 0}}}), "field \"d\""),
        ("Flatten$Value", json!({}), json!({"map": {"m": {"pairs": [["a", "x"], [{"i8": 1}, "y"]]}}}), "m: a map key"),
        (
            "TimestampConverter$Value",
            json!({"field": "a", "target.type": "unix"}),
            json!({"map": {"a": true}}),
            "\"a\"",
        ),
    ];
    for (class, settings, value, text) in rows {
        // A source's record, which has no offset.
        let input = json!({"v": value, "sink": false});
        let (mut alone, shared) = (record(&input), record(&input));
        let said = outcome(&*made(class, &settings), &mut alone).expect_err("a failure");
        assert!(said.contains(text), "{class} {settings}: {said:?} should say {text:?}");
        assert_eq!(alone, shared, "{class} {settings} failed and changed its record");
        let mut other = shared.clone();
        assert_eq!(outcome(&*made(class, &settings), &mut other), Err(said), "{class} {settings}");
        assert_eq!(other, record(&input), "{class} {settings} failed and changed its record");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What becomes of a map does not depend on who else has it, and for others it stays as it was.
    #[test]
    fn shared_or_not(value in values()) {
        for (class, settings) in rows() {
            let transform = made(class, &settings);
            let (mut alone, mut shared) = (of(copied(&value)), of(value.clone()));
            let before = copied(&value);
            let outcomes = [&mut alone, &mut shared].map(|record| outcome(&*transform, record));
            prop_assert_eq!(&outcomes[0], &outcomes[1], "{} {}", class, settings);
            prop_assert_eq!(&alone, &shared, "{} {}", class, settings);
            prop_assert_eq!(&value, &before, "{} {} changed what it shares", class, settings);
            prop_assert!(outcomes[0].is_ok() || alone == of(before), "{} {} failed and changed {:?}", class, settings, alone);
        }
    }
}
