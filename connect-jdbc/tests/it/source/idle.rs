//! When a source has nothing more to read.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connect_jdbc::{ConnectionFactory, JdbcSource, JdbcSourceConfig, Mode};
use connect_runtime::SourceOptions;
use rusqlite::Connection;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{arrived, column, worker};

/// However long the database keeps a reading waiting.
#[tokio::test(start_paused = true)]
async fn a_reading_that_takes_long_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)").unwrap();
    let asked = Arc::new(AtomicU32::new(0));
    let (ready, gate) = watch::channel(true);
    let count = Arc::clone(&asked);
    let mut config = JdbcSourceConfig::new("jdbc:sqlite:x?busy_timeout=1", Mode::Incrementing, "t-");
    config.incrementing_column = "id".into();
    config.connection.factory = Some(ConnectionFactory::new(move || {
        let (path, mut gate) = (path.clone(), gate.clone());
        count.fetch_add(1, Ordering::Relaxed);
        async move {
            gate.wait_for(|ready| *ready).await.expect("the test waits for the worker");
            Connection::open(path)
        }
    }));
    let worker = worker().await;
    worker.start_source(SourceOptions::new("source"), JdbcSource::new(), config).await;
    arrived(&worker, "t-a", 1).await;
    // The next reading finds the file locked, and needs another connection, which takes its time.
    ready.send_replace(false);
    database.execute_batch("BEGIN EXCLUSIVE; INSERT INTO a VALUES (2)").unwrap();
    let before = asked.load(Ordering::Relaxed);
    worker.until(|| asked.load(Ordering::Relaxed) > before).await;
    database.execute_batch("COMMIT").unwrap();
    {
        let mut drained = pin!(worker.drained());
        assert!(timeout(Duration::from_secs(60), &mut drained).await.is_err(), "a row is still to be read");
        ready.send_replace(true);
        drained.await;
    }
    assert_eq!(column(&worker, "t-a", "id"), ["1", "2"]);
}
