//! What holds for any row in an envelope.

use connect_api::{Datum, ErrorKind, Flow, Record, Schema, Struct, Type, Value};
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use crate::arbitrary::{data, texts, values};
use crate::rig::transform;

/// An envelope whose rows are any data, of one schema or of none.
fn envelopes() -> impl Strategy<Value = Datum> {
    let op = prop::sample::select(vec!["c", "u", "d", "r", "t"]);
    let structs = (data(), op.clone(), any::<[bool; 2]>()).prop_map(|(row, op, [before, after])| {
        let schema = row.schema.unwrap();
        let envelope = Schema::structure().name("x.Envelope").field("before", &schema).field("after", &schema);
        let envelope = envelope.field("source", Type::String).field("op", Type::String).build().unwrap();
        let row = |there| if there { row.value.clone() } else { Value::Null };
        Struct::unchecked(&envelope, vec![row(before), row(after), "s".into(), op.into()]).into()
    });
    let maps = (option::of(values()), option::of(values()), texts(), op).prop_map(|(before, after, text, op)| {
        let source = Value::from(vec![(Value::from("table"), Value::from(text))]);
        let entries = [("before", before.into()), ("after", after.into()), ("source", source), ("op", op.into())];
        let entries: Vec<_> = entries.into_iter().map(|(name, value)| (Value::from(name), value)).collect();
        Datum::schemaless(entries)
    });
    prop_oneof![structs, maps]
}

proptest! {
    #[test]
    fn no_row_breaks_a_transform(envelope in envelopes(), key in data(), dropped in "[abc]") {
        for (class, settings) in [
            ("ByLogicalTableRouter", json!({"topic.regex": "(.*)", "topic.replacement": "$1.x", "key.field.name": "a"})),
            ("EventRouter", json!({"route.by.field": "a", "table.field.event.id": "a", "table.field.event.key": "a",
                "table.field.event.payload": "b", "table.fields.additional.placement": "c:envelope,b:header",
                "table.fields.additional.error.on.missing": "false", "table.expand.json.payload": "true"})),
            ("ExtractChangedRecordState", json!({"header.changed.name": "a"})),
            ("ExtractNewRecordState", json!({"delete.tombstone.handling.mode": "rewrite", "add.fields": "op,before,a",
                "add.headers": "source,after.b", "drop.fields.header.name": "d", "drop.fields.from.key": "true"})),
            ("HeaderToValue", json!({"headers": "d,e", "fields": "after.a.b,x.y", "operation": "move"})),
            ("PartitionRouting", json!({"partition.payload.fields": "change.a,after", "partition.topic.num": "7"})),
            ("TimezoneConverter", json!({"converted.timezone": "-01:00"})),
        ] {
            let names = Datum::schemaless(vec![Value::from(dropped.as_str())]);
            let text = Datum::new(Schema::required(Type::String), "e");
            let before = Record::new("t", envelope.clone()).with_key(key.clone());
            let before = before.with_header("d", names).with_header("e", text);
            let mut after = before.clone();
            match transform(class, &settings).unwrap().unwrap().transform(&mut after) {
                Ok(Flow::Drop) => {}
                Ok(Flow::Keep) => {
                    for datum in [&after.key, &after.value] {
                        if let Value::Struct(structure) = &datum.value {
                            prop_assert_eq!(datum.schema.as_ref(), Some(structure.schema()));
                            prop_assert_eq!(structure.values().len(), structure.schema().fields().len());
                        }
                    }
                }
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::Data);
                    prop_assert_eq!(&after, &before, "{} failed with {:?}", class, error);
                }
            }
        }
    }
}
