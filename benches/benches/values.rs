//! What values cost: clones, structs, reads by index and by name.

use std::sync::Arc;

use connect_api::{Datum, Record, Schema, Struct, Type, Value};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn schema() -> Arc<Schema> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let fields = names.into_iter().fold(Schema::structure(), |schema, name| schema.field(name, Type::Int64));
    fields.build().expect("a schema")
}

fn row(schema: &Arc<Schema>) -> Struct {
    Struct::of(schema, std::array::from_fn::<_, 10, _>(|i| Value::Int64(i64::try_from(i).unwrap_or(0)))).expect("a row")
}

#[divan::bench]
fn clone_text(bencher: Bencher<'_, '_>) {
    let value = Value::from("x".repeat(200));
    bencher.bench_local(|| black_box(&value).clone());
}

#[divan::bench]
fn clone_struct(bencher: Bencher<'_, '_>) {
    let value = Value::from(row(&schema()));
    bencher.bench_local(|| black_box(&value).clone());
}

#[divan::bench]
fn clone_record(bencher: Bencher<'_, '_>) {
    let record = Record::new("topic", Datum::from(row(&schema()))).with_key(Value::from("key"));
    bencher.bench_local(|| black_box(&record).clone());
}

#[divan::bench]
fn build_struct_of_10_fields(bencher: Bencher<'_, '_>) {
    let schema = schema();
    bencher.bench_local(|| row(black_box(&schema)));
}

#[divan::bench]
fn build_struct_of_10_fields_unchecked(bencher: Bencher<'_, '_>) {
    let schema = schema();
    bencher.bench_local(|| Struct::unchecked(black_box(&schema), std::array::from_fn::<_, 10, _>(|_| Value::Int64(1))));
}

#[divan::bench]
fn read_three_fields_by_index(bencher: Bencher<'_, '_>) {
    let row = row(&schema());
    bencher.bench_local(|| {
        let row = black_box(&row);
        (row.at(1).as_i64(), row.at(5).as_i64(), row.at(9).as_i64())
    });
}

#[divan::bench]
fn read_three_fields_by_name(bencher: Bencher<'_, '_>) {
    let row = row(&schema());
    bencher.bench_local(|| {
        let row = black_box(&row);
        (
            row.get("b").and_then(Value::as_i64),
            row.get("f").and_then(Value::as_i64),
            row.get("j").and_then(Value::as_i64),
        )
    });
}

#[divan::bench]
fn validate_struct(bencher: Bencher<'_, '_>) {
    let row = row(&schema());
    bencher.bench_local(|| black_box(&row).validate());
}
