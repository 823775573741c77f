//! A host that opens connections itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use connect_jdbc::{ConnectionFactory, JdbcSink, JdbcSinkConfig};
use connect_runtime::{SinkOptions, State};

use super::{Bench, order};

#[tokio::test]
async fn connections_of_a_factory() {
    let bench = Bench::new("CREATE TABLE orders (id INT, name TEXT, qty INT)").await;
    bench.worker.send_records([order(1, "a", 1)]).await;
    let (path, asked) = (bench.path(), Arc::new(AtomicU32::new(0)));
    // The file of the URL is none.
    let mut config = JdbcSinkConfig::new("jdbc:sqlite:/none/at/all.db");
    let count = Arc::clone(&asked);
    config.connection.factory = Some(ConnectionFactory::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        let path = path.clone();
        async move { rusqlite::Connection::open(path) }
    }));
    bench.worker.worker().start_sink(SinkOptions::new("s", ["orders"]), JdbcSink, config).await.unwrap();
    bench.worker.settled().await;
    assert_eq!(bench.rows("SELECT * FROM orders"), ["1|a|1"], "{}", bench.worker.trace("s"));
    // To see whether it can be reached, and for the task.
    assert!((1..=2).contains(&asked.load(Ordering::Relaxed)));
}

#[tokio::test]
async fn factories_that_are_of_no_use() {
    let rows = [
        ("jdbc:sqlite:x", "the host's factory failed: none left"),
        (
            "jdbc:postgresql:x",
            "the host's factory gives connections to another database than PostgreSqlDatabaseDialect",
        ),
    ];
    for (url, expect) in rows {
        let bench = Bench::new("").await;
        let mut config = JdbcSinkConfig::new(url);
        config.connection.attempts = 1;
        let fails = url.contains("sqlite");
        config.connection.factory = Some(ConnectionFactory::new(move || async move {
            match fails {
                true => Err("none left".to_owned()),
                false => rusqlite::Connection::open_in_memory().map_err(|error| error.to_string()),
            }
        }));
        let started = bench.worker.worker().start_sink(SinkOptions::new("s", ["orders"]), JdbcSink, config).await;
        let why = match started {
            Err(error) => error.to_string(),
            Ok(_) => {
                bench.worker.until(|| bench.worker.state("s") == State::Failed).await;
                bench.worker.trace("s")
            }
        };
        assert!(why.contains(expect), "{url}: {why}");
    }
}
