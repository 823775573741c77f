//! What holds for any record.

use std::sync::Arc;

use connect_api::{Batch, Datum, Flow, Outcome, Record, Result, Transform, TransformPlugin, Value as Data};
use connect_transforms::{
    Cast, CastConfig, DropHeaders, ExtractField, ExtractFieldConfig, Flatten, FlattenConfig, HeaderFrom,
    HeaderFromConfig, HeaderFromOperation, HoistField, HoistFieldConfig, InsertField, InsertFieldConfig, InsertHeader,
    MaskField, MaskFieldConfig, RegexRouter, ReplaceField, ReplaceFieldConfig, SetSchemaMetadata,
    SetSchemaMetadataConfig, TimestampConverter, TimestampRouter, Value, ValueToKey, ValueToKeyConfig,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::arbitrary::{data, names, texts, values};
use crate::kit::transform;

const TYPES: [&str; 8] = ["int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string"];

fn boxed(made: Result<impl Transform + 'static>) -> Arc<dyn Transform> {
    Arc::new(made.unwrap())
}

fn made<T: TransformPlugin>(settings: &[(&str, &str)]) -> Arc<dyn Transform> {
    Arc::new(transform::<T>(settings).unwrap())
}

/// All transforms, on the fields that generated data has.
fn transforms() -> Vec<(String, Arc<dyn Transform>)> {
    let v2 = || "V2".to_owned();
    let mut all = vec![
        ("flatten".into(), boxed(Flatten::<Value>::new(FlattenConfig::default()))),
        ("hoist".into(), boxed(HoistField::<Value>::new(HoistFieldConfig { field: "h".into() }))),
        ("key".into(), boxed(ValueToKey::new(ValueToKeyConfig::new(["a"])))),
        ("key of two".into(), boxed(ValueToKey::new(ValueToKeyConfig::new(["b", "a"])))),
    ];
    for ty in TYPES {
        all.push((ty.into(), boxed(Cast::<Value>::new(CastConfig::new([ty])))));
        let fields = CastConfig::new([format!("a:{ty}"), format!("b:{ty}")]);
        all.push((format!("fields to {ty}"), boxed(Cast::<Value>::new(fields))));
        let paths =
            CastConfig { field_syntax_version: v2(), ..CastConfig::new([format!("a.b:{ty}"), format!("c:{ty}")]) };
        all.push((format!("paths to {ty}"), boxed(Cast::<Value>::new(paths))));
    }
    all.push(("insert header".into(), made::<InsertHeader>(&[("header", "a"), ("value.literal", "[1, \"a\"]")])));
    all.push(("drop headers".into(), made::<DropHeaders>(&[("headers", "a,b")])));
    all.push(("timestamp to topic".into(), made::<TimestampRouter>(&[("timestamp.format", "G yyyy YYYY w D EEE")])));
    for (regex, replacement) in [("(.)(.*)", "$2$1"), ("(a|b)*+.*?", "${topic}"), (".*", "$9")] {
        let settings = [("regex", regex), ("replacement", replacement)];
        all.push((format!("{regex} to {replacement}"), made::<RegexRouter>(&settings)));
    }
    for (target, precision) in [
        ("string", "seconds"),
        ("unix", "microseconds"),
        ("unix", "nanoseconds"),
        ("Date", "milliseconds"),
        ("Time", "seconds"),
        ("Timestamp", "seconds"),
    ] {
        for field in ["", "a"] {
            let format = ("format", "yyyy-MM-dd'T'HH:mm:ss.SSS z");
            let settings = [("target.type", target), ("unix.precision", precision), ("field", field), format];
            all.push((format!("{precision} of {field:?} to {target}"), made::<TimestampConverter<Value>>(&settings)));
        }
    }
    for replace_null_with_default in [true, false] {
        let name = |name: &str| format!("{name}, defaults {replace_null_with_default}");
        for field in ["a", "a.b", "`a.b`"] {
            let config = ExtractFieldConfig {
                field_syntax_version: v2(),
                replace_null_with_default,
                ..ExtractFieldConfig::new(field)
            };
            all.push((name(field), boxed(ExtractField::<Value>::new(config))));
        }
        for operation in [HeaderFromOperation::Move, HeaderFromOperation::Copy] {
            let (fields, headers) = (vec!["a".into()], vec!["h".into()]);
            let config = HeaderFromConfig { fields, headers, operation, replace_null_with_default };
            all.push((name("header"), boxed(HeaderFrom::<Value>::new(config))));
        }
        let config = InsertFieldConfig {
            topic_field: Some("c!".into()),
            timestamp_field: Some("t".into()),
            replace_null_with_default,
            ..Default::default()
        };
        all.push((name("insert"), boxed(InsertField::<Value>::new(config))));
        for replacement in [None, Some("12".to_owned())] {
            let config = MaskFieldConfig {
                field_syntax_version: v2(),
                replacement,
                replace_null_with_default,
                ..MaskFieldConfig::new(["a", "b.a"])
            };
            all.push((name("mask"), boxed(MaskField::<Value>::new(config))));
        }
        let config = ReplaceFieldConfig {
            exclude: vec!["a".into()],
            renames: vec!["b:a".into()],
            replace_null_with_default,
            ..Default::default()
        };
        all.push((name("replace"), boxed(ReplaceField::<Value>::new(config))));
        let config = ReplaceFieldConfig {
            include: vec!["a.b".into(), "b".into()],
            renames: vec!["b.a:z".into()],
            field_syntax_version: v2(),
            replace_null_with_default,
            ..Default::default()
        };
        all.push((name("replace paths"), boxed(ReplaceField::<Value>::new(config))));
        for schema_name in ["n", "org.apache.kafka.connect.data.Timestamp"] {
            let schema_name = Some(schema_name.to_owned());
            let config = SetSchemaMetadataConfig { schema_name, schema_version: Some(2), replace_null_with_default };
            all.push((name("metadata"), boxed(SetSchemaMetadata::<Value>::new(config))));
        }
    }
    all
}

/// Any record around the data.
fn records(data: impl Strategy<Value = Datum>) -> impl Strategy<Value = Record> {
    let topic = prop_oneof![names(), texts()];
    (data, topic, option::of(any::<i64>()), vec(names(), 0..3)).prop_map(|(value, topic, timestamp, headers)| {
        let mut record = Record::new(topic, value);
        record.timestamp = timestamp;
        for name in headers {
            record.headers.add(name, 1);
        }
        record
    })
}

/// What a transform makes of a record, and whether it failed.
fn outcome(transform: &dyn Transform, original: &Record) -> (Record, bool) {
    let mut record = original.clone();
    let flow = transform.transform(&mut record);
    assert_ne!(flow.as_ref().ok(), Some(&Flow::Drop), "nothing is dropped");
    (record, flow.is_err())
}

/// The value fits its schema, wherever the value before did.
fn fits(datum: &Datum) -> Result<()> {
    match &datum.schema {
        Some(schema) if !datum.is_null() => schema.validate(&datum.value),
        _ => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Nothing panics; what comes out is of its schema; a record that fails is as it was.
    #[test]
    fn data_with_a_schema(record in records(data())) {
        for (name, transform) in transforms() {
            let (changed, failed) = outcome(&*transform, &record);
            if failed {
                prop_assert_eq!(&changed, &record, "{}", name);
                continue;
            }
            for datum in [&changed.key, &changed.value] {
                if let Err(error) = fits(datum) {
                    panic!("{name} made a wrong value: {error:?}\n{record:?}\n{changed:?}");
                }
            }
        }
    }

    #[test]
    fn data_without_a_schema(record in records(values().prop_map(Datum::schemaless))) {
        for (name, transform) in transforms() {
            let (changed, failed) = outcome(&*transform, &record);
            prop_assert!(!failed || changed == record, "{} failed and changed {:?}", name, record);
        }
    }

    /// A batch is record by record.
    #[test]
    fn batches(records in vec(records(prop_oneof![data(), values().prop_map(Datum::schemaless)]), 0..6)) {
        for (name, transform) in transforms() {
            let mut together = records.clone();
            let mut batch = Batch::new(&mut together);
            transform.transform_batch(&mut batch);
            let failed: Vec<bool> = batch.into_outcomes().map(|outcome| matches!(outcome, Outcome::Failed(_))).collect();
            for ((original, changed), failed) in records.iter().zip(&together).zip(failed) {
                let (alone, failed_alone) = outcome(&*transform, original);
                prop_assert_eq!(failed_alone, failed, "{}", name);
                prop_assert_eq!(&alone, changed, "{}", name);
            }
        }
    }

    /// A flat struct has no struct in it, and flattening it again changes nothing.
    #[test]
    fn flat_is_flat(mut once in records(data())) {
        let flatten = Flatten::<Value>::new(FlattenConfig::default()).unwrap();
        if flatten.transform(&mut once).is_ok() && !once.value.is_null() {
            let structure = once.value.value.as_struct().unwrap();
            prop_assert!(structure.values().iter().all(|value| !matches!(value, Data::Struct(_))));
            let mut twice = once.clone();
            let _ = flatten.transform(&mut twice).unwrap();
            prop_assert!(Arc::ptr_eq(once.value.schema.as_ref().unwrap(), twice.value.schema.as_ref().unwrap()));
        }
    }
}
