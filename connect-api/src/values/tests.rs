use crate::{Datum, Schema, Type};

use super::{Values, print};

/// Parses the text and writes its type and value, a string's in quotes.
fn check(text: &str, expect: &str) {
    let datum = Values::default().parse(text);
    assert_eq!(shown(&datum), expect, "{text}");
}

fn shown(datum: &Datum) -> String {
    let mut text = String::new();
    print(&vec![datum.value.clone()].into(), &mut text).unwrap();
    format!("{} {}", datum.schema.as_deref().map_or("?".into(), describe), &text[1..text.len() - 1])
}

fn describe(schema: &Schema) -> String {
    let of = |part: Option<&std::sync::Arc<Schema>>| part.map_or("?".into(), |part| describe(part));
    match schema.ty() {
        Type::Array => format!("array<{}>", of(schema.value_schema())),
        Type::Map => format!("map<{},{}>", of(schema.key_schema()), of(schema.value_schema())),
        ty => schema.name().and_then(|name| name.rsplit('.').next()).unwrap_or(ty.name()).into(),
    }
}

#[test]
fn scalars() {
    check("", r#"string """#);
    check("  ", r#"string "  ""#);
    check(" 12 ", "int8 12");
    check("007", "int8 7");
    check("5.", "int8 5");
    check("1e5", "int32 100000");
    check(".5", r#"string ".5""#);
    check("1E400", "Decimal 1E+400");
    check("1E-400000000", "float32 0.0");
    check("1E99999999999", r#"string "1E99999999999""#);
    check("truely", r#"string "truely""#);
    check("true}", r#"string "true}""#);
    check("14:34:54.346Z", "Time 14:34:54.346Z");
    check(r"14\:34\:54.346Z", "Time 14:34:54.346Z");
    check("2019-08-23T14:34:54.346Z", "Timestamp 2019-08-23T14:34:54.346Z");
    check("14:34:54", r#"string "14:34:54""#);
}

#[test]
fn containers() {
    check("[1,2,]", "array<int8> [1,2]");
    check("[1,,2]", r#"string "[1,,2]""#);
    check("[1,null]", r#"string "[1,null]""#);
    check("[null]", "array<?> [null]");
    check("[[1],[2]]", "array<array<int8>> [[1],[2]]");
    check(r#"[1,"2019-08-23"]"#, "array<Date> [1970-01-02,2019-08-23]");
    check(r#"["a",1,"b"]"#, r#"array<string> ["a","1","b"]"#);
    check(r#"{"a":1 "b":2}"#, r#"map<string,int8> {"a":1,"b":2}"#);
    check(r#"{"a":1,"a":300}"#, r#"map<string,int16> {"a":300}"#);
    check("{null:1}", r#"string "{null:1}""#);
    check("{}", "map<?,?> {}");
    check(" [1] ", "array<int8> [1]");
    check("[1] x", r#"string "[1] x""#);
    check("[", r#"string "[""#);
}

#[test]
fn deep_nesting_is_a_string() {
    let deep = "[".repeat(100_000);
    assert_eq!(Values::default().parse(&deep).value.as_str(), Some(&*deep));
}

#[test]
fn integers_of_decimals() {
    for (text, exact, wrapped) in [
        ("12.9", None, 12),
        ("-12.9", None, -12),
        ("12.00", Some(12), 12),
        ("9223372036854775808", None, i64::MIN),
        ("-9223372036854775808", Some(i64::MIN), i64::MIN),
        ("1e2147483647", None, 0),
        ("1e-2147483647", None, 0),
        ("0e2147483647", Some(0), 0),
        ("1e63", None, i64::MIN),
    ] {
        let decimal: crate::Decimal = text.parse().unwrap();
        assert_eq!((decimal.exact_i64(), decimal.wrapping_i64()), (exact, wrapped), "{text}");
    }
}
