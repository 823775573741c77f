use std::sync::Arc;

use bytes::BytesMut;
use connect_api::{Decimal, Schema, Struct, Type, Value, logical};
use proptest::prelude::*;

use super::{Writer, string};
use crate::config::{DateFormat, DecimalFormat};

const USUAL: Writer<'static> = Writer {
    plain: false,
    compact: true,
    decimals: DecimalFormat::Double,
    dates: DateFormat::Legacy,
    without: [None; 2],
};

fn write(writer: Writer<'_>, schema: Option<&Schema>, value: &Value) -> Result<String, String> {
    let mut out = BytesMut::new();
    writer.document(schema, value, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out.to_vec()).unwrap())
}

fn check(writer: Writer<'_>, schema: impl Into<Option<Arc<Schema>>>, value: impl Into<Value>, expect: &str) {
    let (schema, value) = (schema.into(), value.into());
    assert_eq!(write(writer, schema.as_deref(), &value).as_deref(), Ok(expect), "{value}");
}

fn entries<K: Into<Value>, V: Into<Value>, const N: usize>(pairs: [(K, V); N]) -> Value {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect::<Vec<_>>().into()
}

#[test]
fn plain_values() {
    for (value, expect) in [
        (Value::Null, "null"),
        (true.into(), "true"),
        (Value::Int8(-5), "-5"),
        (i64::MIN.into(), "-9223372036854775808"),
        (1.5_f32.into(), "1.5"),
        (1.0e10.into(), "1.0E10"),
        (f64::NAN.into(), "\"NaN\""),
        (f64::NEG_INFINITY.into(), "\"-Infinity\""),
        ("a\"\\\n\t\u{1}é🦀".into(), "\"a\\\"\\\\\\n\\t\\u0001é🦀\""),
        (Value::Bytes(vec![0, 255].into()), "\"AP8=\""),
        (vec![Value::from(1i64), Value::from("x")].into(), "[1,\"x\"]"),
        (entries([("b", 1i64), ("a", 2)]), "{\"b\":1,\"a\":2}"),
        (entries([(1i64, "x")]), "[[1,\"x\"]]"),
    ] {
        check(USUAL, None, value, expect);
    }
}

#[test]
fn maps_by_option() {
    let texts = Schema::map(Schema::required(Type::String), Schema::required(Type::Int32)).build().unwrap();
    let numbers = Schema::map(Schema::required(Type::Int32), Schema::required(Type::Int32)).build().unwrap();
    let (loose, plain) = (Writer { compact: false, ..USUAL }, Writer { plain: true, compact: false, ..USUAL });
    check(USUAL, texts.clone(), entries([("a", 1i32)]), "{\"a\":1}");
    check(loose, texts.clone(), entries([("a", 1i32)]), "[{\"key\":\"a\",\"value\":1}]");
    check(plain, texts, entries([("a", 1i32)]), "{\"a\":1}");
    check(USUAL, numbers.clone(), entries([(7i32, 1i32)]), "[{\"key\":7,\"value\":1}]");
    check(plain, numbers, entries([(7i32, 1i32)]), "[[7,1]]");
}

#[test]
fn decimals_and_dates_by_option() {
    let decimal = || Value::from(Decimal::new(509_461, 2));
    let of = |decimals| Writer { decimals, ..USUAL };
    let schema = logical::decimal(2).build().unwrap();
    check(USUAL, schema.clone(), decimal(), "5094.61");
    check(of(DecimalFormat::String), schema.clone(), decimal(), "\"5094.61\"");
    check(
        of(DecimalFormat::Numeric),
        schema.clone(),
        Decimal::new(12_345_678_901_234_567_890_i128, 2),
        "123456789012345678.90",
    );
    check(of(DecimalFormat::Base64), schema.clone(), decimal(), "\"B8YV\"");
    check(Writer { plain: true, ..USUAL }, schema, decimal(), "\"B8YV\"");

    let ms = 1_700_000_000_123_i64;
    let day = Value::Instant(ms - ms % 86_400_000);
    let dates = |dates| Writer { dates, ..USUAL };
    for (schema, value, legacy, millis, iso) in [
        (logical::date(), day, "19675", "1699920000000", "\"2023-11-14\""),
        (logical::time(), Value::Instant(3_723_004), "3723004", "3723004", "\"01:02:03.004\""),
        (logical::timestamp(), Value::Instant(ms), "1700000000123", "1700000000123", "\"2023-11-14T22:13:20.123Z\""),
        (logical::timestamp(), Value::Instant(-1), "-1", "-1", "\"1969-12-31T23:59:59.999Z\""),
    ] {
        let schema = schema.build().unwrap();
        check(USUAL, schema.clone(), value.clone(), legacy);
        check(dates(DateFormat::EpochMillis), schema.clone(), value.clone(), millis);
        check(dates(DateFormat::Iso), schema, value, iso);
    }
}

/// What is optional may be absent, and what has a default is that then; both may be of a logical type.
#[test]
fn decimals_that_are_absent() {
    let default = logical::decimal(2).default_value(Value::from(Decimal::new(150, 2))).build().unwrap();
    let optional = logical::decimal(2).optional().build().unwrap();
    let of = |decimals| Writer { decimals, ..USUAL };
    check(USUAL, optional.clone(), Value::Null, "null");
    check(USUAL, optional, Decimal::new(5, 2), "0.05");
    check(USUAL, default.clone(), Value::Null, "1.5");
    check(of(DecimalFormat::String), default.clone(), Value::Null, "\"1.50\"");
    check(Writer { plain: true, ..USUAL }, default, Value::Null, "\"AJY=\"");
    let list = Schema::array(logical::decimal(2).optional().build().unwrap()).build().unwrap();
    check(USUAL, list, vec![Value::from(Decimal::new(1, 2)), Value::Null], "[0.01,null]");
}

#[test]
fn structs_with_what_is_absent() {
    let schema = Schema::structure()
        .field("a", Schema::required(Type::Int32))
        .field("b", Schema::optional(Type::String))
        .field("c", Schema::builder(Type::Int32).default_value(7i32).build().unwrap())
        .build()
        .unwrap();
    let value = Struct::builder(&schema).set("a", 1i32).build().unwrap();
    check(USUAL, schema.clone(), value.clone(), "{\"a\":1,\"b\":null,\"c\":7}");
    check(Writer { without: [Some("a"), Some("c")], ..USUAL }, schema.clone(), value, "{\"b\":null}");
    let missing = Struct::unchecked(&schema, vec![Value::Null, Value::Null, Value::Null]);
    let error = write(USUAL, Some(&schema), &missing.into()).unwrap_err();
    assert_eq!(error, "field \"a\": null is no value of the required type int32");
    assert!(write(USUAL, Some(&schema), &Value::from("text")).is_err());
}

proptest! {
    /// What is written is JSON of one line that reads back the same.
    #[test]
    fn strings_read_back(text in any::<String>()) {
        let mut out = BytesMut::new();
        string(&text, &mut out);
        prop_assert!(!out.contains(&b'\n'));
        prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
