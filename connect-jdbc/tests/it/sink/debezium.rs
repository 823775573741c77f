//! Debezium's sink: its keys, and change events as rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::config::{definitions, parse};
use connect_api::{Datum, Record, Schema, SinkConnector as _, SinkTask as _, Struct, TopicPartition, Type, Value};
use connect_jdbc::{DebeziumJdbcSink, DebeziumJdbcSinkConfig};
use connect_runtime::State;
use connect_runtime::testing::sink_context;
use tokio::time::timeout;

use super::{Bench, orders};

const TABLE: &str = "CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, name TEXT, qty BIGINT CHECK (qty >= 0))";
const ALL: &str = "SELECT id, name, qty FROM shop_orders ORDER BY id";

fn properties(bench: &Bench, more: &str) -> BTreeMap<String, String> {
    let class = "connector.class=io.debezium.connector.jdbc.JdbcSinkConnector";
    bench.properties("shop.orders", &format!("{class}\n{more}"))
}

async fn run(bench: &Bench, more: &str) {
    bench.worker.create(properties(bench, more)).await;
    bench.worker.settled().await;
}

fn source() -> Arc<Schema> {
    let schema = Schema::structure().field("db", Schema::required(Type::String));
    schema.field("table", Schema::required(Type::String)).optional().build().unwrap()
}

fn envelope() -> Arc<Schema> {
    let row = orders().to_builder().optional().build().unwrap();
    let schema = Schema::structure().field("before", &row).field("after", &row).field("source", source());
    schema.field("op", Schema::required(Type::String)).name("shop.orders.Envelope").build().unwrap()
}

fn key(id: i32) -> Datum {
    let schema = Schema::structure().field("id", Schema::required(Type::Int32)).build().unwrap();
    Struct::of(&schema, vec![id.into()]).unwrap().into()
}

/// A change event: its op, and the id and quantity of the row.
fn event(op: &str, id: i32, qty: i64) -> Record {
    let row = orders().to_builder().optional().build().unwrap();
    let row: Value = Struct::builder(&row).set("id", id).set("name", op).set("qty", qty).build().unwrap().into();
    let (before, after) = match op {
        "d" => (row, Value::Null),
        "t" => (Value::Null, Value::Null),
        _ => (Value::Null, row),
    };
    let place = Struct::of(&source(), vec!["crm".into(), "people".into()]).unwrap();
    let value = Struct::of(&envelope(), vec![before, after, place.into(), op.into()]).unwrap();
    let record = Record::new("shop.orders", value).with_key(key(id));
    record.with_header("id", Datum::new(Schema::required(Type::Int32), id))
}

#[tokio::test]
async fn events_become_rows() {
    let keyed = "insert.mode=upsert\nprimary.key.mode=record_key";
    let rows: [(&str, &str, &[&str]); 12] = [
        ("1c 2r", "", &["1|c|0", "2|r|1"]),
        ("1c 2r 1u", keyed, &["1|u|2", "2|r|1"]),
        // Deletes and truncates are passed over unless they are asked for.
        ("1c 2c 1d 1- 0t 0m", keyed, &["1|c|0", "2|c|1"]),
        ("1c 2c 1d 1-", "delete.enabled=true\ninsert.mode=upsert\nprimary.key.mode=record_key", &["2|c|1"]),
        ("1c 1d 1c", "delete.enabled=true\ninsert.mode=upsert\nprimary.key.mode=record_key", &["1|c|2"]),
        (
            "1c 2c 1d",
            "delete.enabled=true\ninsert.mode=upsert\nprimary.key.mode=record_value\nprimary.key.fields=id",
            &["2|c|1"],
        ),
        ("1c 2c 2u 1d 1-", "delete.enabled=true\ninsert.mode=upsert\nprimary.key.mode=record_header", &["2|u|2"]),
        ("1c 2c 0t 3c", "truncate.enabled=true", &["3|c|3"]),
        ("1c 0t 1c 2c 0t 1u", "truncate.enabled=true\ninsert.mode=upsert\nprimary.key.mode=record_key", &["1|u|5"]),
        ("1c", "primary.key.mode=record_key\nfield.exclude.list=shop.orders:qty,x:name", &["1|c|null"]),
        ("1c", "primary.key.mode=record_key\nfield.include.list=qty", &["1|null|0"]),
        ("1c 1u", "insert.mode=update\nprimary.key.mode=record_key", &[]),
    ];
    for (events, config, expect) in rows {
        let bench = Bench::new(TABLE).await;
        let made = events.split(' ').enumerate().map(|(at, event_text)| {
            let (id, op) = event_text.split_at(1);
            let id: i32 = id.parse().unwrap();
            match op {
                "-" => Record::new("shop.orders", Value::Null).with_key(key(id)),
                op => event(op, id, i64::try_from(at).unwrap()),
            }
        });
        bench.worker.send_records(made).await;
        run(&bench, config).await;
        assert_eq!(bench.rows(ALL), expect, "{events} {config}: {}", bench.worker.trace("s"));
        assert_eq!(bench.worker.committed("s", "shop.orders"), [events.split(' ').count() as i64], "{events} {config}");
    }
}

#[tokio::test]
async fn flat_records_and_cloud_events_are_rows_too() {
    let bench = Bench::new(TABLE).await;
    let flat = Struct::builder(&orders()).set("id", 1).set("name", "flat").set("qty", 1_i64).build().unwrap();
    bench.worker.send_records([Record::new("shop.orders", flat).with_key(key(1))]).await;
    let cloud = Schema::structure().field("data", envelope()).name("a.CloudEvents.Envelope").build().unwrap();
    let inner = event("c", 2, 2).value.value;
    let value = Struct::of(&cloud, vec![inner]).unwrap();
    bench.worker.send_records([Record::new("shop.orders", value).with_key(key(2))]).await;
    run(&bench, "primary.key.mode=record_key").await;
    assert_eq!(bench.rows(ALL), ["1|flat|1", "2|c|2"], "{}", bench.worker.trace("s"));
}

/// Also where the rows of another topic go to the same table.
#[tokio::test]
async fn fields_are_left_out_of_the_rows_of_their_topic() {
    let bench = Bench::new(TABLE).await;
    let mut other = event("c", 2, 7);
    other.topic = "shop.more".into();
    bench.worker.send_records([event("c", 1, 7)]).await;
    run(&bench, "topics=shop.orders,shop.more\ncollection.name.format=shop_orders\nfield.exclude.list=shop.more:qty")
        .await;
    bench.worker.send_records([other, event("c", 3, 7)]).await;
    bench.worker.settled().await;
    assert_eq!(bench.rows(ALL), ["1|c|7", "2|c|null", "3|c|7"], "{}", bench.worker.trace("s"));
}

#[tokio::test]
async fn tables_are_named_by_topic_and_source() {
    let rows = [
        ("", "shop_orders"),
        ("collection.name.format=x_${topic}", "x_shop_orders"),
        ("table.name.format=${source.db}_${source.table}", "crm_people"),
        ("table.name.format=y_${topic}", "y_shop_orders"),
        (
            "collection.naming.strategy=io.debezium.sink.naming.PassthroughCollectionNamingStrategy\n\
             collection.name.format=\"${topic}\"",
            "shop.orders",
        ),
    ];
    for (config, table) in rows {
        let bench = Bench::new("").await;
        bench.worker.send_records([event("c", 1, 1)]).await;
        run(&bench, &format!("schema.evolution=basic\nprimary.key.mode=record_key\n{config}")).await;
        let tables = bench.rows("SELECT name FROM sqlite_schema WHERE type = 'table'");
        assert_eq!(tables, [table], "{config}: {}", bench.worker.trace("s"));
    }
}

#[tokio::test]
async fn tables_that_do_not_fit() {
    let small = "CREATE TABLE shop_orders (id INTEGER PRIMARY KEY)";
    let rows = [
        ("", "schema.evolution=none", "auto.create=false"),
        ("", "schema.evolution=validate-only", "schema.evolution=validate-only creates none"),
        (small, "schema.evolution=validate-only", "lacks columns (name, qty)"),
        (small, "schema.evolution=basic", ""),
        ("", "schema.evolution=basic", ""),
        ("", "schema.evolution=basic\ncollection.name.format=${source.nope}", "source.nope"),
    ];
    for (setup, config, expect) in rows {
        let bench = Bench::new(setup).await;
        bench.worker.send_records([event("c", 1, 1)]).await;
        run(&bench, &format!("primary.key.mode=record_key\n{config}")).await;
        let trace = bench.worker.trace("s");
        assert_eq!(bench.worker.state("s") == State::Failed, !expect.is_empty(), "{config}: {trace}");
        assert!(trace.contains(expect), "{config}: {trace}");
        if expect.is_empty() {
            assert_eq!(bench.rows(ALL), ["1|c|1"]);
        }
    }
}

/// A database that is busy when a topic is assigned is asked again.
#[tokio::test(start_paused = true)]
async fn tables_are_looked_for_until_the_database_answers() {
    let bench = Bench::new(TABLE).await;
    let url = format!("jdbc:sqlite:{}?busy_timeout=1", bench.path().display());
    let properties = [("connection.url", url.as_str()), ("schema.evolution", "validate-only")];
    let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let config = parse::<DebeziumJdbcSinkConfig>(&properties).unwrap().config;
    let mut task = DebeziumJdbcSink.task(&config, sink_context("s")).await.unwrap();
    let other = bench.open();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let partitions = [TopicPartition::new("shop.orders", 0)];
    let mut opening = task.open(&partitions);
    // It has asked three times by then.
    assert!(timeout(config.retry_delay.duration() * 5 / 2, &mut opening).await.is_err());
    other.execute_batch("COMMIT").unwrap();
    opening.await.unwrap();
}

#[tokio::test]
async fn exactly_once_and_bad_rows_as_in_the_other_sink() {
    let bench = Bench::new(TABLE).await;
    let events = (0..40).map(|id| event("c", id, if id == 7 { -1 } else { 1 }));
    bench.worker.send_records(events).await;
    let dead = "errors.tolerance=all\nerrors.deadletterqueue.topic.name=dlq\n\
                errors.deadletterqueue.topic.replication.factor=1\nexactly.once.enabled=true\nflush.max.retries=0";
    run(&bench, dead).await;
    assert_eq!(bench.rows("SELECT count(*) FROM shop_orders"), ["39"], "{}", bench.worker.trace("s"));
    assert_eq!(bench.worker.dead_letters("dlq").len(), 1);
    assert_eq!(bench.rows("SELECT next_offset FROM connect_offsets"), ["40"]);
}

#[test]
fn rows_of_the_definition() {
    let rows: Vec<String> = definitions::<DebeziumJdbcSinkConfig>()
        .iter()
        .map(|row| {
            let default = if row.required { "required" } else { row.default_value.as_deref().unwrap_or("null") };
            format!("{} {} {default}", row.name, row.config_type)
        })
        .collect();
    let expect = [
        "connection.url STRING required",
        "connection.username STRING null",
        "connection.password PASSWORD null",
        "connection.pool.min_size INT 5",
        "connection.pool.max_size INT 32",
        "connection.pool.timeout LONG 1800",
        "connection.restart.on.errors BOOLEAN false",
        "insert.mode STRING insert",
        "delete.enabled BOOLEAN false",
        "truncate.enabled BOOLEAN false",
        "primary.key.mode STRING none",
        "primary.key.fields LIST ",
        "quote.identifiers BOOLEAN false",
        "schema.evolution STRING none",
        "collection.name.format STRING ${topic}",
        "collection.naming.strategy CLASS io.debezium.sink.naming.DefaultCollectionNamingStrategy",
        "use.time.zone STRING UTC",
        "batch.size INT 500",
        "use.reduction.buffer BOOLEAN false",
        "keyed.message.batch.mode STRING deduplication",
        "field.include.list LIST ",
        "field.exclude.list LIST ",
        "flush.max.retries INT 5",
        "flush.retry.delay.ms LONG 1000",
        "dialect.postgres.postgis.schema STRING public",
        "dialect.postgres.unnest.insert.enabled BOOLEAN false",
        "dialect.sqlserver.identity.insert BOOLEAN false",
        "cloud.events.schema.name.pattern STRING .*CloudEvents\\.Envelope$",
    ];
    for row in expect {
        assert!(rows.iter().any(|found| found == row), "{row} is not in\n{}", rows.join("\n"));
    }
}

#[tokio::test]
async fn mistakes_are_told_all_at_once() {
    let bench = Bench::new("").await;
    let rows = [
        (
            "insert.mode=often\nprimary.key.mode=maybe\nbatch.size=0\nschema.evolution=advanced",
            "batch.size insert.mode primary.key.mode schema.evolution",
        ),
        ("use.time.zone=Nowhere", "use.time.zone"),
        ("insert.mode=upsert\ndelete.enabled=true", "delete.enabled insert.mode primary.key.mode"),
        ("delete.enabled=true\nprimary.key.mode=kafka", "delete.enabled primary.key.mode"),
        ("field.include.list=a\nfield.exclude.list=b", "field.exclude.list field.include.list"),
        (
            "collection.naming.strategy=com.example.Own\ncolumn.naming.strategy=com.example.Own\n\
             keyed.message.batch.mode=x\ncloud.events.schema.name.pattern=(",
            "cloud.events.schema.name.pattern collection.naming.strategy column.naming.strategy \
             keyed.message.batch.mode",
        ),
        ("connection.url=jdbc:postgresql://localhost/x", "connection.url connection.username"),
        ("insert.mode=multi", "insert.mode"),
        ("insert.mode=UPSERT\nprimary.key.mode=RECORD_KEY\ndelete.enabled=true\nhibernate.x=y", ""),
    ];
    for (config, expect) in rows {
        let errors = bench.worker.validate(properties(&bench, config)).await;
        let mut keys: Vec<String> = errors.iter().map(|error| error.key.clone()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.join(" "), expect, "{config}: {errors:?}");
    }
}
