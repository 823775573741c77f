//! Tables and columns that are made, values that are written, and names that mean harm.

use connect_api::{Decimal, Record, Schema, Struct, Type, Value, logical};
use proptest::prelude::*;

use super::{Bench, order, tombstone};

#[tokio::test]
async fn tables_are_created_and_grow() {
    let bench = Bench::new("").await;
    bench.worker.send_records([tombstone(9), order(1, "a", 1)]).await;
    let more = Schema::structure().field("id", Schema::required(Type::Int32));
    let more = more.field("note", Schema::builder(Type::String).optional().default_value("it's")).build().unwrap();
    let value = Struct::builder(&more).set("id", 2).build().unwrap();
    bench
        .worker
        .send_records(
            [Record::new("orders", value).with_key(connect_api::Datum::new(Schema::required(Type::Int32), 2))],
        )
        .await;
    let config =
        "pk.mode=record_key\npk.fields=id\ninsert.mode=upsert\ndelete.enabled=true\nauto.create=true\nauto.evolve=true";
    bench.run("orders", config).await;
    assert_eq!(bench.worker.trace("s"), "");
    let columns = bench.rows("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('orders')");
    let expect = ["id|INTEGER|1|null|1", "name|TEXT|0|null|0", "qty|INTEGER|0|null|0", "note|TEXT|0|'it''s'|0"];
    assert_eq!(columns, expect);
    assert_eq!(bench.rows("SELECT * FROM orders ORDER BY id"), ["1|a|1|it's", "2|null|null|it's"]);
}

#[tokio::test]
async fn a_required_column_is_not_added() {
    let bench = Bench::new("CREATE TABLE orders (name TEXT)").await;
    bench.worker.send_records([order(1, "a", 1)]).await;
    bench.run("orders", "auto.evolve=true").await;
    assert!(bench.worker.trace("s").contains("(id) that are neither optional nor have a default"));
}

#[tokio::test]
async fn every_type_is_written() {
    let logical = |schema: connect_api::SchemaBuilder| schema.build().unwrap();
    let schema = Schema::structure()
        .field("i8", Type::Int8)
        .field("f32", Type::Float32)
        .field("b", Type::Boolean)
        .field("by", Type::Bytes)
        .field("de", logical(logical::decimal(2)))
        .field("d", logical(logical::date()))
        .field("t", logical(logical::time()))
        .field("ts", logical(logical::timestamp()))
        .field("us", Type::Int64)
        .build()
        .unwrap();
    let value = Struct::of(
        &schema,
        vec![
            Value::Int8(-128),
            Value::Float32(1.5),
            Value::Boolean(true),
            Value::from(vec![0_u8, 255]),
            Decimal::new(-150, 2).into(),
            Value::Instant(-86_400_000),
            Value::Instant(1),
            Value::Instant(-1),
            Value::Int64(1_234_567),
        ],
    );
    let bench = Bench::new("").await;
    bench.worker.send_records([Record::new("t", value.unwrap())]).await;
    bench.run("t", "auto.create=true\ntimestamp.fields.list=us").await;
    let expect = "-128|1.5|1|[0, 255]|-1.5|-86400000|1|-1|1234";
    assert_eq!(bench.rows("SELECT * FROM t"), [expect], "{}", bench.worker.trace("s"));
}

#[tokio::test]
async fn strings_and_kafkas_own_key() {
    let bench = Bench::new("").await;
    bench
        .worker
        .send_records([Record::new("t", connect_api::Datum::new(Schema::required(Type::String), "hello"))])
        .await;
    bench.run("t", "auto.create=true\npk.mode=kafka\nstring.output.value.column.name=line").await;
    assert_eq!(bench.rows("SELECT * FROM t"), ["t|0|0|hello"], "{}", bench.worker.trace("s"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // A name and a default are never more than a name and a value.
    #[test]
    fn hostile_names_and_defaults_change_no_statement(
        table in "[ -~]{1,12}|.*[\"'`;\\\\].*",
        column in "[ -~]{1,12}|.*[\"'`;\\\\].*",
        default in "\\PC{0,12}",
    ) {
        prop_assume!(!table.is_empty() && !column.is_empty());
        prop_assume!(!table.contains(['.', '"', '\0', '\n', '=']) && !column.contains(['\0']));
        prop_assume!(table.trim() == table && !table.to_lowercase().starts_with("sqlite_") && table != "victim");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new("CREATE TABLE victim (a INT); INSERT INTO victim VALUES (1)").await;
            let schema = Schema::structure()
                .field(column.as_str(), Schema::builder(Type::String).optional().default_value(default.as_str()))
                .build()
                .unwrap();
            let value = Struct::of(&schema, vec![Value::Null]).unwrap();
            bench.worker.send_records([Record::new("t", value)]).await;
            let mut properties = bench.properties("t", "auto.create=true");
            properties.insert("table.name.format".into(), table.clone());
            bench.worker.create(properties).await;
            bench.worker.settled().await;
            assert_eq!(bench.worker.trace("s"), "");
            let names = bench.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid");
            assert_eq!(names, ["victim", table.as_str()]);
            let quoted = table.replace('"', "\"\"");
            assert_eq!(bench.rows(&format!("SELECT * FROM \"{quoted}\"")), [default.as_str()]);
            assert_eq!(bench.rows("SELECT name FROM pragma_table_info((SELECT name FROM sqlite_schema WHERE name <> 'victim'))"), [column.as_str()]);
            assert_eq!(bench.rows("SELECT * FROM victim"), ["1"]);
        });
    }
}
