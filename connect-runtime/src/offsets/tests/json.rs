use connect_api::{OffsetMap, Value};
use proptest::prelude::*;

use super::super::json::{identity, key, parse_key, parse_value, value};
use super::map;

#[test]
fn writes_as_java() {
    let check = |partition: OffsetMap, expect: &str| {
        assert_eq!(String::from_utf8(key("local-file", &partition)).unwrap(), expect);
    };
    check(OffsetMap::NULL, r#"["local-file",null]"#);
    check(OffsetMap::from_entries([]), r#"["local-file",{}]"#);
    check(OffsetMap::of("filename", "/tmp/a.txt"), r#"["local-file",{"filename":"/tmp/a.txt"}]"#);
    check(
        map(&[("z", Value::Int16(-3)), ("a", Value::Null), ("m", Value::Boolean(false))]),
        r#"["local-file",{"z":-3,"a":null,"m":false}]"#,
    );
    check(
        map(&[
            ("a", Value::Float64(1.0)),
            ("b", Value::Float64(1e7)),
            ("c", Value::Float32(0.1)),
            ("d", Value::Float64(-0.0)),
        ]),
        r#"["local-file",{"a":1.0,"b":1.0E7,"c":0.1,"d":-0.0}]"#,
    );
    check(OffsetMap::of("b", Value::Bytes(b"any!".to_vec().into())), r#"["local-file",{"b":"YW55IQ=="}]"#);
    check(
        OffsetMap::of("\"\\/\u{8}\t\n\u{c}\r\u{1f}\u{7f}é\u{1f600}", ""),
        "[\"local-file\",{\"\\\"\\\\/\\b\\t\\n\\f\\r\\u001F\u{7f}é\\uD83D\\uDE00\":\"\"}]",
    );
    // A name given twice.
    check(map(&[("a", Value::Int8(1)), ("a", Value::Int8(2))]), r#"["local-file",{"a":1}]"#);
    assert_eq!(value(&OffsetMap::of("position", 42i64)).unwrap(), br#"{"position":42}"#);
    assert_eq!(value(&OffsetMap::NULL), None);
}

#[test]
fn reads() {
    let check = |text: &str, expect: &[(&'static str, Value)]| {
        let read = parse_value(text.as_bytes()).unwrap();
        assert_eq!(read.entries(), map(expect).entries(), "{text}");
    };
    check("{}", &[]);
    check(" { \"a\" : 1 , \"b\"\t:\r\n\"x\" } ", &[("a", Value::Int64(1)), ("b", Value::from("x"))]);
    check(r#"{"a":-9223372036854775808}"#, &[("a", Value::Int64(i64::MIN))]);
    // Beyond 64 bits Java keeps the low ones.
    check(r#"{"a":18446744073709551618}"#, &[("a", Value::Int64(2))]);
    check(r#"{"a":007}"#, &[("a", Value::Int64(7))]);
    check(
        r#"{"a":1.0,"b":1e3,"c":-2.5E-3}"#,
        &[("a", Value::Float64(1.0)), ("b", Value::Float64(1000.0)), ("c", Value::Float64(-0.0025))],
    );
    // To the last bit, which a hasty parser misses.
    check(r#"{"a":0.30000000000000004}"#, &[("a", Value::Float64(0.1 + 0.2))]);
    check(
        r#"{"a":null,"b":true,"c":false}"#,
        &[("a", Value::Null), ("b", Value::Boolean(true)), ("c", Value::Boolean(false))],
    );
    check(
        r#"{"a":"\"\\\/\b\t\n\f\r\u0041\uD83D\uDE00\ud83d\ude00"}"#,
        &[("a", Value::from("\"\\/\u{8}\t\n\u{c}\rA\u{1f600}\u{1f600}"))],
    );
    check(r#"{"a":1,"b":2,"a":3}"#, &[("a", Value::Int64(3)), ("b", Value::Int64(2))]);
    assert!(parse_value(b"null").unwrap().is_null());
}

#[test]
fn refuses() {
    let check = |text: &str, expect: &str| {
        let error = parse_value(text.as_bytes()).unwrap_err();
        assert!(error.contains(expect), "{text}: {error}");
    };
    check("", "expected a string, number, boolean or null at byte 0, found the end");
    check("{", "expected '\"' at byte 1, found the end");
    check("[1]", "found '['");
    check("7", "expected an object or null, found int64 7");
    check(r#"{"a":[1]}"#, "expected a string, number, boolean or null at byte 5, found '['");
    check(r#"{"a":{}}"#, "found '{'");
    check(r#"{"a":1,}"#, "expected '\"' at byte 7");
    check(r#"{"a":1} x"#, "expected the end at byte 8, found 'x'");
    check(r#"{"a":nul}"#, "unknown word \"nul\"");
    check(r#"{"a":-}"#, "malformed number \"-\"");
    check(r#"{"a":--1}"#, "malformed number");
    check(r#"{"a":-.5}"#, "malformed number");
    check(r#"{"a":1e}"#, "malformed number");
    check(r#"{"a":"x"#, "a string does not end");
    check(r#"{"a":"\x"}"#, "unknown escape");
    check(r#"{"a":"\u12"}"#, "malformed \\u escape");
    check(r#"{"a":"\ud83d"}"#, "half a surrogate pair");
    check(r#"{"a":"\ude00"}"#, "half a surrogate pair");
    check(r#"{"a":"\ud83dA"}"#, "half a surrogate pair");
    check(r#"{"a":"\ud83d\u0041"}"#, "half a surrogate pair");
    check("{\"a\":\"\n\"}", "control character");
    assert!(parse_value(b"{\"a\":\"\xff\"}").unwrap_err().contains("UTF-8"));

    for key in ["{}", "[]", r#"["c"]"#, r#"[1,null]"#, r#"["c",7]"#, r#"["c",null,1]"#, r#"["c",null"#, "c"] {
        assert!(parse_key(key.as_bytes()).is_err(), "{key}");
    }
}

#[test]
fn identities() {
    let same = |a: &OffsetMap, b: &OffsetMap| identity(a) == identity(b);
    let ab = map(&[("a", Value::Int8(1)), ("b", Value::from("x"))]);
    assert!(same(&ab, &map(&[("b", Value::from("x")), ("a", Value::Int64(1))])));
    assert!(!same(&ab, &OffsetMap::of("a", 1i64)));
    assert!(!same(&OffsetMap::of("a", 1i64), &OffsetMap::of("a", "1")));
    assert!(!same(&OffsetMap::of("a", 1i64), &OffsetMap::of("a", Value::Float64(1.0))));
    assert!(!same(&OffsetMap::NULL, &OffsetMap::from_entries([])));
}

fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Int64),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Float64),
        any::<String>().prop_map(|text| Value::String(text.into())),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(connector: String, entries in prop::collection::btree_map(any::<String>(), plain(), 0..5)) {
        let map = OffsetMap::from_entries(entries.into_iter().map(|(name, value)| (name.into(), value)));
        let (read_connector, read) = parse_key(&key(&connector, &map)).unwrap();
        prop_assert_eq!(read_connector, connector);
        prop_assert_eq!(read.entries(), map.entries());
        prop_assert_eq!(parse_value(&value(&map).unwrap()).unwrap(), map);
    }

    #[test]
    fn any_bytes_do_no_harm(bytes: Vec<u8>, text in r#"[\[\]{}",:0-9a-z\\ .e-]{0,40}"#) {
        let _ = (parse_key(&bytes), parse_value(&bytes), parse_key(text.as_bytes()), parse_value(text.as_bytes()));
    }
}
