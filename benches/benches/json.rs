//! JSON beside serde_json: what does the converter cost on an object of 8 fields and 200 bytes?

use std::sync::Arc;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{Converter, ConverterKind, ConverterPlugin, Datum, RawHeaders, Schema, Struct, Type, Value};
use connect_converters::{JsonConverter, JsonConverterConfig};
use divan::{Bencher, black_box};
use serde::{Deserialize, Serialize};

fn main() {
    let text = serde_json::to_string(&Order::example()).expect("JSON");
    assert_eq!(text.len(), 200, "the object is what the question says: {text}");
    divan::main();
}

/// The rival: the same object as a type of its own.
#[derive(Serialize, Deserialize)]
struct Order {
    id: i64,
    customer: String,
    email: String,
    amount: f64,
    currency: String,
    paid: bool,
    created: i64,
    note: String,
}

impl Order {
    fn example() -> Self {
        Self {
            id: 1_234_567_890,
            customer: "Ada Lovelace".into(),
            email: "ada.lovelace@example.com".into(),
            amount: 1234.56,
            currency: "EUR".into(),
            paid: true,
            created: 1_566_570_894_346,
            note: "please leave it with the neighbours at 124".into(),
        }
    }

    fn values(self) -> [(&'static str, Value); 8] {
        [
            ("id", self.id.into()),
            ("customer", self.customer.into()),
            ("email", self.email.into()),
            ("amount", self.amount.into()),
            ("currency", self.currency.into()),
            ("paid", self.paid.into()),
            ("created", self.created.into()),
            ("note", self.note.into()),
        ]
    }
}

fn schemaless() -> Datum {
    let entries = Order::example().values().map(|(name, value)| (Value::from(name), value));
    Value::from(entries.to_vec()).into()
}

fn structured() -> Datum {
    let schema = [
        ("id", Type::Int64),
        ("customer", Type::String),
        ("email", Type::String),
        ("amount", Type::Float64),
        ("currency", Type::String),
        ("paid", Type::Boolean),
        ("created", Type::Int64),
        ("note", Type::String),
    ]
    .into_iter()
    .fold(Schema::structure(), |schema, (name, ty)| schema.field(name, ty))
    .build()
    .expect("a schema");
    let row = Struct::of(&schema, Order::example().values().map(|(_, value)| value)).expect("a row");
    Datum { schema: Some(Arc::clone(&schema)), value: row.into() }
}

fn converter(schemas_enable: bool) -> JsonConverter {
    let config = JsonConverterConfig { schemas_enable, ..Default::default() };
    <JsonConverter as ConverterPlugin>::new(config, ConverterKind::Value).expect("a converter")
}

fn write(bencher: Bencher<'_, '_>, converter: &JsonConverter, datum: &Datum) {
    let mut out = BytesMut::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        Converter::write(converter, "t", &mut RawHeaders::new(), black_box(datum), &mut out).expect("written")
    });
}

fn read(bencher: Bencher<'_, '_>, converter: &JsonConverter, datum: &Datum) {
    let mut out = BytesMut::new();
    let _ = Converter::write(converter, "t", &mut RawHeaders::new(), datum, &mut out).expect("written");
    let bytes: Bytes = out.freeze();
    bencher.bench_local(|| Converter::read(converter, "t", &RawHeaders::new(), Some(black_box(&bytes))).expect("read"));
}

#[divan::bench]
fn write_serde_json_typed(bencher: Bencher<'_, '_>) {
    let order = Order::example();
    let mut out = Vec::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        serde_json::to_writer(&mut out, black_box(&order)).expect("written");
    });
}

#[divan::bench]
fn write_schemaless(bencher: Bencher<'_, '_>) {
    write(bencher, &converter(false), &schemaless());
}

#[divan::bench]
fn write_struct_without_envelope(bencher: Bencher<'_, '_>) {
    write(bencher, &converter(false), &structured());
}

#[divan::bench]
fn write_struct_with_schema(bencher: Bencher<'_, '_>) {
    write(bencher, &converter(true), &structured());
}

#[divan::bench]
fn read_serde_json_typed(bencher: Bencher<'_, '_>) {
    let text = serde_json::to_vec(&Order::example()).expect("JSON");
    bencher.bench_local(|| serde_json::from_slice::<Order>(black_box(&text)).expect("read"));
}

#[divan::bench]
fn read_serde_json_untyped(bencher: Bencher<'_, '_>) {
    let text = serde_json::to_vec(&Order::example()).expect("JSON");
    bencher.bench_local(|| serde_json::from_slice::<serde_json::Value>(black_box(&text)).expect("read"));
}

#[divan::bench]
fn read_schemaless(bencher: Bencher<'_, '_>) {
    read(bencher, &converter(false), &schemaless());
}

#[divan::bench]
fn read_struct_with_schema(bencher: Bencher<'_, '_>) {
    read(bencher, &converter(true), &structured());
}
