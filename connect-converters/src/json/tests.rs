use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use connect_api::{ConverterPlugin, Datum, ErrorKind, Value, Written};

use super::{JsonConverter, JsonConverterConfig};
use crate::codec::Codec;

fn converter(config: JsonConverterConfig) -> JsonConverter {
    JsonConverter::make(config).unwrap()
}

fn plain() -> JsonConverter {
    converter(JsonConverterConfig { schemas_enable: false, ..Default::default() })
}

fn read(converter: &JsonConverter, text: &str) -> Result<Datum, String> {
    converter.decode(Some(&Bytes::copy_from_slice(text.as_bytes()))).map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::Data);
        error.to_string()
    })
}

/// Reads with this schema and shows the value, or the error.
#[track_caller]
fn check(lenient: bool, schema: &str, payload: &str, expect: &str) {
    let converter = converter(JsonConverterConfig { lenient, ..Default::default() });
    let shown = match read(&converter, &format!(r#"{{"schema":{schema},"payload":{payload}}}"#)) {
        Ok(datum) => datum.value.to_string(),
        Err(error) => error,
    };
    assert_eq!(shown, expect, "{schema} {payload}");
}

#[test]
fn strict_and_lenient() {
    let bad = |what: &str| format!("payload: {what}");
    for (schema, payload, strict, lenient) in [
        (r#"{"type":"int8"}"#, "300", bad("the number 300 is no value of type int8"), "44"),
        (r#"{"type":"int32"}"#, "5.0", "5".into(), "5"),
        (r#"{"type":"int32"}"#, "5.7", bad("the number 5.7 is no value of type int32"), "5"),
        (r#"{"type":"int32"}"#, "1e999999999", bad("the number 1e999999999 is no value of type int32"), "0"),
        (r#"{"type":"int64"}"#, "[]", bad("an array was found where int64 was expected"), "0"),
        (r#"{"type":"float"}"#, "1e39", bad("the number is too large for its type"), "Infinity"),
        (r#"{"type":"float"}"#, r#""-Infinity""#, "-Infinity".into(), "-Infinity"),
        (r#"{"type":"double"}"#, r#""x""#, bad(r#"the string "x" is no value of type float64"#), "0.0"),
        (r#"{"type":"boolean"}"#, "1", bad("a number was found where boolean was expected"), "false"),
        (r#"{"type":"string"}"#, "1", bad("a number was found where string was expected"), "null"),
        (r#"{"type":"array","items":{"type":"int8"}}"#, "1", bad("a number was found where array was expected"), "[]"),
    ] {
        check(false, schema, payload, &strict);
        check(true, schema, payload, lenient);
    }
}

#[test]
fn what_is_an_error_always() {
    let date = r#"{"type":"int32","name":"org.apache.kafka.connect.data.Date"}"#;
    let date_error = "payload: the number 1.0 is no value of type int32 (org.apache.kafka.connect.data.Date)";
    let map = r#"{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}"#;
    let decimal = r#"{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}"#;
    let empty = "payload: the empty string is no value of type bytes (org.apache.kafka.connect.data.Decimal)";
    for lenient in [false, true] {
        check(lenient, date, "1.0", date_error);
        check(lenient, decimal, r#""AA==""#, "0.00");
        check(lenient, decimal, r#""""#, empty);
        check(lenient, map, "[[1,2]]", "{1=2}");
        check(lenient, map, "[[1]]", "payload: a map entry is not an array of two elements, key and value");
        check(lenient, r#"{"type":"bytes"}"#, r#""?""#, "payload: the text is not base64");
        check(
            lenient,
            r#"{"type":"float32"}"#,
            "1",
            "schema: no schema type \"float32\"; possible: boolean, int8, int16, int32, int64, float, double, bytes, \
             string, array, map, struct",
        );
    }
}

#[test]
fn texts() {
    let converter = plain();
    for (text, expect) in [
        (r#" "\u00e9\ud83d\ude00\n\/" "#, "é😀\n/"),
        (r#""\ud83d-\ude00""#, "\u{fffd}-\u{fffd}"),
        ("\u{feff}1", "1"),
        (r#"{"a":1,"b":2,"a":3}"#, "{a=3, b=2}"),
        ("[1 ,2.50, -3e0]", "[1, 2.5, -3.0]"),
        ("  ", "null"),
    ] {
        assert_eq!(read(&converter, text).unwrap().value.to_string(), expect, "{text}");
    }
    for text in
        ["{", "[1,]", "{\"a\"}", "tru", "1 2", "\"\\x\"", "\"\\u12é\"", "\"a\nb\"", "-", "1.", "18446744073709551615"]
    {
        read(&converter, text).unwrap_err();
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for text in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000)] {
        assert!(read(&plain(), &text).unwrap_err().contains("nested too deep"));
        read(&converter(JsonConverterConfig::default()), &format!(r#"{{"schema":{text}"#)).unwrap_err();
    }
}

#[test]
fn a_schema_is_read_once() {
    let converter = converter(JsonConverterConfig::default());
    let schema = |text: &str| read(&converter, text).unwrap().schema.unwrap();
    let first = schema(r#"{"schema":{"type":"int8"},"payload":1}"#);
    let other = schema(r#"{"payload":"x","schema":{"type":"string"}}"#);
    let again = schema(r#"{"schema": {"type":"int8"} ,"payload":2}"#);
    assert!(Arc::ptr_eq(&first, &again) && first != other);
}

#[test]
fn many_keys() {
    let members: Vec<_> = (0..100).map(|n| format!(r#""k{}":{n}"#, n % 50)).collect();
    let datum = read(&plain(), &format!("{{{}}}", members.join(","))).unwrap();
    assert_eq!(datum.value.as_map().unwrap().len(), 50);
    assert_eq!(datum.value.get("k7"), Some(&Value::Int64(57)));
}

/// Names of one message are looked for in the next one, as they were written.
#[test]
fn names_that_were_read_before() {
    let converter = plain();
    let rows = [
        (r#"{"a\"b":1,"c":2}"#, r#"{"a\"b":1,"c":2}"#),
        (r#"{"a"b":1,"c":2}"#, "malformed JSON at byte 4: a colon was expected"),
        (r#"{"c":1,"long":2}"#, r#"{"c":1,"long":2}"#),
        (r#"{ "c" :1, "lon":2,"long":3}"#, r#"{"c":1,"lon":2,"long":3}"#),
        (r#"{"\u0063":1,"lon":2}"#, r#"{"c":1,"lon":2}"#),
        (r#"{"c":{"lon":2},"c":3}"#, r#"{"c":3}"#),
        (r#"{"c"#, "malformed JSON at byte 3: the text ends in a string"),
        (r#"{"c""#, "malformed JSON at byte 4: a colon was expected"),
        (r#"{"lon":2,"c":3}"#, r#"{"lon":2,"c":3}"#),
    ];
    for (text, expect) in rows {
        let shown = match read(&converter, text) {
            Ok(datum) => {
                let mut out = BytesMut::new();
                assert_eq!(converter.encode(&datum, &mut out).unwrap(), Written::Bytes);
                String::from_utf8(out.to_vec()).unwrap()
            }
            Err(error) => error,
        };
        assert_eq!(shown, expect, "{text}");
    }
}

#[test]
fn small_objects_stay_small() {
    let converter = plain();
    for _ in 0..2 {
        let datum = read(&converter, r#"{"a":{"b":1},"c":2,"d":3,"e":4}"#).unwrap();
        let Some(Value::Map(inner)) = datum.value.get("a") else { panic!("{datum:?}") };
        assert_eq!((inner.len(), inner.capacity()), (1, 1));
    }
}

#[test]
fn configured_schema() {
    let content = r#"{"type":"struct","fields":[{"field":"a","type":"int32"}]}"#;
    let converter = converter(JsonConverterConfig { schema_content: Some(content.into()), ..Default::default() });
    for text in [r#"{"a":1}"#, r#"{"schema":null,"payload":{"a":1}}"#] {
        assert_eq!(read(&converter, text).unwrap().value.to_string(), "Struct{a=1}", "{text}");
    }
    let bad = JsonConverterConfig { schema_content: Some("{}".into()), ..Default::default() };
    assert_eq!(JsonConverter::make(bad).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn decimal_formats() {
    let of =
        |format: &str| JsonConverter::make(JsonConverterConfig { decimal_format: format.into(), ..Default::default() });
    assert!(of("numeric").unwrap().writer.numeric);
    let error = of("HEX").unwrap_err();
    assert_eq!(error.to_string(), r#"decimal.format: no format named "HEX"; possible: BASE64, NUMERIC"#);
    assert_eq!(<JsonConverter as ConverterPlugin>::ALIASES, ["JsonConverter", "Json"]);
}

#[test]
fn equal_schemas_share_a_text() {
    let converter = converter(JsonConverterConfig { schemas_cache_size: 2, ..Default::default() });
    for n in 0..10i8 {
        let schema = connect_api::Schema::optional(connect_api::Type::Int8);
        let mut out = BytesMut::new();
        assert_eq!(converter.encode(&Datum::new(schema, n), &mut out).unwrap(), Written::Bytes);
        assert_eq!(out, format!(r#"{{"schema":{{"type":"int8","optional":true}},"payload":{n}}}"#));
    }
}
