//! The predicates.

use connect_api::{Datum, Record, Schema, Type};
use connect_transforms::{HasHeaderKey, RecordIsTombstone, TopicNameMatches};

use crate::kit::test;

#[test]
fn a_header() {
    let record = Record::new("t", "v").with_header("a", 1).with_header("b", Datum::NULL).with_header("a", 2);
    for (name, expected) in [("a", true), ("b", true), ("A", false), ("c", false)] {
        assert_eq!(test::<HasHeaderKey>(&[("name", name)], &record), Ok(expected), "{name}");
    }
    for bad in [&[][..], &[("name", "")]] {
        assert!(test::<HasHeaderKey>(bad, &record).unwrap_err().contains("name"));
    }
}

#[test]
fn a_tombstone() {
    let null = Datum::new(Schema::optional(Type::String), None::<&str>);
    for (value, expected) in [(Datum::NULL, true), (null, true), ("".into(), false), ("v".into(), false)] {
        assert_eq!(test::<RecordIsTombstone>(&[], &Record::new("t", value.clone())), Ok(expected), "{value:?}");
    }
}

#[test]
fn a_topic() {
    for (pattern, topic, expected) in [
        ("ord", "orders", false),
        ("ord.*", "orders", true),
        ("orders|ord", "orders", true),
        ("ord|orders", "orders", true),
        ("(?!x).*", "orders", true),
        ("(?i)ORDERS", "orders", true),
        ("(?:a|a)*(?!a)b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
    ] {
        let record = Record::new(topic, "v");
        assert_eq!(test::<TopicNameMatches>(&[("pattern", pattern)], &record), Ok(expected), "{pattern}");
    }
    for (bad, text) in [(&[][..], "pattern"), (&[("pattern", "")], "empty"), (&[("pattern", "(a")], "a ( has no )")] {
        let message = test::<TopicNameMatches>(bad, &Record::new("t", "v")).unwrap_err();
        assert!(message.contains(text), "{message}");
    }
}
