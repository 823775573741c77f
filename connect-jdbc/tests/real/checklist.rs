//! What the Java connectors' own tests hold the sink to, on every database.

use std::sync::Arc;

use connect_api::{Datum, Record, Schema, Struct, Type, Value, logical};

use super::databases::Server;
use super::sink::{config, shown, worker};

const ALL: [&str; 3] = ["pg", "maria", "sqlite"];
const KEY: &str = "pk.mode=record_key\npk.fields=id\n";
const UPSERT: &str = "insert.mode=upsert\ndelete.enabled=true\npk.mode=record_key\npk.fields=id\n";

/// A struct of fields `name:type=value`: types are i, l, s and d (a date, in days), `?` behind them makes them optional,
/// and `~x` gives them a default.
fn structure(fields: &str) -> Value {
    let parts: Vec<(&str, Arc<Schema>, Value)> = fields.split(' ').map(part).collect();
    let builder = parts.iter().fold(Schema::structure(), |s, (name, schema, _)| s.field(*name, schema));
    let values: Vec<Value> = parts.iter().map(|(_, _, value)| value.clone()).collect();
    Struct::of(&builder.build().unwrap(), values).unwrap().into()
}

fn part(text: &str) -> (&str, Arc<Schema>, Value) {
    let (name, rest) = text.split_once(':').unwrap();
    let (ty, value) = rest.split_once('=').unwrap();
    let (ty, default) = ty.split_once('~').map_or((ty, None), |(ty, default)| (ty, Some(default)));
    let of = |text: &str| match &ty[..1] {
        _ if text == "null" => Value::Null,
        "i" => Value::Int32(text.parse().unwrap()),
        "l" => Value::Int64(text.parse().unwrap()),
        "d" => Value::Instant(text.parse::<i64>().unwrap() * 86_400_000),
        _ => Value::from(text),
    };
    let builder = match &ty[..1] {
        "i" => Schema::builder(Type::Int32),
        "l" => Schema::builder(Type::Int64),
        "d" => logical::date(),
        _ => Schema::builder(Type::String),
    };
    let builder = if ty.ends_with('?') { builder.optional() } else { builder };
    let builder = default.map(of).into_iter().fold(builder, |builder, default| builder.default_value(default));
    (name, builder.build().unwrap(), of(value))
}

/// A record `key>value`: a key is nothing, a number or a struct; a value a struct, `-` for none, or `"` and a text.
fn record(text: &str) -> Record {
    let (key, value) = text.split_once('>').unwrap();
    let value = match value {
        "-" => Datum::NULL,
        text if text.starts_with('"') => Datum::new(Schema::required(Type::String), &text[1..]),
        fields => structure(fields).into(),
    };
    let key = match key.parse::<i32>() {
        _ if key.is_empty() => Datum::NULL,
        Ok(number) => Datum::new(Schema::required(Type::Int32), number),
        Err(_) => structure(key).into(),
    };
    Record::new("t", value).with_key(key)
}

/// What stands in front of a table's rows when the case is over, and with which configuration.
struct Case {
    about: &'static str,
    on: &'static [&'static str],
    setup: &'static [&'static str],
    config: String,
    records: &'static [&'static str],
    query: &'static str,
    expect: &'static [&'static str],
}

fn case(
    about: &'static str,
    on: &'static [&'static str],
    setup: &'static [&'static str],
    config: impl Into<String>,
    records: &'static [&'static str],
    query: &'static str,
    expect: &'static [&'static str],
) -> Case {
    Case { about, on, setup, config: config.into(), records, query, expect }
}

/// Rows of `orders` with and without a column that came later.
const OLD: &str = "create table t (id int primary key, name varchar(20), qty int default 5)";

fn modes() -> Vec<Case> {
    let all = "select id, name, qty from t order by id";
    let two: &[&str] = &["1>id:i=1 name:s=a", "2>id:i=2 name:s=b"];
    let again: &[&str] = &["1>id:i=1 name:s=a", "1>id:i=1 name:s=b", "2>id:i=2 name:s=c"];
    vec![
        case("insert", &ALL, &[OLD], KEY, two, all, &["1|a|5", "2|b|5"]),
        case("upsert", &ALL, &[OLD, "insert into t values (1, 'x', 7)"], UPSERT, again, all, &["1|b|7", "2|c|5"]),
        case(
            "update",
            &ALL,
            &[OLD, "insert into t values (1, 'x', 7)"],
            format!("{KEY}insert.mode=update"),
            again,
            all,
            &["1|b|7"],
        ),
        case(
            "upsert of a key alone",
            &ALL,
            &[OLD],
            format!("{UPSERT}fields.whitelist=none"),
            again,
            all,
            &["1|null|5", "2|null|5"],
        ),
        case(
            "delete, then insert",
            &ALL,
            &[OLD, "insert into t values (1, 'x', 7)"],
            UPSERT,
            &["1>-", "1>id:i=1 name:s=a"],
            all,
            &["1|a|5"],
        ),
        case("insert, then delete", &ALL, &[OLD], UPSERT, &["1>id:i=1 name:s=a", "1>-"], all, &[]),
        case(
            "update, delete and update across a change of the schema",
            &ALL,
            &[OLD],
            UPSERT,
            &["1>id:i=1 name:s=a", "1>-", "1>id:i=1 qty:i=2", "2>id:i=2 name:s=b", "2>-", "1>id:i=1 name:s=c"],
            all,
            &["1|c|2"],
        ),
        case(
            "schemas that alternate",
            &ALL,
            &[OLD],
            UPSERT,
            &["1>id:i=1 name:s=a", "2>id:i=2 qty:i=2", "1>id:i=1 qty:i=1", "2>id:i=2 name:s=b"],
            all,
            &["1|a|1", "2|b|2"],
        ),
        case("null values are deletes that find nothing", &ALL, &[OLD], UPSERT, &["8>-", "9>-"], all, &[]),
    ]
}

fn keys() -> Vec<Case> {
    let create = "auto.create=true\n";
    vec![
        case(
            "kafka",
            &ALL,
            &[],
            format!("{create}pk.mode=kafka"),
            &[">a:i=1", ">a:i=2"],
            "select __connect_topic, __connect_partition, __connect_offset, a from t order by a",
            &["t|0|0|1", "t|0|1|2"],
        ),
        case(
            "kafka with names",
            &ALL,
            &[],
            format!("{create}pk.mode=kafka\npk.fields=x,y,z\ninsert.mode=upsert"),
            &[">a:i=1"],
            "select x, y, z, a from t",
            &["t|0|0|1"],
        ),
        case(
            "a primitive key",
            &ALL,
            &[],
            format!("{create}pk.mode=record_key\npk.fields=k"),
            &["5>a:i=1"],
            "select a, k from t",
            &["1|5"],
        ),
        case(
            "all of a key's struct",
            &ALL,
            &[],
            format!("{create}pk.mode=record_key\ninsert.mode=upsert"),
            &["k:i=1 l:s=x>a:i=1", "k:i=1 l:s=y>a:i=2", "k:i=1 l:s=x>a:i=3"],
            "select a, k, l from t order by a",
            &["2|1|y", "3|1|x"],
        ),
        case(
            "a part of a key's struct",
            &ALL,
            &[],
            format!("{create}pk.mode=record_key\npk.fields=l\ninsert.mode=upsert"),
            &["k:i=1 l:s=x>a:i=1", "k:i=2 l:s=x>a:i=2"],
            "select * from t",
            &["2|x"],
        ),
        case(
            "all of the value",
            &ALL,
            &[],
            format!("{create}pk.mode=record_value\ninsert.mode=upsert"),
            &[">a:i=1 b:i=2", ">a:i=1 b:i=2"],
            "select * from t",
            &["1|2"],
        ),
        case(
            "a part of the value",
            &ALL,
            &[],
            format!("{create}pk.mode=record_value\npk.fields=b\ninsert.mode=upsert"),
            &[">a:i=1 b:i=2", ">a:i=3 b:i=2"],
            "select * from t",
            &["3|2"],
        ),
        case("no key", &ALL, &[], create, &[">a:i=1", ">a:i=1"], "select * from t", &["1", "1"]),
        case(
            "a text for a key",
            &ALL,
            &[],
            format!("{create}pk.mode=record_value\npk.fields=b\ninsert.mode=upsert"),
            &[">a:i=1 b:s=x"],
            "select * from t",
            &["1|x"],
        ),
    ]
}

fn tables() -> Vec<Case> {
    let grow = format!("auto.create=true\nauto.evolve=true\n{UPSERT}");
    vec![
        case("a tombstone first", &ALL, &[], grow.clone(), &["1>-", "1>id:i=1 name:s=a"], "select * from t", &["1|a"]),
        case(
            "columns that are optional or have a default are added",
            &ALL,
            &[OLD],
            grow.clone(),
            &["1>id:i=1 name:s=a", "2>id:i=2 more:s?=null rest:i~4=4"],
            "select id, name, more, rest from t order by id",
            &["1|a|null|4", "2|null|null|4"],
        ),
        case(
            "a column that is required is not",
            &ALL,
            &[OLD],
            format!("{grow}\nerrors.tolerance=all"),
            &["1>id:i=1 more:s=a", "2>id:i=2 name:s=b"],
            "select id, name from t",
            &["2|b"],
        ),
        case(
            "columns are found in another case",
            &ALL,
            &["create table t (ID int, Name varchar(9))"],
            "",
            &[">id:i=1 name:s=a", ">ID:i=2 NAME:s=b"],
            "select * from t order by 1",
            &["1|a", "2|b"],
        ),
        case(
            "a partitioned table",
            &["pg"],
            &[
                "create table t (id int, name text) partition by range (id)",
                "create table t1 partition of t for values from (0) to (10)",
            ],
            "table.types=PARTITIONED TABLE",
            &[">id:i=1 name:s=a"],
            "select * from t1",
            &["1|a"],
        ),
        case(
            "a view",
            &["pg", "maria"],
            &["create table u (id int, name varchar(9))", "create view t as select * from u"],
            "table.types=TABLE,VIEW",
            &[">id:i=1 name:s=a"],
            "select * from u",
            &["1|a"],
        ),
        case(
            "a view that is no table",
            &ALL,
            &["create table u (id int, name varchar(9))", "create view t as select * from u"],
            "errors.tolerance=all",
            &[">id:i=1 name:s=a"],
            "select * from u",
            &[],
        ),
        case(
            "a partitioned table that is no table",
            &["pg"],
            &["create table t (id int, name text) partition by range (id)"],
            "errors.tolerance=all",
            &[">id:i=1 name:s=a"],
            "select * from t",
            &[],
        ),
    ]
}

fn values() -> Vec<Case> {
    let day = "select cast(a as char(10)) from t";
    vec![
        case(
            "null is the default",
            &ALL,
            &[],
            "auto.create=true",
            &[">a:i=1 b:s?~x=null"],
            "select * from t",
            &["1|x"],
        ),
        case("a string", &ALL, &[], "auto.create=true", &[">\"it's"], "select record_value from t", &["it's"]),
        case(
            "a string in a column of its own",
            &ALL,
            &[],
            "auto.create=true\nstring.output.value.column.name=line",
            &[">\"a", ">\"b"],
            "select line from t order by line",
            &["a", "b"],
        ),
        case(
            "a date in the zone of the database",
            &["pg", "maria"],
            &["create table t (a date)"],
            "db.timezone=America/New_York",
            &[">a:d=19782"],
            day,
            &["2024-02-28"],
        ),
        case(
            "a date in UTC",
            &["pg", "maria"],
            &["create table t (a date)"],
            "db.timezone=America/New_York\ndate.timezone=utc",
            &[">a:d=19782"],
            day,
            &["2024-02-29"],
        ),
        case(
            "uuid, json and jsonb",
            &["pg"],
            &["create table t (a uuid, b json, c jsonb)"],
            "",
            &[">a:s=00000000-0000-0000-0000-000000000001 b:s={} c:s=[1]"],
            "select * from t",
            &["00000000-0000-0000-0000-000000000001|{}|[1]"],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_sink() {
    let mut wrong = Vec::new();
    for case in [modes(), keys(), tables(), values()].into_iter().flatten() {
        for db in case.on {
            let server = Server::of(db);
            let mut session = server.fresh("checklist").await;
            for sql in case.setup {
                session.run(sql).await;
            }
            let worker = worker().await;
            worker.send_records(case.records.iter().map(|text| record(text))).await;
            worker.create(config(&server, "checklist", "t", &case.config)).await;
            worker.settled().await;
            let found = shown(&mut session, case.query).await;
            if found != case.expect {
                wrong.push(format!("{db}, {}: {found:?} {}", case.about, worker.trace("s")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arrays_of_every_kind() {
    let rows: [(&str, Type, Vec<Value>, &str); 8] = [
        ("int2[]", Type::Int8, vec![Value::Int8(-128), Value::Int8(127)], "{-128,127}"),
        ("int2[]", Type::Int16, vec![Value::Int16(-1)], "{-1}"),
        ("int4[]", Type::Int32, vec![], "{}"),
        ("int8[]", Type::Int64, vec![i64::MIN.into()], "{-9223372036854775808}"),
        ("float4[]", Type::Float32, vec![Value::Float32(1.5)], "{1.5}"),
        (
            "float8[]",
            Type::Float64,
            vec![f64::NAN.into(), f64::INFINITY.into(), Value::Float64(-0.0)],
            "{NaN,Infinity,-0}",
        ),
        ("bool[]", Type::Boolean, vec![true.into(), false.into()], "{t,f}"),
        ("text[]", Type::String, vec!["a\\\"b".into(), "".into(), "NULL".into()], r#"{"a\\\"b","","NULL"}"#),
    ];
    let server = Server::of("pg");
    for (column, ty, values, expect) in rows {
        for setup in [Some(column), None] {
            let mut session = server.fresh("arrays").await;
            if let Some(column) = setup {
                session.run(&format!("create table t (a {column})")).await;
            }
            let schema = Schema::array(Schema::required(ty)).build().unwrap();
            let schema = Schema::structure().field("a", schema).build().unwrap();
            let worker = worker().await;
            let value = Struct::of(&schema, vec![Value::from(values.clone())]).unwrap();
            worker.send_records([Record::new("t", value)]).await;
            worker.create(config(&server, "arrays", "t", "auto.create=true")).await;
            worker.settled().await;
            assert_eq!(shown(&mut session, "select a from t").await, [expect], "{ty:?}: {}", worker.trace("s"));
        }
    }
}
