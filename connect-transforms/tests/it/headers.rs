//! `DropHeaders`, `InsertHeader`, and `Filter`.

use connect_api::{Datum, Record, Schema, Type, Value};
use connect_transforms::{DropHeaders, Filter, InsertHeader};

use crate::kit::{kept, refuses, run};

fn names(record: &Record) -> Vec<&str> {
    record.headers.iter().map(|header| &*header.key).collect()
}

#[test]
fn all_headers_of_the_names_go() {
    let record =
        || Record::new("t", "v").with_header("a", 1).with_header("b", 2).with_header("a", 3).with_header("c", 4);
    for (headers, left) in [
        ("a", &["b", "c"][..]),
        ("a, c", &["b"]),
        ("z", &["a", "b", "a", "c"]),
        ("A", &["a", "b", "a", "c"]),
        ("a,b,c", &[]),
    ] {
        assert_eq!(names(&kept::<DropHeaders>(&[("headers", headers)], record())), left, "{headers}");
    }
    refuses::<DropHeaders>(&[(&[], &["headers"]), (&[("headers", "")], &["headers"])]);
}

#[test]
fn a_header_is_what_its_text_looks_like() {
    let of = |ty, value: Value| Datum::new(Schema::required(ty), value);
    for (literal, expected) in [
        ("12", of(Type::Int8, 12i8.into())),
        ("300", of(Type::Int16, 300i16.into())),
        ("1.5", of(Type::Float32, 1.5f32.into())),
        ("true", of(Type::Boolean, true.into())),
        ("null", Datum::NULL),
        ("", of(Type::String, "".into())),
        ("12:30", of(Type::String, "12:30".into())),
        ("me", of(Type::String, "me".into())),
    ] {
        let record = Record::new("t", "v").with_header("h", "old");
        let record = kept::<InsertHeader>(&[("header", "h"), ("value.literal", literal)], record);
        assert_eq!(names(&record), ["h", "h"]);
        assert_eq!(record.headers.last("h"), Some(&expected), "{literal}");
    }
    refuses::<InsertHeader>(&[(&[("header", "h")], &["value.literal"]), (&[("value.literal", "h")], &["header"])]);
}

#[test]
fn a_filter_drops_everything() {
    for record in [Record::new("t", "v"), Record::new("t", Datum::NULL)] {
        assert_eq!(run::<Filter>(&[], record).unwrap(), None);
    }
}
