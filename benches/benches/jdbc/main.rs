//! Tables beside bare loops on the same database, in the same run: PostgreSQL at `POSTGRES_ADDRESS`, MariaDB at
//! `MARIADB_ADDRESS` (with the accounts beside them, as `dev/services` prints them), and SQLite in a file.
//! `-- postgres`, `mariadb` and `sqlite` run the one that is named; `ROUNDS` says how often.
//!
//! Rows have eight columns: a key, two numbers, a decimal, two texts of 40, a timestamp and a boolean. Bare loops that
//! write have values in the driver's own types, made before; the sink is given records, as its task is by a worker. Bare
//! loops that read drop what they get; the source's records are polled from its task, and dropped.
#![expect(clippy::print_stdout, reason = "a bench prints, and stops where something is wrong")]

mod mariadb;
mod postgres;
mod sqlite;

use std::env::var;
use std::sync::Arc;

use benches::{Cost, cost};
use connect_api::{
    Decimal, Record, Schema, SinkConnector as _, SinkRecord, SinkTask as _, SourceConnector as _, SourceTask as _,
    Struct, TimestampType, TopicPartition, Type, Value, logical,
};
use connect_jdbc::{InsertMode, JdbcSink, JdbcSinkConfig, JdbcSource, JdbcSourceConfig, Mode, PkMode};
use connect_runtime::testing::{sink_context, source_context};

const ROWS: usize = 200_000;
const ROUNDS: usize = 3;
const MILLIS: i64 = 1_709_212_455_123;
const TEXT: &str = "Zwei Flaschen Milch, und die Zeitung da.";
const COLUMNS: &str = "id, qty, weight, price, name, note, changed, paid";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let rounds = var("ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("ROUNDS is a number"));
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    let address = |variable: &str| var(variable).unwrap_or_else(|_| panic!("{variable} names no server"));
    runtime.block_on(async {
        for _ in 0..rounds {
            if wanted("postgres") {
                let address = address("POSTGRES_ADDRESS");
                // Where a worker's tasks run.
                tokio::spawn(async move { postgres::run(&address).await }).await.expect("ran");
            }
            if wanted("mariadb") {
                let address = address("MARIADB_ADDRESS");
                tokio::spawn(async move { mariadb::run(&address).await }).await.expect("ran");
            }
            if wanted("sqlite") {
                sqlite::run().await;
            }
        }
    });
}

fn records() -> Vec<SinkRecord> {
    let schema = Schema::structure()
        .field("id", Schema::required(Type::Int64))
        .field("qty", Schema::required(Type::Int32))
        .field("weight", Schema::required(Type::Float64))
        .field("price", logical::decimal(4).build().expect("a schema"))
        .field("name", Schema::required(Type::String))
        .field("note", Schema::required(Type::String))
        .field("changed", logical::timestamp().build().expect("a schema"))
        .field("paid", Schema::required(Type::Boolean));
    let schema = schema.build().expect("a schema");
    let origin = Arc::new(TopicPartition::new("bench", 0));
    let topic: Arc<str> = "bench".into();
    let record = |n: i64| {
        let price = Decimal::new(n * 1000 + 1, 4);
        let values: Vec<Value> = vec![
            n.into(),
            Value::Int32(7),
            1.5.into(),
            price.into(),
            TEXT.into(),
            TEXT.into(),
            Value::Instant(MILLIS + n),
            true.into(),
        ];
        let record = Record::new(Arc::clone(&topic), Struct::of(&schema, values).expect("a struct"));
        SinkRecord::new(record, Arc::clone(&origin), n, TimestampType::CreateTime)
    };
    (0..ROWS as i64).map(record).collect()
}

/// Puts all records, so many at a time.
async fn sink(config: &JdbcSinkConfig, records: &[SinkRecord], at_once: usize) -> Cost {
    let mut task = JdbcSink.task(config, sink_context("bench")).await.expect("a task");
    let all = async {
        for batch in records.chunks(at_once) {
            let _ = task.put(batch).await.expect("written");
        }
    };
    cost(all).await
}

fn sink_config(url: String, who: &str, mode: InsertMode) -> JdbcSinkConfig {
    let mut config = JdbcSinkConfig::new(url);
    config.connection.user = var(format!("{who}_USER")).ok();
    config.connection.password = var(format!("{who}_PASSWORD")).ok().map(Into::into);
    config.writes.insert_mode = mode;
    config.writes.batch_size = 50_000;
    config.mapping.pk_mode = PkMode::RecordValue;
    config.mapping.pk_fields = vec!["id".into()];
    config
}

/// Polls as many records as there are rows.
async fn source(config: &JdbcSourceConfig) -> Cost {
    let split = JdbcSource::new().splits(config, 1).await.expect("a split").pop().expect("one");
    let mut task = JdbcSource::new().task(config, split, source_context("bench", None)).await.expect("a task");
    let all = async {
        let mut rows = 0;
        while rows < ROWS {
            rows += task.poll().await.expect("rows").len();
        }
    };
    cost(all).await
}

fn source_config(url: String, who: &str) -> JdbcSourceConfig {
    let mut config = JdbcSourceConfig::new(url, Mode::Incrementing, "bench-");
    config.connection.user = var(format!("{who}_USER")).ok();
    config.connection.password = var(format!("{who}_PASSWORD")).ok().map(Into::into);
    config.table_whitelist = vec!["bench".into()];
    config.incrementing_column = "id".into();
    config.batch_max_rows = 1000;
    config
}

/// Prints both lines, and what the second is of the first.
fn beside(what: &str, bare: Cost, ours: Cost) {
    bare.print(&format!("{what}, bare"), ROWS as u64);
    ours.print(&format!("{what}, ours"), ROWS as u64);
    println!(
        "{:<44} {:>7.0} % of the bare loop's rows/s",
        "",
        bare.wall.as_secs_f64() / ours.wall.as_secs_f64() * 100.0
    );
}
