//! `TimestampRouter` and `TimestampConverter`.

use std::sync::Arc;

use connect_api::{Datum, Record, Schema, SchemaBuilder, Struct, Transform as _, Type, Value as Data, logical};
use connect_transforms::{Key, TimestampConverter, TimestampRouter, Value};

use crate::kit::{failure, kept, refuses, run, transform};

const MS: i64 = 1_566_570_894_346;
const DAY: i64 = 1_566_518_400_000;

#[test]
fn a_topic_of_its_day() {
    for (settings, expected) in [
        (&[][..], "orders-20190823"),
        (&[("topic.format", "foo_${timestamp}_${topic}")], "foo_20190823_orders"),
        (&[("topic.format", "${topic}${topic}")], "ordersorders"),
        (&[("timestamp.format", "YYYY.ww")], "orders-2019.34"),
        (&[("topic.format", "${timestamp}"), ("timestamp.format", "'${topic}'")], "${topic}"),
    ] {
        let record = kept::<TimestampRouter>(settings, Record::new("orders", "v").with_timestamp(MS));
        assert_eq!(&*record.topic, expected);
    }
    assert!(failure::<TimestampRouter>(&[], Record::new("orders", "v")).contains("no timestamp"));
    refuses::<TimestampRouter>(&[(&[("timestamp.format", "yyyyT")], &["timestamp.format", "the letter 'T'"])]);
}

fn schema(builder: SchemaBuilder) -> Arc<Schema> {
    builder.build().unwrap()
}

/// Every form to every form, in a whole value, with a schema and without.
#[test]
fn forms() {
    let text = "2019-08-23 14:34:54.346";
    let forms = [
        ("string", Schema::builder(Type::String), Data::from(text)),
        ("unix", Schema::builder(Type::Int64), MS.into()),
        ("Date", logical::date(), Data::Instant(DAY)),
        ("Time", logical::time(), Data::Instant(MS - DAY)),
        ("Timestamp", logical::timestamp(), Data::Instant(MS)),
    ];
    for (from, from_schema, value) in &forms[..2] {
        for (to, to_schema, expected) in &forms {
            let settings = [("target.type", *to), ("format", "yyyy-MM-dd HH:mm:ss.SSS")];
            for optional in [false, true] {
                let of = |builder: &SchemaBuilder| if optional { builder.clone().optional() } else { builder.clone() };
                let datum = Datum::new(schema(of(from_schema).doc("a").default_value(value.clone())), value.clone());
                let record = Record::new("t", "v").with_key(datum);
                let key = kept::<TimestampConverter<Key>>(&settings, record).key;
                assert_eq!(key, Datum::new(schema(of(to_schema)), expected.clone()), "{from} {to}");
            }
            let record = Record::new("t", value.clone());
            let kept = kept::<TimestampConverter<Value>>(&settings, record).value;
            assert_eq!(kept, Datum::schemaless(expected.clone()), "{from} {to}");
        }
    }
    for (from, to, ms, expected) in [
        (logical::timestamp(), "unix", MS, Data::from(MS)),
        (logical::date(), "unix", DAY, DAY.into()),
        (logical::time(), "string", 1, "1970-01-01 00:00:00.001".into()),
        (logical::timestamp(), "Date", -1, Data::Instant(-86_400_000)),
        (logical::timestamp(), "Time", -1, Data::Instant(86_399_999)),
        // The day of the first moment begins before it: Java wraps around.
        (logical::timestamp(), "Date", i64::MIN, Data::Instant(9_223_372_036_794_351_616)),
        (logical::timestamp(), "Time", i64::MIN, Data::Instant(60_424_192)),
    ] {
        let settings = [("target.type", to), ("format", "yyyy-MM-dd HH:mm:ss.SSS")];
        let record = Record::new("t", Datum::new(schema(from), Data::Instant(ms)));
        assert_eq!(kept::<TimestampConverter<Value>>(&settings, record).value.value, expected, "{to}");
    }
}

#[test]
fn units() {
    for (precision, number, ms, back) in [
        ("seconds", 1_566_570_894, 1_566_570_894_000, 1_566_570_894),
        ("milliseconds", MS, MS, MS),
        ("microseconds", 1_566_570_894_346_123, MS, 1_566_570_894_346_000),
        ("nanoseconds", 1_566_570_894_346_123_456, MS, 1_566_570_894_346_000_000),
        ("seconds", i64::MAX, i64::MAX, i64::MAX / 1000),
        ("microseconds", -1, 0, 0),
    ] {
        let unit = ("unix.precision", precision);
        let record = Record::new("t", number);
        let record = kept::<TimestampConverter<Value>>(&[("target.type", "Timestamp"), unit], record);
        assert_eq!(record.value.value, Data::Instant(ms), "{precision}");
        let record = kept::<TimestampConverter<Value>>(&[("target.type", "unix"), unit], record);
        assert_eq!(record.value.value, back.into(), "{precision}");
    }
    let before = Record::new("t", Datum::schemaless(Data::Instant(-1)));
    let settings = [("target.type", "unix"), ("unix.precision", "seconds")];
    assert_eq!(kept::<TimestampConverter<Value>>(&settings, before).value.value, 0i64.into());
}

/// A struct whose field `ts` is such, described in every way.
fn structure(ts: SchemaBuilder) -> SchemaBuilder {
    Schema::structure().name("n").version(2).doc("d").parameter("p", "q").field("ts", ts).field("x", Type::Int32)
}

#[test]
fn a_field_of_a_struct() {
    let old = schema(structure(Schema::builder(Type::Int64).optional().doc("d")).optional());
    let new = schema(structure(Schema::builder(Type::String).optional()).optional());
    let settings = [("field", "ts"), ("target.type", "string"), ("format", "yyyyMMdd")];
    for (ts, expected) in [(Data::from(MS), Data::from("20190823")), (Data::Null, Data::Null)] {
        let value = Struct::of(&old, vec![ts, 1.into()]).unwrap();
        let kept = kept::<TimestampConverter<Value>>(&settings, Record::new("t", value)).value;
        assert_eq!(kept, Datum::new(Arc::clone(&new), Struct::of(&new, vec![expected, 1.into()]).unwrap()));
    }
    let tombstone = Record::new("t", Datum::new(Arc::clone(&old), Data::Null));
    let null = kept::<TimestampConverter<Value>>(&settings, tombstone).value;
    assert_eq!(null, Datum::new(new, Data::Null));
    // A field that is not there changes nothing.
    let value = Datum::from(Struct::of(&old, vec![MS.into(), 1.into()]).unwrap());
    let settings = [("field", "zz"), ("target.type", "unix")];
    assert_eq!(kept::<TimestampConverter<Value>>(&settings, Record::new("t", value.clone())).value, value);
}

#[test]
fn defaults() {
    let ts = || Schema::builder(Type::Int64).optional().default_value(MS);
    let plain = schema(structure(ts()));
    let default = Struct::of(&plain, vec![0i64.into(), 2.into()]).unwrap();
    let old = schema(structure(ts()).default_value(default));
    for (replace, expected) in [("true", Data::Instant(MS)), ("false", Data::Null)] {
        let settings = [("field", "ts"), ("target.type", "Timestamp"), ("replace.null.with.default", replace)];
        let value = Struct::unchecked(&old, vec![Data::Null, 1.into()]);
        let kept = kept::<TimestampConverter<Value>>(&settings, Record::new("t", value)).value;
        let structure = kept.value.as_struct().unwrap();
        assert_eq!(structure.values()[0], expected);
        let schema = kept.schema.unwrap();
        assert_eq!(schema.field("ts").unwrap().schema.default_value(), None);
        let default = schema.default_value().and_then(Data::as_struct).expect("a default");
        assert_eq!(default.values(), [Data::Instant(0), 2.into()]);
    }
}

#[test]
fn a_field_of_a_map() {
    let map = |entries: &[(&str, Data)]| -> Data {
        entries.iter().map(|(key, value)| (Data::from(*key), value.clone())).collect::<Vec<_>>().into()
    };
    let settings = [("field", "ts"), ("target.type", "Timestamp")];
    for (old, new) in [
        (map(&[("ts", MS.into()), ("x", 1.into())]), map(&[("ts", Data::Instant(MS)), ("x", 1.into())])),
        (map(&[("x", 1.into())]), map(&[("x", 1.into()), ("ts", Data::Null)])),
        (map(&[("ts", Data::Null)]), map(&[("ts", Data::Null)])),
        (Data::Null, Data::Null),
    ] {
        let record = Record::new("t", Datum::schemaless(old));
        assert_eq!(kept::<TimestampConverter<Value>>(&settings, record).value, Datum::schemaless(new));
    }
    let record = Record::new("t", map(&[("ts", 5i32.into())]));
    let message = failure::<TimestampConverter<Value>>(&settings, record);
    assert!(message.contains("field \"ts\"") && message.contains("int32 was found"), "{message}");
}

#[test]
fn what_is_no_time() {
    let whole = [("target.type", "Timestamp")];
    let field = [("target.type", "Timestamp"), ("field", "ts")];
    let int32 = Datum::new(Schema::required(Type::Int32), 5);
    for (settings, datum, text) in [
        (&whole[..], int32.clone(), "(Date, Time, Timestamp, int64 or string) was expected, int32 was found"),
        (&whole, 5.into(), "int32 was found"),
        (&whole, true.into(), "boolean was found"),
        (&whole, "x".into(), "no format says how to read it"),
        (&[whole[0], ("format", "  ")], "x".into(), "no format says how to read it"),
        (&field, int32, "the value is int32, a struct was expected"),
        (&field, "x".into(), "the value is string, a map was expected"),
        (
            &[("target.type", "unix"), ("format", "yyyy")],
            "x".into(),
            "a date like \"yyyy\" was expected, \"x\" was found",
        ),
    ] {
        let message = failure::<TimestampConverter<Value>>(settings, Record::new("t", datum));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    let structure = schema(structure(Schema::builder(Type::Int32)));
    let value = Struct::of(&structure, vec![1.into(), 1.into()]).unwrap();
    let error = run::<TimestampConverter<Value>>(&field, Record::new("t", value)).unwrap_err();
    assert_eq!(error.class_name(), "org.apache.kafka.connect.errors.ConnectException");
}

#[test]
fn settings() {
    refuses::<TimestampConverter<Value>>(&[
        (&[], &["target.type"]),
        (&[("target.type", "string")], &["format: a pattern is required"]),
        (&[("target.type", "string"), ("format", " \t ")], &["format: a pattern is required"]),
        (&[("target.type", "date")], &["target.type", "string", "unix", "Date", "Time", "Timestamp"]),
        (&[("target.type", "Date"), ("unix.precision", "days")], &["unix.precision", "seconds", "nanoseconds"]),
        (&[("target.type", "Date"), ("format", "bb")], &["format", "the letter 'b'"]),
    ]);
}

#[test]
fn years_of_two_digits_follow_the_clock() {
    let settings = [("target.type", "string"), ("format", "yy yyyy")];
    let year_at = |now: fn() -> i64| {
        let converter = transform::<TimestampConverter<Value>>(&[("target.type", "unix"), ("format", "yy")]).unwrap();
        let mut record = Record::new("t", "39");
        let _ = converter.with_clock(now).transform(&mut record).unwrap();
        kept::<TimestampConverter<Value>>(&settings, record).value.value
    };
    assert_eq!(year_at(|| MS), "39 2039".into());
    assert_eq!(year_at(|| 0), "39 1939".into());
}
