//! What the Java connectors' own tests hold the sink to, on every database.

mod cases;

use std::sync::Arc;

use connect_api::{Datum, Record, Schema, Struct, Type, Value, logical};

use self::cases::{keys, modes, tables, values};
use super::databases::Server;
use super::sink::{config, shown, worker};

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
