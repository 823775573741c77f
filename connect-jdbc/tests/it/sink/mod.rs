//! The sink on SQLite, which needs no server.

mod config;
mod conformance;
mod debezium;
mod host;
mod once;
mod rows;
mod schema;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use connect_api::{Datum, Record, Schema, Struct, Type, Value};
use connect_jdbc::{DebeziumJdbcSink, JdbcSink};
use connect_runtime::Plugins;
use connect_runtime::testing::TestWorker;

/// A database in a folder of its own, and a worker with JSON converters.
pub(crate) struct Bench {
    pub(crate) worker: TestWorker,
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new(setup: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let worker =
            TestWorker::builder().json().plugins(Plugins::new().sink(JdbcSink).sink(DebeziumJdbcSink)).start().await;
        let bench = Self { worker, folder };
        bench.open().execute_batch(setup).unwrap();
        bench
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("x.db")
    }

    pub(crate) fn open(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(300)).unwrap();
        connection
    }

    /// A sink's configuration; `more` is `key=value` by lines.
    pub(crate) fn properties(&self, topic: &str, more: &str) -> BTreeMap<String, String> {
        let url = format!("jdbc:sqlite:{}", self.path().display());
        let own = [("name", "s"), ("connector.class", "JdbcSink"), ("topics", topic), ("connection.url", &url)];
        let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let pairs = more.lines().filter_map(|line| line.trim().split_once('='));
        own.into_iter().chain(pairs.map(|(key, value)| (key.to_owned(), value.to_owned()))).collect()
    }

    /// Starts a sink and waits until all is written, or it has failed.
    pub(crate) async fn run(&self, topic: &str, more: &str) {
        self.worker.create(self.properties(topic, more)).await;
        self.worker.settled().await;
    }

    /// Rows as text, `|` between values.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let connection = self.open();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let values = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at).map(text));
            Ok(values.collect::<Result<Vec<_>, _>>()?.join("|"))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }
}

fn text(value: rusqlite::types::Value) -> String {
    use rusqlite::types::Value;
    match value {
        Value::Null => "null".into(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:?}"),
    }
}

/// The schema of orders: an id, an optional name, an optional quantity.
pub(crate) fn orders() -> Arc<Schema> {
    let schema = Schema::structure().field("id", Schema::required(Type::Int32));
    let schema = schema.field("name", Schema::optional(Type::String)).field("qty", Schema::optional(Type::Int64));
    schema.build().unwrap()
}

/// An order under the key of its id.
pub(crate) fn order(id: i32, name: &str, qty: i64) -> Record {
    let value = Struct::builder(&orders()).set("id", id).set("name", name).set("qty", qty).build().unwrap();
    Record::new("orders", value).with_key(key(id))
}

/// A record without value.
pub(crate) fn tombstone(id: i32) -> Record {
    Record::new("orders", Value::Null).with_key(key(id))
}

fn key(id: i32) -> Datum {
    Datum::new(Schema::required(Type::Int32), id)
}
