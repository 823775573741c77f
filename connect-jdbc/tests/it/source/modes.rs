//! How new rows are found.

use connect_api::OffsetMap;
use connect_runtime::State;

use super::{Database, Own, arrived, column, worker};

#[tokio::test(start_paused = true)]
async fn incrementing_goes_on_behind_the_last_number() {
    let database =
        Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, 'x'), (2, 'y')");
    let mut worker = worker().await;
    // The column is the one that the database numbers.
    worker.create(database.source(&[("mode", "incrementing")])).await;
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

#[tokio::test(start_paused = true)]
async fn bulk_reads_everything_again_and_stores_nothing() {
    let database = Database::new("CREATE TABLE a (id INTEGER, v TEXT); INSERT INTO a VALUES (1, 'x'), (2, NULL)");
    let worker = worker().await;
    worker.create(database.source(&[("mode", "bulk"), ("table.whitelist", "a"), ("poll.interval.ms", "1000")])).await;
    arrived(&worker, "t-a", 6).await;
    assert_eq!(column(&worker, "t-a", "v")[..4], ["x", "null", "x", "null"]);
    assert_eq!(worker.stored_offset("source", &OffsetMap::of("table", "a")).await, None);
}

/// However a timestamp is stored: as text, in milliseconds, as a Julian day.
#[tokio::test(start_paused = true)]
async fn timestamps_of_all_storages() {
    for (first, second, third) in [
        ("'2024-01-01 00:00:01'", "'2024-01-01 00:00:02.250'", "'2024-01-02T00:00:00Z'"),
        ("1704067201000", "1704067202250", "1704153600000"),
        ("julianday('2024-01-01 00:00:01')", "julianday('2024-01-01 00:00:02.250')", "julianday('2024-01-02')"),
    ] {
        let database = Database::new(&format!(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, ts TIMESTAMP NOT NULL);
             INSERT INTO a VALUES (1, {second}), (2, {first}), (3, {second})"
        ));
        let mut worker = worker().await;
        let own = [("mode", "timestamp"), ("timestamp.column.name", "ts"), ("table.whitelist", "a")];
        worker.create(database.source(&own)).await;
        arrived(&worker, "t-a", 3).await;
        worker.drained().await;
        worker.restart().await;
        database.run(&format!("INSERT INTO a VALUES (4, {third})"));
        arrived(&worker, "t-a", 4).await;
        worker.drained().await;
        assert_eq!(column(&worker, "t-a", "id"), ["2", "1", "3", "4"], "{first}");
        let stored = worker.stored_offset("source", &OffsetMap::of("protocol", "1").with("table", "a")).await;
        assert_eq!(stored.and_then(|offset| offset.get_i64("timestamp")), Some(1_704_153_600_000), "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn both_go_on_within_a_timestamp() {
    let database = Database::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, ts TIMESTAMP NOT NULL); INSERT INTO a VALUES (1, 5000), (2, 5000), (3, 4000)",
    );
    let mut worker = worker().await;
    let own = [("mode", "timestamp+incrementing"), ("timestamp.column.name", "ts"), ("incrementing.column.name", "id")];
    worker.create(database.source(&own)).await;
    arrived(&worker, "t-a", 3).await;
    worker.drained().await;
    worker.restart().await;
    database.run("INSERT INTO a VALUES (4, 5000), (5, 4999), (6, 5001)");
    arrived(&worker, "t-a", 5).await;
    worker.drained().await;
    assert_eq!(column(&worker, "t-a", "id"), ["3", "1", "2", "4", "6"]);
}

#[tokio::test(start_paused = true)]
async fn where_to_begin() {
    let rows: [(Own<'_>, &[&str]); 5] = [
        (
            &[("mode", "incrementing"), ("incrementing.column.name", "id"), ("incrementing.initial", "-6")],
            &["-5", "1", "2"],
        ),
        (&[("mode", "incrementing"), ("incrementing.column.name", "id")], &["1", "2"]),
        (&[("mode", "timestamp"), ("timestamp.column.name", "ts")], &["-5", "1", "2"]),
        (&[("mode", "timestamp"), ("timestamp.column.name", "ts"), ("timestamp.initial", "2000")], &["2"]),
        (&[("mode", "timestamp"), ("timestamp.column.name", "ts"), ("timestamp.initial.ms", "1000")], &["1", "2"]),
    ];
    for (own, expected) in rows {
        let database = Database::new(
            "CREATE TABLE a (id INTEGER NOT NULL, ts TIMESTAMP NOT NULL); INSERT INTO a VALUES (-5, 1), (1, 2000), (2, 3000)",
        );
        let worker = worker().await;
        worker.create(database.source(own)).await;
        arrived(&worker, "t-a", expected.len()).await;
        worker.drained().await;
        assert_eq!(column(&worker, "t-a", "id"), expected, "{own:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_timestamp_that_is_not_null_counts() {
    let database = Database::new(
        "CREATE TABLE a (id INTEGER, made TIMESTAMP NOT NULL, changed TIMESTAMP);
         INSERT INTO a VALUES (1, 1000, NULL), (2, 2000, 9000), (3, 3000, NULL)",
    );
    let worker = worker().await;
    let own = [("mode", "timestamp"), ("timestamp.column.name", "changed, made"), ("table.include.list", "")];
    worker.create(database.source(&own)).await;
    arrived(&worker, "t-a", 3).await;
    assert_eq!(column(&worker, "t-a", "id"), ["1", "3", "2"]);
}

#[tokio::test(start_paused = true)]
async fn queries() {
    let database = Database::new(
        "CREATE TABLE a (id INTEGER NOT NULL, v TEXT); INSERT INTO a VALUES (1, 'x'), (2, 'y'), (3, 'x');",
    );
    let rows: [(Own<'_>, &[&str]); 3] = [
        (&[("mode", "bulk"), ("query", "SELECT count(*) AS id FROM a"), ("poll.interval.ms", "3600000")], &["3"]),
        (
            &[("mode", "incrementing"), ("incrementing.column.name", "id"), ("query", "SELECT * FROM a WHERE v = 'x'")],
            &["1", "3"],
        ),
        (
            &[
                ("mode", "incrementing"),
                ("incrementing.column.name", "id"),
                ("query.masked", "select id from a"),
                ("query.suffix", "LIMIT 1"),
            ],
            &["1", "2", "3"],
        ),
    ];
    for (own, expected) in rows {
        let worker = worker().await;
        worker.create(database.source(own)).await;
        arrived(&worker, "t-", expected.len()).await;
        worker.drained().await;
        assert_eq!(column(&worker, "t-", "id"), expected, "{own:?}");
    }
}

/// Offsets of other times are read; the newest form wins.
#[tokio::test(start_paused = true)]
async fn old_offsets_are_read() {
    let (v0, v1) = (OffsetMap::of("table", "a"), OffsetMap::of("table", "a").with("protocol", "1"));
    for (stored, expected) in [
        (vec![(v0.clone(), 1)], vec!["2", "3"]),
        (vec![(v1.clone(), 2)], vec!["3"]),
        (vec![(v0, 1), (v1, 2)], vec!["3"]),
    ] {
        let database = Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1), (2), (3)");
        let worker = worker().await;
        let store = worker.worker().offset_store().clone();
        let offsets =
            stored.into_iter().map(|(partition, number)| (partition, Some(OffsetMap::of("incrementing", number))));
        store.store("source", offsets.collect()).await.unwrap();
        worker.create(database.source(&[("mode", "incrementing")])).await;
        arrived(&worker, "t-a", expected.len()).await;
        worker.drained().await;
        assert_eq!(column(&worker, "t-a", "id"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn columns_that_cannot_tell_new_rows_fail_the_task() {
    let database = Database::new("CREATE TABLE a (id INTEGER, v TEXT, ts TIMESTAMP); INSERT INTO a VALUES (1, 'x', 5)");
    for (own, said) in [
        (vec![("mode", "incrementing"), ("incrementing.column.name", "nope")], "no column \"nope\""),
        (vec![("mode", "incrementing"), ("incrementing.column.name", "id")], "may be null"),
        (vec![("mode", "incrementing")], "no column that the database numbers itself"),
        (vec![("mode", "timestamp"), ("timestamp.column.name", "ts")], "may all be null"),
        (
            vec![("mode", "incrementing"), ("incrementing.column.name", "v"), ("validate.non.null", "false")],
            "not a whole number",
        ),
        (vec![("mode", "bulk"), ("table.whitelist", "A")], "no table is chosen"),
    ] {
        let worker = worker().await;
        worker.create(database.source(&own)).await;
        worker.until(|| worker.state("source") == State::Failed).await;
        assert!(worker.trace("source").contains(said), "{own:?}: {}", worker.trace("source"));
    }
}
