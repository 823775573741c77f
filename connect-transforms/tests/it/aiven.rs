//! Aiven's transforms.

use connect_api::{Datum, Record, Schema, Struct, Type, Value as Data};
use connect_transforms::aiven::{
    ConcatFields, ExtractTimestamp, ExtractTopic, FilterByFieldValue, Hash, MakeTombstone, TombstoneHandler,
};
use connect_transforms::{Key, Value};

use crate::kit::{failure, kept, refuses, run};

fn map(entries: &[(&str, Data)]) -> Datum {
    Datum::schemaless(entries.iter().map(|(key, value)| (Data::from(*key), value.clone())).collect::<Vec<_>>())
}

/// A struct of optional fields.
fn structure(fields: &[(&str, Type, Data)]) -> Datum {
    let builder = fields
        .iter()
        .fold(Schema::structure().name("n"), |builder, (name, ty, _)| builder.field(*name, Schema::optional(*ty)));
    let values: Vec<Data> = fields.iter().map(|(_, _, value)| value.clone()).collect();
    Struct::of(&builder.build().unwrap(), values).unwrap().into()
}

fn null(ty: Type) -> Datum {
    Datum::new(Schema::optional(ty), Data::Null)
}

#[test]
fn timestamps() {
    let seconds = ("timestamp.resolution", "seconds");
    for (settings, field, expected) in [
        (&[("field.name", "ts")][..], Data::from(5i64), 5),
        (&[("field.name", "ts"), ("timestamp.resolution", "milliseconds")], 5i64.into(), 5),
        (&[("field.name", "ts"), seconds], 5i64.into(), 5000),
        (&[("field.name", "ts"), seconds], Data::Instant(5), 5),
        (&[("field.name", "ts"), seconds], i64::MAX.into(), i64::MAX),
    ] {
        let record = kept::<ExtractTimestamp<Value>>(settings, Record::new("t", map(&[("ts", field.clone())])));
        assert_eq!(record.timestamp, Some(expected));
        if let Data::Int64(_) = field {
            let key = structure(&[("ts", Type::Int64, field)]);
            let record = kept::<ExtractTimestamp<Key>>(settings, Record::new("t", "v").with_key(key));
            assert_eq!(record.timestamp, Some(expected));
        }
    }
    for (datum, text) in [
        (map(&[("ts", 5.into())]), "field \"ts\": int64 or a timestamp was expected, int32 was found"),
        (map(&[]), "null was found"),
        (structure(&[("x", Type::Int64, 5i64.into())]), "null was found"),
        (Datum::NULL, "the value is null, a struct or map"),
        ("x".into(), "the value is string, a struct or map"),
    ] {
        let message = failure::<ExtractTimestamp<Value>>(&[("field.name", "ts")], Record::new("t", datum));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    refuses::<ExtractTimestamp<Value>>(&[
        (&[], &["field.name"]),
        (&[("field.name", "")], &["field.name"]),
        (&[("field.name", "a"), ("timestamp.resolution", "days")], &["milliseconds", "seconds"]),
    ]);
}

#[test]
fn topics() {
    let field = ("field.name", "f");
    for (value, expected) in
        [(Data::from("x"), "x"), (true.into(), "true"), (5i8.into(), "5"), (5i64.into(), "5"), (0.5f64.into(), "0.5")]
    {
        let record = kept::<ExtractTopic<Value>>(&[], Record::new("t", Datum::schemaless(value.clone())));
        assert_eq!(&*record.topic, expected);
        let record = kept::<ExtractTopic<Value>>(&[field], Record::new("t", map(&[("f", value)])));
        assert_eq!(&*record.topic, expected);
    }
    let skip = ("skip.missing.or.null", "true");
    for (settings, key) in [
        (&[skip][..], Datum::NULL),
        (&[skip], " ".into()),
        (&[skip, field], map(&[])),
        (&[skip, field], map(&[("f", Data::Null)])),
        (&[skip, field], structure(&[("x", Type::String, Data::Null)])),
        (&[skip, field], structure(&[("f", Type::String, Data::Null)])),
        (&[skip, field], structure(&[("f", Type::String, "".into())])),
    ] {
        let record = || Record::new("t", "v").with_key(key.clone());
        assert_eq!(kept::<ExtractTopic<Key>>(settings, record()), record());
        let message = failure::<ExtractTopic<Key>>(&settings[1..], record());
        assert!(message.contains("is null, missing or blank"), "{message}");
    }
    for (settings, value, text) in [
        (&[][..], map(&[]), "the value: a string, number or boolean was expected, map was found"),
        (&[field], "x".into(), "the value is string, a struct or map"),
        (&[skip, field], Datum::NULL, "the value is null, a struct or map"),
        (&[field], map(&[("f", vec![0u8].into())]), "field \"f\" of the value: a string, number or boolean"),
    ] {
        let message = failure::<ExtractTopic<Value>>(settings, Record::new("t", value));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
}

#[test]
fn hashes() {
    let text = |text: &str| Datum::new(Schema::required(Type::String), text);
    for (function, hash) in [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ] {
        let function = ("function", function);
        assert_eq!(kept::<Hash<Value>>(&[function], Record::new("t", text("abc"))).value, text(hash));
        let key = structure(&[("a", Type::String, "abc".into()), ("b", Type::Int32, 1.into())]);
        let record = Record::new("t", "v").with_key(key);
        let hashed = kept::<Hash<Key>>(&[function, ("field.name", "a")], record).key;
        assert_eq!(hashed, structure(&[("a", Type::String, hash.into()), ("b", Type::Int32, 1.into())]));
    }
    let settings = [("function", "md5"), ("skip.missing.or.null", "true"), ("field.name", "a")];
    for (settings, datum, text) in [
        (&settings[..2], null(Type::String), "null, a string was expected"),
        (&settings, structure(&[("b", Type::String, "x".into())]), "has no field \"a\""),
        (&settings, structure(&[("a", Type::String, Data::Null)]), "field \"a\" is null"),
    ] {
        let record = Record::new("t", datum);
        assert_eq!(kept::<Hash<Value>>(settings, record.clone()), record);
        let without: Vec<_> = settings.iter().copied().filter(|(key, _)| !key.starts_with("skip")).collect();
        let message = failure::<Hash<Value>>(&without, record);
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    for (settings, datum, text) in [
        (&settings[..1], "x".into(), "has no schema"),
        (&settings[..1], null(Type::Int32), "the value is int32, string was expected"),
        (&settings, text("x"), "the value is string, struct was expected"),
        (&settings, structure(&[("a", Type::Int32, 1.into())]), "field \"a\" is int32, a string was expected"),
    ] {
        let message = failure::<Hash<Value>>(settings, Record::new("t", datum));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    let schema = structure(&[("a", Type::String, Data::Null)]).schema.unwrap().to_builder().optional();
    let tombstone = Record::new("t", Datum::new(schema.build().unwrap(), Data::Null));
    assert!(failure::<Hash<Value>>(&settings, tombstone).contains("the value is null, a struct was expected"));
    refuses::<Hash<Value>>(&[(&[], &["function"]), (&[("function", "md4")], &["md5", "sha1", "sha256"])]);
}

#[test]
fn tombstones() {
    for tombstone in [Datum::NULL, null(Type::String)] {
        let record = || Record::new("t", tombstone.clone()).with_key("k");
        for behavior in ["drop_silent", "drop_warn"] {
            assert_eq!(run::<TombstoneHandler>(&[("behavior", behavior)], record()).unwrap(), None);
        }
        assert!(failure::<TombstoneHandler>(&[("behavior", "fail")], record()).contains("the value is null"));
    }
    for behavior in ["drop_silent", "drop_warn", "fail"] {
        let record = Record::new("t", "").with_key("k");
        assert_eq!(kept::<TombstoneHandler>(&[("behavior", behavior)], record.clone()), record);
    }
    refuses::<TombstoneHandler>(&[
        (&[], &["behavior"]),
        (&[("behavior", "ignore")], &["drop_silent", "drop_warn", "fail"]),
    ]);
    let made = kept::<MakeTombstone>(&[], Record::new("t", structure(&[])).with_key("k"));
    assert_eq!(made, Record::new("t", Datum::NULL).with_key("k"));
}

#[test]
fn joined_fields() {
    let settings =
        [("field.names", "a, b, zz"), ("output.field.name", "out"), ("delimiter", "-"), ("field.replace.missing", "*")];
    let old = structure(&[("a", Type::Int32, 1.into()), ("b", Type::String, Data::Null)]);
    let new = kept::<ConcatFields<Value>>(&settings, Record::new("t", old)).value;
    assert_eq!(new.value.to_string(), "Struct{a=1,out=1-*-*}");
    let schema = new.schema.unwrap();
    // As in Java nothing but the fields is left of the schema.
    assert_eq!((schema.name(), schema.field("out").unwrap().schema.is_optional()), (None, true));

    let old = map(&[("b", "x".into()), ("out", "old".into()), ("a", 1.5.into())]);
    let new = kept::<ConcatFields<Key>>(&settings, Record::new("t", "v").with_key(old)).key;
    assert_eq!(new, map(&[("b", "x".into()), ("out", "1.5-x-*".into()), ("a", 1.5.into())]));
    let new = kept::<ConcatFields<Value>>(&settings[..2], Record::new("t", map(&[("b", "x".into())]))).value;
    assert_eq!(new, map(&[("b", "x".into()), ("out", "x".into())]));

    let taken = structure(&[("out", Type::String, "x".into())]);
    for (datum, text) in [
        (Datum::NULL, "the value is null, a struct or map was expected"),
        ("x".into(), "the value is string, a struct or map was expected"),
        (taken, "\"out\" was added twice"),
    ] {
        let message = failure::<ConcatFields<Value>>(&settings, Record::new("t", datum));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    refuses::<ConcatFields<Value>>(&[
        (&settings[..1], &["output.field.name"]),
        (&[("field.names", "a"), ("output.field.name", "")], &["output.field.name"]),
        (&settings[1..2], &["field.names"]),
    ]);
}

#[test]
fn records_by_a_field() {
    let is = |value: &'static str| ("field.value", value);
    let like = |value: &'static str| ("field.value.pattern", value);
    let field = |value: Data| map(&[("f", value)]);
    for (setting, datum, expected) in [
        (is("x"), field("x".into()), true),
        (is("x"), field("xx".into()), false),
        (is("5"), field(5i64.into()), true),
        (is("5"), field(5i8.into()), true),
        (is("5"), field("5".into()), false),
        (is("0.1"), field(0.1f64.into()), true),
        (is("0.5"), field(0.5f32.into()), true),
        (is("true"), field(true.into()), true),
        (is("x"), field(Data::Null), false),
        (is("x"), map(&[]), false),
        (is("x"), structure(&[("f", Type::String, "x".into())]), true),
        (is("x"), structure(&[("g", Type::String, "x".into())]), false),
        (like("^x.z"), field("xyzz".into()), true),
        (like("^x.z$"), field("xyzz".into()), false),
        (like("^5$"), field(5.into()), true),
        (like(".*"), field(Vec::<Data>::new().into()), false),
    ] {
        for matches in [true, false] {
            let mode = if matches { "true" } else { "false" };
            let settings = [("field.name", "f"), setting, ("field.value.matches", mode)];
            let kept = run::<FilterByFieldValue<Value>>(&settings, Record::new("t", datum.clone())).unwrap().is_some();
            assert_eq!(kept, expected == matches, "{settings:?} {datum:?}");
        }
    }
    let whole =
        |value: &str| run::<FilterByFieldValue<Key>>(&[is("k")], Record::new("t", "v").with_key(value)).unwrap();
    assert_eq!((whole("k").is_some(), whole("x").is_some()), (true, false));
    assert!(run::<FilterByFieldValue<Value>>(&[is("k")], Record::new("t", Datum::NULL)).unwrap().is_some());
    let message = failure::<FilterByFieldValue<Value>>(&[("field.name", "f"), is("k")], Record::new("t", "x"));
    assert!(message.contains("the value is string, a struct or map"), "{message}");
    refuses::<FilterByFieldValue<Value>>(&[
        (&[], &["either field.value or field.value.pattern"]),
        (&[is("a"), like("b")], &["either field.value or field.value.pattern"]),
        (&[like("(")], &["field.value.pattern", "a ( has no )"]),
    ]);
}
