//! What each transform costs for a record, by itself, and a chain of three.
//!
//! Records come in batches, as in the runtime. `nothing` is what a batch without a transform costs.

use std::sync::Arc;

use connect_api::{
    Batch, Datum, Record, Schema, SinkRecord, Struct, TimestampType, TopicPartition, Transform, TransformPlugin, Type,
    Value as Data,
};
use connect_transforms::{
    Cast, CastConfig, DropHeaders, DropHeadersConfig, ExtractField, ExtractFieldConfig, Filter, FilterConfig, Flatten,
    FlattenConfig, HeaderFrom, HeaderFromConfig, HeaderFromOperation, HoistField, HoistFieldConfig, InsertField,
    InsertFieldConfig, InsertHeader, InsertHeaderConfig, MaskField, MaskFieldConfig, RegexRouter, RegexRouterConfig,
    ReplaceField, ReplaceFieldConfig, SetSchemaMetadata, SetSchemaMetadataConfig, TimestampConverter,
    TimestampConverterConfig, TimestampRouter, TimestampRouterConfig, UnixPrecision, Value, ValueToKey,
    ValueToKeyConfig,
};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const RECORDS: usize = 500;
const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/// Five numbers and five texts.
fn value(index: usize) -> Data {
    if index.is_multiple_of(2) { Data::Int64(i64::try_from(index).unwrap_or(0)) } else { "some text".into() }
}

fn structure() -> Datum {
    let schema = NAMES.iter().enumerate().fold(Schema::structure(), |schema, (index, name)| {
        schema.field(*name, if index.is_multiple_of(2) { Type::Int64 } else { Type::String })
    });
    let schema = schema.build().expect("a schema");
    Struct::of(&schema, std::array::from_fn::<_, 10, _>(value)).map(Datum::from).expect("a row")
}

fn map() -> Datum {
    Datum::schemaless(
        NAMES.iter().enumerate().map(|(i, name)| ((*name).into(), value(i))).collect::<Vec<(Data, Data)>>(),
    )
}

/// A struct or map of five fields, and a struct or map of five others in it.
fn nested(datum: &Datum) -> Datum {
    let Some(structure) = datum.value.as_struct() else {
        let entries = datum.value.as_map().unwrap_or_default();
        let inner = Data::from(entries[5..].to_vec());
        let mut outer = entries[..5].to_vec();
        outer.push(("inner".into(), inner));
        return Datum::schemaless(outer);
    };
    let fields = structure.schema().fields();
    let part = |fields: &[connect_api::Field]| {
        fields.iter().fold(Schema::structure(), |schema, field| schema.field(Arc::clone(&field.name), &field.schema))
    };
    let inner = part(&fields[5..]).build().expect("a schema");
    let outer = part(&fields[..5]).field("inner", &inner).build().expect("a schema");
    let mut values = structure.values()[..5].to_vec();
    values.push(Struct::unchecked(&inner, &structure.values()[5..]).into());
    Struct::of(&outer, values).map(Datum::from).expect("a row")
}

/// Records that share nothing but their schema and their texts, as converters make them.
fn fresh(datum: &Datum) -> Vec<SinkRecord> {
    let origin = Arc::new(TopicPartition::new("topic", 0));
    let record = |offset| {
        let value = match &datum.value {
            Data::Struct(structure) => Struct::unchecked(structure.schema(), structure.values()).into(),
            Data::Map(entries) => entries.to_vec().into(),
            other => other.clone(),
        };
        let value = Datum { schema: datum.schema.clone(), value };
        let record = Record::new("topic", value).with_timestamp(offset);
        SinkRecord::new(record, Arc::clone(&origin), offset, TimestampType::CreateTime)
    };
    (0..RECORDS).map(|offset| record(i64::try_from(offset).unwrap_or(0))).collect()
}

fn run(bencher: Bencher<'_, '_>, chain: &[Box<dyn Transform>], datum: &Datum) {
    bencher.counter(ItemsCount::new(RECORDS)).with_inputs(|| fresh(datum)).bench_local_refs(|records| {
        let mut batch = Batch::new(records.iter_mut().map(|record| &mut record.record));
        for transform in chain {
            black_box(transform).transform_batch(&mut batch);
        }
        black_box(batch.len());
    });
}

fn boxed<T: TransformPlugin>(config: T::Config) -> Box<dyn Transform> {
    Box::new(T::new(config).expect("a transform"))
}

fn insert() -> Box<dyn Transform> {
    let (topic_field, static_field) = (Some("topic".into()), Some("static".into()));
    let static_value = Some("value".into());
    boxed::<InsertField<Value>>(InsertFieldConfig { topic_field, static_field, static_value, ..Default::default() })
}

fn replace() -> Box<dyn Transform> {
    let (exclude, renames) = (vec!["b".into()], vec!["c:z".into()]);
    boxed::<ReplaceField<Value>>(ReplaceFieldConfig { exclude, renames, ..Default::default() })
}

fn mask() -> Box<dyn Transform> {
    boxed::<MaskField<Value>>(MaskFieldConfig::new(["d", "e"]))
}

fn header(operation: HeaderFromOperation) -> Box<dyn Transform> {
    let (fields, headers) = (vec!["a".into()], vec!["header".into()]);
    boxed::<HeaderFrom<Value>>(HeaderFromConfig { fields, headers, operation, replace_null_with_default: true })
}

fn insert_header() -> Box<dyn Transform> {
    boxed::<InsertHeader>(InsertHeaderConfig { header: "header".into(), value_literal: "12".into() })
}

/// For transforms that do not look at fields.
fn number() -> Datum {
    Datum::new(Schema::required(Type::Int64), 12i64)
}

const DATA: [&str; 2] = ["struct", "map"];

fn data(kind: &str) -> Datum {
    if kind == "map" { map() } else { structure() }
}

#[divan::bench(args = DATA)]
fn nothing(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[], &data(kind));
}

#[divan::bench(args = DATA)]
fn cast_two_fields(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[boxed::<Cast<Value>>(CastConfig::new(["a:int32", "c:float64"]))], &data(kind));
}

#[divan::bench]
fn cast_whole(bencher: Bencher<'_, '_>) {
    run(bencher, &[boxed::<Cast<Value>>(CastConfig::new(["int32"]))], &number());
}

#[divan::bench]
fn drop_headers(bencher: Bencher<'_, '_>) {
    let drop = boxed::<DropHeaders>(DropHeadersConfig { headers: vec!["header".into()] });
    // Something to drop; it costs what `insert_header` does.
    run(bencher, &[insert_header(), drop], &number());
}

#[divan::bench(args = DATA)]
fn extract_field(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[boxed::<ExtractField<Value>>(ExtractFieldConfig::new("e"))], &data(kind));
}

#[divan::bench(args = DATA)]
fn filter(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[boxed::<Filter>(FilterConfig {})], &data(kind));
}

#[divan::bench(args = DATA)]
fn flatten(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[boxed::<Flatten<Value>>(FlattenConfig::default())], &nested(&data(kind)));
}

#[divan::bench(args = DATA)]
fn header_from_copy(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[header(HeaderFromOperation::Copy)], &data(kind));
}

#[divan::bench(args = DATA)]
fn header_from_move(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[header(HeaderFromOperation::Move)], &data(kind));
}

#[divan::bench(args = DATA)]
fn hoist_field(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[boxed::<HoistField<Value>>(HoistFieldConfig { field: "field".into() })], &data(kind));
}

#[divan::bench(args = DATA)]
fn insert_field(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[insert()], &data(kind));
}

#[divan::bench(name = "insert_header")]
fn one_header(bencher: Bencher<'_, '_>) {
    run(bencher, &[insert_header()], &number());
}

#[divan::bench(args = DATA)]
fn mask_field(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[mask()], &data(kind));
}

#[divan::bench]
fn regex_router(bencher: Bencher<'_, '_>) {
    let config = RegexRouterConfig { regex: "(to)(.*)".parse().expect("a regex"), replacement: "$2-$1".into() };
    run(bencher, &[boxed::<RegexRouter>(config)], &number());
}

#[divan::bench(args = DATA)]
fn replace_field(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[replace()], &data(kind));
}

#[divan::bench]
fn set_schema_metadata(bencher: Bencher<'_, '_>) {
    let config = SetSchemaMetadataConfig { schema_name: Some("name".into()), ..Default::default() };
    run(bencher, &[boxed::<SetSchemaMetadata<Value>>(config)], &structure());
}

#[divan::bench(args = DATA)]
fn timestamp_converter(bencher: Bencher<'_, '_>, kind: &str) {
    let config = TimestampConverterConfig {
        field: "a".into(),
        target_type: connect_transforms::TimestampType::String,
        format: "yyyy-MM-dd'T'HH:mm:ss.SSS".parse().expect("a pattern"),
        unix_precision: UnixPrecision::Milliseconds,
        replace_null_with_default: true,
    };
    run(bencher, &[boxed::<TimestampConverter<Value>>(config)], &data(kind));
}

#[divan::bench]
fn timestamp_router(bencher: Bencher<'_, '_>) {
    run(bencher, &[boxed::<TimestampRouter>(TimestampRouterConfig::default())], &number());
}

#[divan::bench(args = DATA)]
fn value_to_key(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[boxed::<ValueToKey>(ValueToKeyConfig::new(["a", "b"]))], &data(kind));
}

#[divan::bench(args = DATA)]
fn chain_of_insert_replace_mask(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, &[insert(), replace(), mask()], &data(kind));
}
