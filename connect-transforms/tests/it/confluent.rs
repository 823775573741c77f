//! Confluent's transforms.

use connect_api::{Datum, Record, Schema, Struct, Type, Value as Data};
use connect_transforms::confluent::{
    Drop, ExtractTopic, ExtractTopicFromHeader, Filter, MessageTimestampRouter, TombstoneHandler,
};
use connect_transforms::{Key, Value};

use crate::kit::{failure, kept, refuses, run};

fn map(entries: &[(&str, Data)]) -> Data {
    entries.iter().map(|(key, value)| (Data::from(*key), value.clone())).collect::<Vec<_>>().into()
}

#[test]
fn tombstones() {
    let record = || Record::new("t", Datum::NULL).with_key("k");
    for settings in [&[][..], &[("behavior", "warn")], &[("behavior", "ignore")]] {
        assert_eq!(run::<TombstoneHandler>(settings, record()).unwrap(), None);
        let other = Record::new("t", "");
        assert_eq!(kept::<TombstoneHandler>(settings, other.clone()), other);
    }
    assert!(failure::<TombstoneHandler>(&[("behavior", "fail")], record()).contains("the value is null"));
    refuses::<TombstoneHandler>(&[(&[("behavior", "drop")], &["behavior", "ignore", "warn", "fail"])]);
}

#[test]
fn what_becomes_of_a_dropped_schema() {
    let required = || Schema::builder(Type::Int32).name("n").doc("d");
    let (plain, optional) = (required().build().unwrap(), required().optional().build().unwrap());
    for (behavior, old, new) in [
        ("nullify", &plain, None),
        ("retain", &plain, Some(&plain)),
        ("retain", &optional, Some(&optional)),
        ("validate", &optional, Some(&optional)),
        ("force_optional", &plain, Some(&optional)),
        ("force_optional", &optional, Some(&optional)),
    ] {
        let record = Record::new("t", "v").with_key(Datum::new(old.clone(), 5));
        let key = kept::<Drop<Key>>(&[("schema.behavior", behavior)], record).key;
        assert_eq!(key, Datum { schema: new.cloned(), value: Data::Null }, "{behavior}");
        let schemaless = kept::<Drop<Value>>(&[("schema.behavior", behavior)], Record::new("t", "v"));
        assert_eq!(schemaless.value, Datum::NULL);
    }
    let record = Record::new("t", Datum::new(plain, 5));
    assert_eq!(kept::<Drop<Value>>(&[], record.clone()).value, Datum::NULL);
    let message = failure::<Drop<Value>>(&[("schema.behavior", "validate")], record);
    assert!(message.contains("the value's schema int32 (n) is required"), "{message}");
    refuses::<Drop<Value>>(&[(&[("schema.behavior", "x")], &["nullify", "retain", "validate", "force_optional"])]);
}

#[test]
fn topics() {
    let field = ("field", "f");
    let skip = ("skip.missing.or.null", "true");
    let path = [("field", "$[\"a\"][\"b\"]"), ("field.format", "JSON_PATH"), skip];
    let nested = map(&[("a", map(&[("b", "x".into())]))]);
    for (settings, value) in [
        (&[][..], Data::from("x")),
        (&[field], map(&[("f", "x".into())])),
        (&[field, ("field.format", "PLAIN")], map(&[("f", "x".into())])),
        (&path, nested),
    ] {
        let record = Record::new("t", Datum::schemaless(value));
        assert_eq!(&*kept::<ExtractTopic<Value>>(settings, record).topic, "x");
    }
    let schema = Schema::structure().field("f", Type::String).build().unwrap();
    let key = Struct::of(&schema, vec!["x".into()]).unwrap();
    assert_eq!(&*kept::<ExtractTopic<Key>>(&[field], Record::new("t", "v").with_key(key)).topic, "x");
    for (settings, value) in [
        (&[skip][..], Data::Null),
        (&[skip, field], Data::Null),
        (&[skip, field], map(&[])),
        (&[skip, field], map(&[("f", Data::Null)])),
        (&path, map(&[])),
        (&path, map(&[("a", Data::Null)])),
    ] {
        let record = Record::new("t", Datum::schemaless(value));
        assert_eq!(kept::<ExtractTopic<Value>>(settings, record.clone()), record);
        let without: Vec<_> = settings.iter().copied().filter(|(key, _)| !key.starts_with("skip")).collect();
        let message = failure::<ExtractTopic<Value>>(&without, record);
        assert!(message.contains("null"), "{message}");
    }
    for (settings, value, text) in [
        (&[][..], Data::from(5), "the value: a string was expected, int32 was found"),
        (&[], "".into(), "an empty one was found"),
        (&[field], "x".into(), "the value is string, a struct or map"),
        (&[field], map(&[("f", 5.into())]), "field \"f\" of the value: a string was expected, int32"),
    ] {
        let message = failure::<ExtractTopic<Value>>(settings, Record::new("t", Datum::schemaless(value)));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    refuses::<ExtractTopic<Value>>(&[
        (&[("field.format", "XML")], &["field.format", "PLAIN", "JSON_PATH"]),
        (&[("field", "a"), ("field.format", "JSON_PATH")], &["field", "is no JSON path"]),
    ]);
}

#[test]
fn a_topic_in_a_header() {
    let record = Record::new("t", "v").with_header("h", "x").with_header("h", "y").with_header("n", 5);
    assert_eq!(&*kept::<ExtractTopicFromHeader>(&[("field", "h")], record.clone()).topic, "y");
    let skip = [("field", "z"), ("skip.missing.or.null", "true")];
    assert_eq!(kept::<ExtractTopicFromHeader>(&skip, record.clone()), record);
    for (header, text) in
        [("z", "header \"z\" is null or missing"), ("n", "header \"n\": a string was expected, int32")]
    {
        let message = failure::<ExtractTopicFromHeader>(&[("field", header)], record.clone());
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    refuses::<ExtractTopicFromHeader>(&[
        (&[], &["field: the name of a header is required"]),
        (&[("field", "$.a"), ("field.format", "JSON_PATH")], &["field.format"]),
    ]);
}

#[test]
fn a_topic_of_a_time_in_the_value() {
    let keys = ("message.timestamp.keys", "timestamp,time,ts");
    let all = [
        keys,
        ("topic.format", "foo-${topic}-${timestamp}"),
        ("message.timestamp.format", "yyyy-MM-dd"),
        ("topic.timestamp.format", "yyyy.MM.dd"),
    ];
    for (settings, value, expected) in [
        (&all[..], map(&[("time", "2019-08-06".into())]), "foo-bar-2019.08.06"),
        (&all, map(&[("timestamp", Data::Null), ("ts", "2019-08-06".into())]), "foo-bar-2019.08.06"),
        (&[keys], map(&[("ts", 0i64.into())]), "bar-19700101"),
        (&[keys], map(&[("ts", Data::Instant(0))]), "bar-19700101"),
    ] {
        let record = Record::new("bar", Datum::schemaless(value));
        assert_eq!(&*kept::<MessageTimestampRouter>(settings, record).topic, expected);
    }
    for (settings, value, text) in [
        (&all[..], "x".into(), "the value is string, a map was expected"),
        (&all, Data::Null, "the value is null, a map was expected"),
        (&all, map(&[]), "none of the fields timestamp, time, ts"),
        (&all, map(&[("ts", true.into())]), "field \"ts\": text or a number was expected, boolean"),
        (&all, map(&[("ts", "x".into())]), "field \"ts\": a date like \"yyyy-MM-dd\" was expected"),
        (&[keys], map(&[("ts", "x".into())]), "no message.timestamp.format"),
    ] {
        let message = failure::<MessageTimestampRouter>(settings, Record::new("bar", Datum::schemaless(value)));
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    refuses::<MessageTimestampRouter>(&[
        (&[], &["message.timestamp.keys"]),
        (&[keys, ("message.timestamp.format", "T")], &["message.timestamp.format", "the letter 'T'"]),
        (&[keys, ("topic.timestamp.format", "T")], &["topic.timestamp.format", "the letter 'T'"]),
    ]);
}

#[test]
fn records_by_a_path() {
    let settings = |condition, filter_type, missing| {
        [("filter.condition", condition), ("filter.type", filter_type), ("missing.or.null.behavior", missing)]
    };
    let book = map(&[("book", map(&[("author", "Tolstoy".into())])), ("z", Data::Null)]);
    let tolstoy = "$.book[?(@.author == 'Tolstoy')]";
    // Whether a record is kept by include and by exclude, and what a missing part does.
    for (condition, include, exclude) in [
        (tolstoy, true, false),
        ("$.book[?(@.author == 'Gogol')]", false, true),
        ("$[?(@.nope)]", false, true),
        ("$.book.author", true, false),
    ] {
        for (filter_type, expected) in [("include", include), ("exclude", exclude)] {
            let record = Record::new("t", Datum::schemaless(book.clone()));
            let kept = run::<Filter<Value>>(&settings(condition, filter_type, "fail"), record).unwrap().is_some();
            assert_eq!(kept, expected, "{condition} {filter_type}");
        }
    }
    for condition in ["$.nope.author", "$.z", "$.z[?(@.a)]", "$.book.nope"] {
        let record = || Record::new("t", "v").with_key(Datum::schemaless(book.clone()));
        for filter_type in ["include", "exclude"] {
            let run = |missing| run::<Filter<Key>>(&settings(condition, filter_type, missing), record()).unwrap();
            assert_eq!((run("include").is_some(), run("exclude").is_some()), (true, false), "{condition}");
            let message = failure::<Filter<Key>>(&settings(condition, filter_type, "fail"), record());
            assert!(message.contains("is missing or null in the key"), "{message}");
        }
    }
    let author = Schema::structure().field("author", Type::String).build().unwrap();
    let schema = Schema::structure().field("book", &author).build().unwrap();
    let value = Struct::of(&schema, vec![Struct::of(&author, vec!["Tolstoy".into()]).unwrap().into()]).unwrap();
    assert!(run::<Filter<Value>>(&settings(tolstoy, "exclude", "fail"), Record::new("t", value)).unwrap().is_none());
    assert!(
        run::<Filter<Value>>(&settings(tolstoy, "include", "fail"), Record::new("t", Datum::NULL)).unwrap().is_some()
    );
    let message = failure::<Filter<Value>>(&settings(tolstoy, "include", "fail"), Record::new("t", "x"));
    assert!(message.contains("the value is string, a struct or map was expected"), "{message}");
    refuses::<Filter<Value>>(&[
        (&[], &["filter.condition", "filter.type"]),
        (&settings("$..a", "include", "fail"), &["filter.condition", "searching all levels"]),
        (&settings("$.a", "keep", "fail"), &["filter.type", "include", "exclude"]),
        (&settings("$.a", "include", "x"), &["missing.or.null.behavior", "fail", "include", "exclude"]),
    ]);
}
