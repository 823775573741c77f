//! Which tables are copied, and what happens when there are others.

use connect_runtime::State;

use super::{Database, Own, arrived, column, worker};

const TABLES: &str = "CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE TABLE \"c d\" (x INTEGER);
     CREATE VIEW v AS SELECT 9 AS x;
     INSERT INTO a VALUES (1); INSERT INTO b VALUES (2); INSERT INTO \"c d\" VALUES (3)";

#[tokio::test(start_paused = true)]
async fn lists_choose_tables() {
    let rows: [(Own<'_>, &[&str]); 7] = [
        (&[("table.whitelist", "a")], &["a"]),
        (&[("table.whitelist", "\"b\", a")], &["a", "b"]),
        (&[("table.blacklist", "b,\"c d\"")], &["a"]),
        (&[("table.include.list", "a|b")], &["a", "b"]),
        (&[("table.include.list", ".*"), ("table.exclude.list", "c.*,b")], &["a"]),
        (&[("table.whitelist", "a, v"), ("table.types", "view,TABLE")], &["a", "v"]),
        (&[("table.whitelist", "A,a b")], &[]),
    ];
    let database = Database::new(TABLES);
    for (own, expected) in rows {
        let worker = worker().await;
        let own: Vec<_> = own.iter().copied().chain([("mode", "bulk"), ("poll.interval.ms", "3600000")]).collect();
        worker.create(database.source(&own)).await;
        for table in expected {
            arrived(&worker, &format!("t-{table}"), 1).await;
        }
        if expected.is_empty() {
            worker.until(|| worker.state("source") == State::Failed).await;
        } else {
            worker.drained().await;
        }
        for table in ["a", "b", "c d", "v"].iter().filter(|table| !expected.contains(table)) {
            assert_eq!(worker.records(&format!("t-{table}")).len(), 0, "{own:?} {table}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tables_that_appear_are_copied_and_the_others_go_on() {
    let database = Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)");
    let worker = worker().await;
    let own = [("mode", "incrementing"), ("table.poll.interval.ms", "1000"), ("tasks.max", "3")];
    worker.create(database.source(&own)).await;
    arrived(&worker, "t-a", 1).await;
    database.run("CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO b VALUES (7); INSERT INTO a VALUES (2)");
    arrived(&worker, "t-b", 1).await;
    arrived(&worker, "t-a", 2).await;
    worker.drained().await;
    assert_eq!(
        (column(&worker, "t-a", "id"), column(&worker, "t-b", "id")),
        (vec!["1".into(), "2".into()], vec!["7".into()])
    );
    assert_eq!(worker.status("source").tasks.len(), 2);
    database.run("DROP TABLE b");
    worker.until(|| worker.status("source").tasks.len() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn several_tables_of_one_task_take_turns() {
    let database = Database::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY);
         INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1)",
    );
    let worker = worker().await;
    worker.create(database.source(&[("mode", "incrementing"), ("batch.max.rows", "1")])).await;
    arrived(&worker, "t-a", 2).await;
    arrived(&worker, "t-b", 1).await;
    assert_eq!(worker.status("source").tasks.len(), 1);
}

/// A column more is there at the next reading; the rows before keep their schema.
#[tokio::test(start_paused = true)]
async fn columns_that_appear_are_in_the_next_rows() {
    let database = Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)");
    let worker = worker().await;
    worker.create(database.source(&[("mode", "incrementing")])).await;
    arrived(&worker, "t-a", 1).await;
    database.run("ALTER TABLE a ADD COLUMN v TEXT; INSERT INTO a VALUES (2, 'x')");
    arrived(&worker, "t-a", 2).await;
    assert_eq!(column(&worker, "t-a", "v"), ["-", "x"]);
}
