//! The sink on real servers, beyond the recorded cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{
    Datum, Decimal, Record, Schema, SinkConnector as _, SinkRecord, SinkTask as _, Struct, TimestampType,
    TopicPartition, Type, Value, logical,
};
use connect_jdbc::{InsertMode, JdbcSink, JdbcSinkConfig, PkMode};
use connect_runtime::Plugins;
use connect_runtime::testing::{TestWorker, sink_context};

use super::databases::{Db, Server};

pub(crate) const BOTH: [&str; 2] = ["pg", "maria"];

pub(crate) async fn worker() -> TestWorker {
    TestWorker::builder().json().plugins(Plugins::new().sink(JdbcSink)).start().await
}

/// A sink's configuration; `more` is `key=value` by lines.
pub(crate) fn config(server: &Server, database: &str, topics: &str, more: &str) -> BTreeMap<String, String> {
    let mut config: BTreeMap<String, String> = server.keys(database).into();
    let own = [("name", "s"), ("connector.class", "JdbcSink"), ("topics", topics), ("retry.backoff.ms", "20")];
    let more = more.lines().filter_map(|line| line.trim().split_once('='));
    config.extend(own.into_iter().chain(more).map(|(key, value)| (key.to_owned(), value.to_owned())));
    config
}

fn orders() -> Arc<Schema> {
    let schema = Schema::structure().field("id", Schema::required(Type::Int32));
    schema.field("qty", Schema::required(Type::Int32)).build().unwrap()
}

fn order(schema: &Arc<Schema>, id: i32, qty: i32) -> Record {
    Record::new("orders", Struct::of(schema, vec![id.into(), qty.into()]).unwrap())
}

pub(crate) async fn shown(session: &mut Db, sql: &str) -> Vec<String> {
    let rows = session.rows(sql).await;
    rows.iter().map(|row| row.iter().map(|v| v.as_deref().unwrap_or("null")).collect::<Vec<_>>().join("|")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rows_at_once_are_all_there() {
    for db in BOTH {
        for (mode, key) in [("insert", "none"), ("upsert", "record_value")] {
            let server = Server::of(db);
            let name = format!("many-{mode}");
            let mut session = server.fresh(&name).await;
            let worker = worker().await;
            let schema = orders();
            // Each key of an upsert comes twice, the larger quantity last.
            worker.send_records((0..12_000).map(|at| order(&schema, at % 6000, at))).await;
            let more = format!(
                "auto.create=true\ninsert.mode={mode}\npk.mode={key}\nconsumer.override.max.poll.records=12000"
            );
            let more = if mode == "upsert" { more + "\npk.fields=id" } else { more };
            worker.create(config(&server, &name, "orders", &more)).await;
            worker.drained().await;
            let expect = if mode == "upsert" { "6000|6000|11999|6000" } else { "12000|6000|11999|0" };
            let found =
                shown(&mut session, "select count(*), count(distinct id), max(qty), min(qty) from orders").await;
            assert_eq!(found, [expect], "{db} {mode}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_rows_stand_alone() {
    for db in BOTH {
        let server = Server::of(db);
        let mut session = server.fresh("bad-rows").await;
        session.run("create table orders (id int primary key, qty int check (qty >= 0))").await;
        let worker = worker().await;
        let schema = orders();
        let bad = [0, 1, 250, 498, 499];
        worker.send_records((0..500).map(|id| order(&schema, id, if bad.contains(&id) { -1 } else { id }))).await;
        // The same keys again: each is a duplicate, and refused by itself.
        worker.send_records((100..103).map(|id| order(&schema, id, 1))).await;
        let more = "errors.tolerance=all\nerrors.deadletterqueue.topic.name=dlq\n\
                    errors.deadletterqueue.topic.replication.factor=1\nmax.retries=0";
        worker.create(config(&server, "bad-rows", "orders", more)).await;
        worker.drained().await;
        assert_eq!(shown(&mut session, "select count(*), min(qty) from orders").await, ["495|2"], "{db}");
        assert_eq!(worker.dead_letters("dlq").len(), 8, "{db}");
    }
}

/// More rows than go into one statement go by way of a table beside; one of them is bad.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_by_copy() {
    let server = Server::of("pg");
    let mut session = server.fresh("merge").await;
    session.run("create table orders (id int primary key, qty int check (qty <> 77), kept int default 5)").await;
    session.run("insert into orders values (1, 0, 6)").await;
    let mut config = JdbcSinkConfig::new(server.url("merge"));
    config.connection.user = Some(server.user.clone());
    config.connection.password = Some(server.password.clone().into());
    config.writes.insert_mode = InsertMode::Upsert;
    config.writes.batch_size = 50_000;
    config.mapping.pk_mode = PkMode::RecordValue;
    config.mapping.pk_fields = vec!["id".into()];
    let mut task = JdbcSink.task(&config, sink_context("s")).await.unwrap();
    let (schema, origin) = (orders(), Arc::new(TopicPartition::new("orders", 0)));
    let records: Vec<SinkRecord> = (0..45_000)
        .map(|id| SinkRecord::new(order(&schema, id, id), Arc::clone(&origin), id.into(), TimestampType::None))
        .collect();
    let error = task.put(&records).await.unwrap_err();
    let failed: Vec<usize> = error.failed_records().iter().map(|(index, _)| *index).collect();
    assert_eq!(failed, [77]);
    let found = shown(&mut session, "select count(*), max(qty), max(kept), min(kept) from orders").await;
    assert_eq!(found, ["44999|44999|6|5"]);
}

/// Connections are cut again and again, also while they commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_once_through_broken_connections() {
    for db in BOTH {
        let server = Server::of(db);
        let mut session = server.fresh("once").await;
        session.run("create table orders (id int, qty int)").await;
        let mut worker = worker().await;
        let schema = orders();
        worker.send_records((0..20_000).map(|id| order(&schema, id, 1))).await;
        let more = "exactly.once.enabled=true\nmax.retries=100000\nconsumer.override.max.poll.records=200";
        worker.create(config(&server, "once", "orders", more)).await;
        for round in 0..12 {
            let there = (round + 1) * 20_000 / 13;
            session.until(&format!("select 1 from orders having count(*) >= {there}"), |rows| !rows.is_empty()).await;
            cut(&mut session).await;
            if round % 4 == 3 {
                worker.crash().await;
                worker.restart().await;
            }
        }
        worker.drained().await;
        assert_eq!(
            shown(&mut session, "select count(*), count(distinct id) from orders").await,
            ["20000|20000"],
            "{db}"
        );
    }
}

/// Ends every other connection to the session's database.
pub(crate) async fn cut(session: &mut Db) {
    match session {
        Db::Postgres(_) => {
            let others = "select pg_terminate_backend(pid) from pg_stat_activity
                          where datname = current_database() and pid <> pg_backend_pid()";
            session.rows(others).await;
        }
        Db::Sqlite(_) => {}
        Db::Maria(_) => {
            let others =
                "select id from information_schema.processlist where db = database() and id <> connection_id()";
            for row in session.rows(others).await {
                // It may have ended by itself.
                let id = row[0].clone().unwrap_or_default();
                let Db::Maria(conn) = session else { continue };
                let _ = mysql_async::prelude::Queryable::query_drop(conn.as_mut(), format!("kill {id}")).await;
            }
        }
    }
}

/// Two sinks that write the same rows in opposite orders do not lock each other out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_meet_in_the_same_rows() {
    for db in BOTH {
        let server = Server::of(db);
        let mut session = server.fresh("meet").await;
        session.run("create table orders (id int primary key, qty int)").await;
        let worker = worker().await;
        let schema = orders();
        worker.send_records((0..4000).map(|at| order(&schema, at % 1000, at))).await;
        let backwards = (0..4000).rev().map(|at| order(&schema, at % 1000, at));
        worker.send_records(backwards.map(|record| Record::new("back", record.value))).await;
        for topic in ["orders", "back"] {
            let more =
                "insert.mode=upsert\npk.mode=record_value\npk.fields=id\ntable.name.format=orders\nmax.retries=0";
            let mut config = config(&server, "meet", topic, more);
            config.insert("name".into(), topic.into());
            worker.create(config).await;
        }
        worker.drained().await;
        assert_eq!(shown(&mut session, "select count(*), count(distinct id) from orders").await, ["1000|1000"], "{db}");
    }
}

/// Texts go into columns of PostgreSQL's own types, also as keys of deletes; a wrong one is a bad record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_of_postgresqls_own_types() {
    let server = Server::of("pg");
    let mut session = server.fresh("own-types").await;
    session.run("create type mood as enum ('sad', 'ok')").await;
    let columns = "id uuid primary key, j jsonb, m mood, a inet, tags varchar(5)[], bits bit(3), code char(3)";
    session.run(&format!("create table t ({columns})")).await;
    let optional = |ty| Schema::optional(ty);
    let tags = Schema::array(Schema::optional(Type::String)).optional().build().unwrap();
    let schema =
        ["j", "m", "a", "bits", "code"].iter().fold(Schema::structure(), |s, n| s.field(*n, optional(Type::String)));
    let schema = schema.field("tags", tags).build().unwrap();
    let id = |number: u32| Datum::new(Schema::required(Type::String), format!("00000000-0000-0000-0000-{number:012}"));
    let row = |number: u32, json: &str| {
        let tags = vec![Value::from("a\"b"), Value::Null, Value::from("{,}")];
        let texts = [json, "ok", "10.0.0.1", "101", "x"].map(Value::from);
        let values: Vec<Value> = texts.into_iter().chain([Value::from(tags)]).collect();
        Record::new("t", Struct::of(&schema, values).unwrap()).with_key(id(number))
    };
    let worker = worker().await;
    let records =
        [row(1, "{\"x\": 1}"), row(2, "[]"), row(3, "no json"), Record::new("t", Value::Null).with_key(id(2))];
    worker.send_records(records).await;
    let more = "pk.mode=record_key\npk.fields=id\ndelete.enabled=true\ninsert.mode=upsert\nerrors.tolerance=all\n\
                errors.deadletterqueue.topic.name=dlq\nerrors.deadletterqueue.topic.replication.factor=1";
    worker.create(config(&server, "own-types", "t", more)).await;
    worker.drained().await;
    let expect = r#"00000000-0000-0000-0000-000000000001|{"x": 1}|ok|10.0.0.1|{"a\"b",NULL,"{,}"}|101|x  "#;
    assert_eq!(shown(&mut session, "select * from t").await, [expect]);
    assert_eq!(worker.dead_letters("dlq").len(), 1);
}

/// Numbers of any size and times of any age are written as they are, by statements and by COPY.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn extremes() {
    let server = Server::of("pg");
    let mut session = server.fresh("extremes").await;
    let logical = |schema: connect_api::SchemaBuilder| schema.build().unwrap();
    let schema = Schema::structure().field("d", logical(logical::decimal(4))).field("f", Type::Float64);
    let schema =
        schema.field("ts", logical(logical::timestamp())).field("day", logical(logical::date())).build().unwrap();
    let long: Decimal = format!("{}.1234", "9".repeat(300)).parse().unwrap();
    let small: Decimal = "-0.0001".parse().unwrap();
    let million: Decimal = "10000.0000".parse().unwrap();
    let rows = [
        (long, f64::NAN, 253_402_300_799_999_i64),
        (small, f64::NEG_INFINITY, -1),
        (million, -0.0, -62_135_596_800_000),
    ];
    let records = |count: usize| {
        rows.iter().cycle().take(count).map(|(decimal, float, millis)| {
            let day = millis.div_euclid(86_400_000) * 86_400_000;
            let values = vec![decimal.clone().into(), (*float).into(), Value::Instant(*millis), Value::Instant(day)];
            Record::new("t", Struct::of(&schema, values).unwrap())
        })
    };
    let worker = worker().await;
    let more = "auto.create=true\ndate.calendar.system=PROLEPTIC_GREGORIAN\nconsumer.override.max.poll.records=5000";
    worker.send_records(records(3)).await;
    worker.create(config(&server, "extremes", "t", more)).await;
    worker.drained().await;
    worker.send_records(records(3000)).await;
    worker.drained().await;
    let mut expect = [
        format!("{}.1234|NaN|9999-12-31 23:59:59.999|9999-12-31|1001", "9".repeat(300)),
        "-0.0001|-Infinity|1969-12-31 23:59:59.999|1969-12-31|1001".to_owned(),
        "10000.0000|-0|0001-01-01 00:00:00|0001-01-01|1001".to_owned(),
    ];
    expect.sort();
    let mut found = shown(&mut session, "select d, f, ts, day, count(*) from t group by 1, 2, 3, 4").await;
    found.sort();
    assert_eq!(found, expect);
}
