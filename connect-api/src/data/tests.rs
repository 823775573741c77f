use std::sync::Arc;

use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

#[test]
fn java_text() {
    let check = |value: Value, text: &str| assert_eq!(value.to_string(), text);
    for (number, text) in [
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (1e7, "1.0E7"),
        (9_999_999.0, "9999999.0"),
        (-0.0, "-0.0"),
        (1234.5, "1234.5"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
        (1.5e300, "1.5E300"),
        (100.0, "100.0"),
        (f64::from_bits(1), "4.9E-324"),
        (f64::from_bits(3), "1.5E-323"),
        (-1e23, "-1.0E23"),
    ] {
        check(number.into(), text);
    }
    check(12.34f32.into(), "12.34");
    check(f32::from_bits(2).into(), "2.8E-45");
    // 1154709.25: on a tie the even digit.
    check(f32::from_bits(0x498c_f4aa).into(), "1154709.2");
    check(Value::Instant(0), "Thu Jan 01 00:00:00 UTC 1970");
    check(Value::Instant(1_566_570_894_346), "Fri Aug 23 14:34:54 UTC 2019");
    check(Value::Instant(-1), "Wed Dec 31 23:59:59 UTC 1969");
    check(Value::Instant(-12_219_292_800_000), "Fri Oct 15 00:00:00 UTC 1582");
    check(Value::Instant(-12_219_292_800_001), "Thu Oct 04 23:59:59 UTC 1582");
    check(Value::Instant(-62_135_769_600_000), "Sat Jan 01 00:00:00 UTC 1");
    check(Value::Instant(-62_167_392_000_000), "Thu Jan 01 00:00:00 UTC 1");
    check(Value::Instant(i64::MIN), "Sun Dec 02 16:47:04 UTC 292269055");
    check(Value::Instant(i64::MAX), "Sun Aug 17 07:12:55 UTC 292278994");
    check(Value::from(vec![1u8, 2, 3, 4]), "AQIDBA==");
    check(vec![Value::from(1), Value::Null].into(), "[1, null]");
    check(
        vec![("a".into(), 1.into()), ("b".into(), vec![Value::from("x"), Value::Null].into())].into(),
        "{a=1, b=[x, null]}",
    );
}

#[test]
fn decimal_text() {
    for (unscaled, scale, text) in [
        (156, 2, "1.56"),
        (-5, 3, "-0.005"),
        (1, 10, "1E-10"),
        (1, -3, "1E+3"),
        (0, 0, "0"),
        (123, -2, "1.23E+4"),
        (0, 3, "0.000"),
    ] {
        assert_eq!(Decimal::new(unscaled, scale).to_string(), text);
        assert_eq!(text.parse::<Decimal>().unwrap(), Decimal::new(unscaled, scale));
    }
    for bad in ["", ".", "1.2.3", "x", "1e", "--1", "1_0"] {
        assert_eq!(bad.parse::<Decimal>().unwrap_err().kind(), ErrorKind::Data, "{bad}");
    }
    assert_eq!(Decimal::new(0, 2).to_bytes(), [0]);
    assert_eq!(Decimal::new(-129, 0).to_bytes(), [0xff, 0x7f]);
}

fn person() -> Arc<Schema> {
    Schema::structure()
        .name("person")
        .field("name", Type::String)
        .field("age", Schema::builder(Type::Int32).default_value(18))
        .field("tags", Schema::array(Schema::required(Type::String)).optional())
        .build()
        .unwrap()
}

#[test]
fn structs_hold_what_their_schema_says() {
    let schema = person();
    let ann = Struct::builder(&schema).set("name", "Ann").build().unwrap();
    assert_eq!(ann.get("age"), Some(&Value::Int32(18)), "the default stands in");
    assert_eq!(ann.to_string(), "Struct{name=Ann}");
    let mut older = ann.clone();
    older.set("age", 30).unwrap();
    assert_eq!(ann.values()[1], Value::Null, "a clone keeps its values");
    assert_eq!(older.at(1), &Value::Int32(30));
    assert_ne!(ann, older);
    for (error, text) in [
        (Struct::builder(&schema).build().unwrap_err(), "field \"name\""),
        (Struct::builder(&schema).set("nam", 1).build().unwrap_err(), "its fields: name, age, tags"),
        (older.set("age", 30i64).unwrap_err(), "int64 was found where int32"),
        (Struct::of(&schema, [Value::Null]).unwrap_err(), "1 values were given for the 3 fields"),
        (older.set("tags", vec![Value::from("a"), Value::from(1)]).unwrap_err(), "element 1"),
    ] {
        assert!(error.to_string().contains(text), "{error} should say {text}");
    }
}

#[test]
fn builders_tell_their_first_mistake() {
    for (builder, text) in [
        (Schema::structure().field("a", Type::Int8).field("a", Type::Int8), "added twice"),
        (Schema::structure().field("", Type::Int8), "no name"),
        (Schema::builder(Type::Int8).field("a", Type::Int8), "type int8"),
        (Schema::builder(Type::Int8).name("a").name("b"), "the name \"a\" already"),
        (Schema::builder(Type::Int8).version(1).version(2), "version 1 already"),
        (Schema::builder(Type::Int8).optional().required(), "optional already"),
        (Schema::builder(Type::Int8).default_value(300), "default does not fit"),
        (Schema::builder(Type::Int8).default_value(Value::Null), "default does not fit"),
        (Schema::structure().field("a", Schema::builder(Type::Int8).name("x").name("y")), "field \"a\""),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains(text), "{error} should say {text}");
    }
    assert!(Schema::builder(Type::Int8).optional().optional().name("a").name("a").build().is_ok());
}

#[test]
fn a_struct_can_be_a_default() {
    let plain = Schema::structure().field("a", Type::Int8).build().unwrap();
    let default = Struct::of(&plain, vec![Value::Int8(1)]).unwrap();
    let schema = plain.to_builder().default_value(default.clone()).build().unwrap();
    assert_eq!(schema.default_value(), Some(&default.into()));
}

#[test]
fn values_of_a_struct_are_copied_when_shared() {
    let schema = Schema::structure().field("a", Type::Int8).build().unwrap();
    let mut one = Struct::of(&schema, vec![Value::Int8(1)]).unwrap();
    assert!(!one.is_shared());
    let other = one.clone();
    assert!(one.is_shared());
    one.values_mut()[0] = Value::Int8(2);
    assert_eq!((one.at(0), other.at(0)), (&Value::Int8(2), &Value::Int8(1)));
    assert!(!one.is_shared());
}

#[test]
fn logical_values_have_their_own_form() {
    let decimal = logical::decimal(2).build().unwrap();
    assert!(decimal.validate(&Decimal::new(1, 2).into()).is_ok());
    assert!(decimal.validate(&Value::from(vec![1u8])).is_err());
    assert!(logical::timestamp().build().unwrap().validate(&Value::Instant(5)).is_ok());
    assert!(logical::date().build().unwrap().validate(&Value::Int32(5)).is_err());
    let other = Schema::builder(Type::Int64).name("io.debezium.time.MicroTimestamp").build().unwrap();
    assert!(other.validate(&Value::Int64(5)).is_ok(), "an unknown name is its base type");
}

#[test]
fn headers_keep_order_and_duplicates() {
    let mut headers = Headers::new();
    for (key, value) in [("a", 1), ("z", 0), ("a", 2)] {
        headers.add(key, Value::from(value));
    }
    assert_eq!(headers.last("a").unwrap().value, Value::Int32(2));
    assert_eq!(headers.all("a").count(), 2);
    headers.retain_latest("a");
    assert_eq!(headers.iter().map(|h| &*h.key).collect::<Vec<_>>(), ["z", "a"]);
    assert_eq!(headers.remove("z"), 1);
    headers.apply(|_| None);
    assert!(headers.is_empty());
}

/// A double as a decimal by its shortest text, which is how that is defined.
fn by_text(number: f64, scale: i32) -> Option<Decimal> {
    format!("{number:e}").parse::<Decimal>().unwrap().rescaled(scale)
}

#[test]
fn decimals_of_doubles() {
    for number in [0.0, -0.0, 0.5, -0.05, 1e15, 999_999_999_999_999.0, 1e22, 4.35, 1.005, 0.000_1, 123_456_789.123_4] {
        for scale in [-1, 0, 1, 4, 15, 16] {
            assert_eq!(Decimal::of_f64(number, scale), by_text(number, scale), "{number} {scale}");
        }
    }
    assert_eq!(Decimal::of_f64(4.35, 2), Some(Decimal::new(435, 2)));
    for (number, scale) in [(4.35, 1), (0.1 + 0.2, 4), (f64::NAN, 2), (f64::INFINITY, 2), (f64::MIN, -151_000)] {
        assert_eq!(Decimal::of_f64(number, scale), None, "{number} {scale}");
    }
}

proptest! {
    #[test]
    fn doubles_read_back(value: f64) {
        let text = java_double(value).replace("Infinity", "inf");
        let back: f64 = text.parse().unwrap();
        prop_assert!(Value::from(back) == Value::from(value), "{} became {}", value, text);
    }

    #[test]
    fn short_decimals_are_as_long_ones(unscaled: i64, shift in 0..64u32, scale in 0..30i32) {
        let unscaled = unscaled >> shift;
        let (short, long) = (Decimal::new(unscaled, scale), BigInt::from(unscaled));
        prop_assert_eq!(&Decimal::new(long.clone(), scale), &short);
        prop_assert_eq!(short.to_bytes(), long.to_signed_bytes_be());
        prop_assert_eq!(short.unscaled().into_owned(), long);
        let text: f64 = short.to_string().parse().unwrap();
        prop_assert_eq!(short.to_f64(), text);
    }

    #[test]
    fn decimals_of_short_doubles(unscaled in -10_000_000_000_000_000_i64..10_000_000_000_000_000, places in 0..16, scale in 0..16) {
        #[expect(clippy::cast_precision_loss, reason = "some double")]
        let number = unscaled as f64 / 10f64.powi(places);
        prop_assert_eq!(Decimal::of_f64(number, scale), by_text(number, scale));
    }

    #[test]
    fn decimals_of_any_double(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO, scale in -3..16) {
        prop_assert_eq!(Decimal::of_f64(number, scale), by_text(number, scale));
    }

    #[test]
    fn decimals_read_back(unscaled: i128, scale in -30..60i32) {
        let decimal = Decimal::new(unscaled, scale);
        prop_assert_eq!(&decimal.to_string().parse::<Decimal>().unwrap(), &decimal);
        prop_assert_eq!(&Decimal::from_bytes(&decimal.to_bytes(), scale), &decimal);
    }
}
