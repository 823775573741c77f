//! How new rows are found.

use connect_api::OffsetMap;

use super::{Database, arrived, column, worker};

#[tokio::test]
async fn incrementing_goes_on_behind_the_last_number() {
    let database =
        Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, 'x'), (2, 'y')");
    let mut worker = worker().await;
    worker.create(database.source(&[("mode", "incrementing"), ("incrementing.column.name", "id")])).await;
    arrived(&worker, "t-a", 2).await;
    database.run("INSERT INTO a VALUES (5, 'z')");
    worker.drained().await;
    assert_eq!(column(&worker, "t-a", "v"), ["x", "y", "z"]);
    worker.restart().await;
    database.run("INSERT INTO a VALUES (4, 'late'), (6, 'new')");
    arrived(&worker, "t-a", 4).await;
    worker.drained().await;
    assert_eq!(column(&worker, "t-a", "id"), ["1", "2", "5", "6"]);
    let partition = OffsetMap::of("protocol", "1").with("table", "a");
    assert_eq!(worker.stored_offset("source", &partition).await, Some(OffsetMap::of("incrementing", 6i64)));
}
