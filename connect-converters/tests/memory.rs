//! What a message costs in memory is in proportion to its length, whatever its bytes.
//!
//! A binary of its own with one test, since the allocator counts what every thread allocates.

use std::alloc::System;

use connect_api::bytes::Bytes;
use connect_api::values::Values;
use connect_api::{Converter, ConverterKind, ConverterPlugin, HeaderConverter};
use connect_converters::{
    BooleanConverter, DoubleConverter, FloatConverter, IntegerConverter, JsonConverter, JsonConverterConfig,
    LongConverter, ShortConverter, SimpleHeaderConverter, StringConverter, StringConverterConfig,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that may be allocated in all, freed ones included: for each byte of input, and for none. A `[],` of three
/// bytes becomes an array, a place in the array around it, and places in what that was copied from as it grew.
const FOR_A_BYTE: usize = 128;
const FOR_NOTHING: usize = 64 * 1024;

fn json(lenient: bool, schemas_enable: bool) -> JsonConverter {
    let config = JsonConverterConfig { lenient, schemas_enable, ..Default::default() };
    <JsonConverter as ConverterPlugin>::new(config, ConverterKind::Value).unwrap()
}

fn encoded(encoding: &str) -> StringConverter {
    let config = StringConverterConfig { encoding: encoding.into() };
    <StringConverter as ConverterPlugin>::new(config, ConverterKind::Value).unwrap()
}

/// Texts that promise more than they hold, and long ones of one thing.
fn nasty() -> Vec<String> {
    let schema = |schema: &str, payload: &str| format!(r#"{{"schema":{schema},"payload":{payload}}}"#);
    let times = |text: &str, times| text.repeat(times);
    let decimal =
        r#"{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2147483647"}}"#;
    vec![
        "1e999999999".into(),
        "-1e-999999999".into(),
        format!("0.{}1", times("0", 100_000)),
        times("9", 100_000),
        format!("1e{}", times("9", 100_000)),
        times("[", 100_000),
        times("{\"a\":", 100_000),
        format!("[{}[]]", times("[],", 100_000)),
        format!("[{}1]", times("1,", 100_000)),
        format!("{{{}\"a\":1}}", times("\"a\":1,", 50_000)),
        format!("{{{}}}", (0..30_000).map(|n| format!("\"{n}\":1")).collect::<Vec<_>>().join(",")),
        format!("\"{}\"", times("\\u0000", 50_000)),
        times("\\", 100_000),
        times("\"", 100_000),
        times("1:", 100_000),
        times("2019-08-23T14:34:54.346Z,", 20_000),
        schema(decimal, "1e999999999"),
        schema(decimal, "\"AQ==\""),
        schema(r#"{"type":"double"}"#, "1e-999999999"),
        schema(r#"{"type":"int64"}"#, "1e999999999"),
        schema(&format!("{}{}", times(r#"{"type":"array","items":"#, 100_000), times("}", 100_000)), "null"),
        schema(r#"{"type":"struct","fields":[]}"#, &format!("{{{}\"a\":1}}", times("\"a\":1,", 50_000))),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\u",
        "\\",
        "1e9",
        "-",
        "0.5",
        "null",
        "true",
        " ",
        "schema",
        "payload",
        "é",
        "\"schema\":",
        "\"payload\":",
        "{\"type\":\"int32\"}",
        "12:30",
        "2019-08-23",
    ]);
    vec(word, 0..60).prop_map(|words| words.concat())
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let most = FOR_NOTHING + FOR_A_BYTE * bytes.len();
    let converters: [(&str, Box<dyn Converter>); 13] = [
        ("json", Box::new(json(false, false))),
        ("json with schemas", Box::new(json(false, true))),
        ("lenient json", Box::new(json(true, false))),
        ("lenient json with schemas", Box::new(json(true, true))),
        ("string", Box::new(StringConverter::default())),
        ("text in UTF-16", Box::new(encoded("UTF-16"))),
        ("text in GB18030", Box::new(encoded("GB18030"))),
        ("short", Box::new(ShortConverter::default())),
        ("integer", Box::new(IntegerConverter::default())),
        ("long", Box::new(LongConverter::default())),
        ("float", Box::new(FloatConverter::default())),
        ("double", Box::new(DoubleConverter::default())),
        ("boolean", Box::new(BooleanConverter::default())),
    ];
    let allocated = |what: &str, read: &dyn Fn()| {
        let region = Region::new(ALLOCATOR);
        read();
        let allocated = region.change().bytes_allocated;
        prop_assert!(allocated <= most, "{what} allocated {allocated} bytes for {}", bytes.len());
        Ok(())
    };
    for (what, converter) in &converters {
        allocated(what, &|| drop(converter.read("t", &Vec::new(), Some(&bytes))))?;
    }
    let headers = SimpleHeaderConverter::default();
    allocated("header", &|| drop(HeaderConverter::read(&headers, "t", "k", Some(&bytes))))?;
    let values = Values::default();
    let text = String::from_utf8_lossy(&bytes);
    allocated("values", &|| drop(values.parse(&text)))
}

#[test]
fn memory_follows_length() {
    for text in nasty() {
        let shown: String = text.chars().take(60).collect();
        check(text.as_bytes()).unwrap_or_else(|error| panic!("{shown}: {error}"));
    }
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(256) });
    let bytes = prop_oneof![vec(any::<u8>(), 0..400), text().prop_map(String::into_bytes)];
    runner.run(&bytes, |bytes| check(&bytes)).unwrap();
}
