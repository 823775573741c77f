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
fn digits_of_other_scripts() {
    check("١٢", "int8 12");
    check("-１２", "int8 -12");
    check("1.٢", "float32 1.2");
    check("1e+٢", "int8 100");
    check("[٢٠١٩-٠٨-٢٣]", "array<Date> [2019-08-23]");
    check("𝟏", r#"string "𝟏""#);
    check("Ⅻ", r#"string "Ⅻ""#);
}

/// The first day of the Gregorian calendar, and days before it as history told them.
#[test]
fn old_dates() {
    for (text, ms) in [
        ("1582-10-15", -12_219_292_800_000),
        ("1582-10-04", -12_219_379_200_000),
        ("1582-10-05", -12_219_292_800_000),
        ("1000-01-01", -30_609_792_000_000),
        ("0000-01-01", -62_167_392_000_000),
        ("2019- 8-23", 1_566_518_400_000),
        ("2019--1-23", 1_542_931_200_000),
        ("9999-99-99", 253_636_790_400_000),
    ] {
        assert_eq!(Values::default().parse(text).value, crate::Value::Instant(ms), "{text}");
    }
}

#[test]
fn containers() {
    check("[1,2,]", "array<int8> [1,2]");
    check("[1,,2]", r#"string "[1,,2]""#);
    check("[1,null]", r#"string "[1,null]""#);
    check("[null]", "array<?> [null]");
    check(r#"["2019-08-23 "]"#, r#"array<string> ["2019-08-23 "]"#);
    check(r#"[" 2019-8-23"]"#, "array<Date> [2019-08-23]");
    check("[[1],[2]]", "array<array<int8>> [[1],[2]]");
    check(r#"[1,"2019-08-23"]"#, "array<Date> [1970-01-02,2019-08-23]");
    check("[5,14:34:54.346Z]", "array<Time> [00:00:00.005Z,14:34:54.346Z]");
    check("[-5,14:34:54.346Z]", r#"string "[-5,14:34:54.346Z]""#);
    check(r#"["a",1,"b"]"#, r#"array<?> ["a",1,"b"]"#);
    check(r#"["four",1,2,300]"#, r#"array<?> ["four",1,2,300]"#);
    check(r#"["a",1,null]"#, r#"array<?> ["a",1,null]"#);
    check("[9223372036854775808,1]", "array<?> [9223372036854775808,1]");
    check(r#"[1,null,1.5,"a",2]"#, r#"array<?> [1,null,1.5,"a",2]"#);
    check(r#"{"a":1,"b":"x","c":2}"#, r#"map<string,?> {"a":1,"b":"x","c":2}"#);
    check(r#"{"a":1,2:3,"b":4}"#, r#"map<?,?> {"a":1,2:3,"b":4}"#);
    check("{16777217:1,1.5:2,16777216:3}", "map<float32,int8> {1.6777216E7:3,1.5:2}");
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
