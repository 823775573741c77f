//! What each converter costs for a record: a struct of 10 fields where it takes structs, else one value of its type.

use std::sync::Arc;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, HeaderConverter, RawHeaders, Schema, Struct, Type, Value,
};
use connect_converters::{
    BooleanConverter, ByteArrayConverter, DoubleConverter, FloatConverter, IntegerConverter, JsonConverter,
    JsonConverterConfig, LongConverter, ShortConverter, SimpleHeaderConverter, StringConverter,
};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/// Five numbers and five texts.
fn value(index: usize) -> Value {
    if index.is_multiple_of(2) { Value::Int64(i64::try_from(index).unwrap_or(0)) } else { "some text".into() }
}

fn structure() -> Datum {
    let schema = NAMES.iter().enumerate().fold(Schema::structure(), |schema, (index, name)| {
        schema.field(*name, if index.is_multiple_of(2) { Type::Int64 } else { Type::String })
    });
    let schema = schema.build().expect("a schema");
    let row = Struct::of(&schema, std::array::from_fn::<_, 10, _>(value)).expect("a row");
    Datum { schema: Some(Arc::clone(&schema)), value: row.into() }
}

fn map() -> Datum {
    let entries = NAMES.iter().enumerate().map(|(index, name)| (Value::from(*name), value(index)));
    Datum::schemaless(entries.collect::<Vec<_>>())
}

fn json(schemas_enable: bool) -> JsonConverter {
    let config = JsonConverterConfig { schemas_enable, ..Default::default() };
    <JsonConverter as ConverterPlugin>::new(config, ConverterKind::Value).expect("a converter")
}

/// A converter, and what it converts.
fn case(name: &str) -> (Box<dyn Converter>, Datum) {
    match name {
        "json struct with schema" => (Box::new(json(true)), structure()),
        "json struct without schema" => (Box::new(json(false)), structure()),
        "json map" => (Box::new(json(false)), map()),
        "string struct" => (Box::new(StringConverter::default()), structure()),
        "string text" => (Box::new(StringConverter::default()), Datum::schemaless("some text of thirty bytes or so")),
        "bytes" => (Box::new(ByteArrayConverter::default()), Datum::schemaless(vec![7u8; 200])),
        "short" => (Box::new(ShortConverter::default()), Datum::schemaless(7i16)),
        "integer" => (Box::new(IntegerConverter::default()), Datum::schemaless(7i32)),
        "long" => (Box::new(LongConverter::default()), Datum::schemaless(7i64)),
        "float" => (Box::new(FloatConverter::default()), Datum::schemaless(7.5f32)),
        "double" => (Box::new(DoubleConverter::default()), Datum::schemaless(7.5f64)),
        "boolean" => (Box::new(BooleanConverter::default()), Datum::schemaless(true)),
        _ => panic!("no case {name:?}"),
    }
}

const CASES: [&str; 12] = [
    "json struct with schema",
    "json struct without schema",
    "json map",
    "string struct",
    "string text",
    "bytes",
    "short",
    "integer",
    "long",
    "float",
    "double",
    "boolean",
];

#[divan::bench(args = CASES)]
fn write(bencher: Bencher<'_, '_>, name: &str) {
    let (converter, datum) = case(name);
    let mut out = BytesMut::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        converter.write("t", &mut RawHeaders::new(), black_box(&datum), &mut out).expect("written")
    });
}

#[divan::bench(args = CASES)]
fn read(bencher: Bencher<'_, '_>, name: &str) {
    let (converter, datum) = case(name);
    let mut out = BytesMut::new();
    let _ = converter.write("t", &mut RawHeaders::new(), &datum, &mut out).expect("written");
    let bytes: Bytes = out.freeze();
    bencher.bench_local(|| converter.read("t", &RawHeaders::new(), Some(black_box(&bytes))).expect("read"));
}

const HEADERS: [&str; 4] = ["12", "text", "2019-08-23T14:34:54.346Z", "[1,2,3]"];

#[divan::bench(args = HEADERS)]
fn read_header(bencher: Bencher<'_, '_>, text: &str) {
    let (converter, bytes) = (SimpleHeaderConverter::default(), Bytes::copy_from_slice(text.as_bytes()));
    bencher.bench_local(|| HeaderConverter::read(&converter, "t", "key", Some(black_box(&bytes))).expect("read"));
}

#[divan::bench(args = HEADERS)]
fn write_header(bencher: Bencher<'_, '_>, text: &str) {
    let converter = SimpleHeaderConverter::default();
    let datum =
        HeaderConverter::read(&converter, "t", "key", Some(&Bytes::copy_from_slice(text.as_bytes()))).expect("read");
    let mut out = BytesMut::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        HeaderConverter::write(&converter, "t", "key", black_box(&datum), &mut out).expect("written")
    });
}
