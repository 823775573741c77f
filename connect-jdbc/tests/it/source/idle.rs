//! When a source has nothing more to read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connect_jdbc::{ConnectionFactory, JdbcSource, JdbcSourceConfig, Mode};
use connect_runtime::SourceOptions;
use rusqlite::Connection;

use super::{arrived, column, worker};

/// However long the database keeps a reading waiting.
#[tokio::test(start_paused = true)]
async fn a_reading_that_takes_long_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)").unwrap();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let mut config = JdbcSourceConfig::new("jdbc:sqlite:x?busy_timeout=1", Mode::Incrementing, "t-");
    config.incrementing_column = "id".into();
    config.connection.factory = Some(ConnectionFactory::new(move || {
        let (path, asked) = (path.clone(), count.fetch_add(1, Ordering::Relaxed));
        async move {
            // Those that are asked for when all goes well are there at once.
            if asked > 1 {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            Connection::open(path)
        }
    }));
    let worker = worker().await;
    worker.start_source(SourceOptions::new("source"), JdbcSource::new(), config).await;
    arrived(&worker, "t-a", 1).await;
    // The next reading finds the file locked, and needs another connection.
    database.execute_batch("BEGIN EXCLUSIVE; INSERT INTO a VALUES (2)").unwrap();
    let before = asked.load(Ordering::Relaxed);
    worker.until(|| asked.load(Ordering::Relaxed) > before).await;
    database.execute_batch("COMMIT").unwrap();
    worker.drained().await;
    assert_eq!(column(&worker, "t-a", "id"), ["1", "2"]);
}
