//! Tables to topics. SQLite needs no server, so all that is not about one database is tested on it.

mod config;
mod conformance;
mod idle;
mod modes;
mod tables;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use connect_jdbc::JdbcSource;
use connect_runtime::Plugins;
use connect_runtime::testing::TestWorker;
use rusqlite::Connection;
use tempfile::TempDir;

/// Properties of a configuration.
pub(crate) type Own<'a> = &'a [(&'a str, &'a str)];

/// A database in a file.
pub(crate) struct Database {
    folder: TempDir,
    connection: Connection,
}

impl Database {
    pub(crate) fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("test.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        let database = Self { folder, connection };
        database.run(sql);
        database
    }

    pub(crate) fn run(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("jdbc:sqlite:{}", self.path().display())
    }

    /// A configuration of a source with these properties over the usual ones.
    pub(crate) fn source(&self, properties: &[(&str, &str)]) -> Vec<(String, String)> {
        let url = self.url();
        let usual = [
            ("name", "source"),
            ("connector.class", "JdbcSource"),
            ("connection.url", &*url),
            ("topic.prefix", "t-"),
            ("poll.interval.ms", "10"),
        ];
        let mut all: Vec<_> = usual.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        for (key, value) in properties {
            all.retain(|(other, _)| other != key);
            all.push(((*key).to_owned(), (*value).to_owned()));
        }
        all
    }
}

/// A worker that knows the source, and writes JSON with schemas.
pub(crate) async fn worker() -> TestWorker {
    TestWorker::builder().json().plugins(Plugins::new().source(JdbcSource::new())).start().await
}

/// One field of all records of a topic, as text.
pub(crate) fn column(worker: &TestWorker, topic: &str, name: &str) -> Vec<String> {
    let records = worker.records(topic);
    records.iter().map(|record| record.value.value.get(name).map_or("-".into(), ToString::to_string)).collect()
}

/// Waits until a topic has so many records.
pub(crate) async fn arrived(worker: &TestWorker, topic: &str, count: usize) {
    worker.until(|| worker.records(topic).len() >= count).await;
}
