//! What becomes of rows.

use connect_runtime::State;

use super::{Bench, order, tombstone};

const TABLE: &str =
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT, qty BIGINT CHECK (qty >= 0), extra TEXT DEFAULT 'e')";
const KEY: &str = "pk.mode=record_key\npk.fields=id\n";
const ALL: &str = "SELECT id, name, qty, extra FROM orders ORDER BY id";

#[tokio::test]
async fn modes() {
    let upsert = format!("{KEY}insert.mode=upsert");
    let update = format!("{KEY}insert.mode=UPDATE");
    let rows: [(&str, &str, &[&str]); 4] = [
        ("insert", KEY, &["1|a|1|e", "2|b|2|e", "7|old|7|kept"]),
        (
            "Aiven's insert",
            "pk.mode=record_key\npk.fields=id\ninsert.mode=multi",
            &["1|a|1|e", "2|b|2|e", "7|old|7|kept"],
        ),
        ("upsert", &upsert, &["1|a|1|e", "2|b|2|e", "7|old|7|kept"]),
        ("update", &update, &["7|old|7|kept"]),
    ];
    for (about, config, expect) in rows {
        let bench = Bench::new(TABLE).await;
        bench.open().execute_batch("INSERT INTO orders VALUES (7, 'old', 7, 'kept')").unwrap();
        bench.worker.send_records([order(1, "a", 1), order(2, "b", 2)]).await;
        bench.run("orders", config).await;
        assert_eq!(bench.rows(ALL), expect, "{about}: {}", bench.worker.trace("s"));
    }
}

#[tokio::test]
async fn an_upsert_keeps_what_the_record_does_not_have() {
    for mode in ["upsert", "update"] {
        let bench = Bench::new(TABLE).await;
        bench.open().execute_batch("INSERT INTO orders VALUES (1, 'old', 1, 'kept')").unwrap();
        bench.worker.send_records([order(1, "new", 2), order(1, "newer", 3)]).await;
        bench.run("orders", &format!("{KEY}insert.mode={mode}\nfields.whitelist=name")).await;
        assert_eq!(bench.rows(ALL), ["1|newer|1|kept"], "{mode}: {}", bench.worker.trace("s"));
    }
}

#[tokio::test]
async fn deletes_and_rows_of_a_key_keep_their_order() {
    let rows: [(&str, &[&str]); 6] = [
        ("1 -1", &[]),
        ("-1 1", &["1|v1|1|e"]),
        ("1 -1 1", &["1|v2|2|e"]),
        ("2 1 -2 -1 2", &["2|v4|4|e"]),
        ("7", &["7|v0|0|kept"]),
        // A row that was deleted has lost what the record does not have.
        ("-7 7", &["7|v1|1|e"]),
    ];
    for (records, expect) in rows {
        let bench = Bench::new(TABLE).await;
        bench.open().execute_batch("INSERT INTO orders VALUES (7, 'old', 7, 'kept')").unwrap();
        let made = records.split(' ').enumerate().map(|(at, id)| match id.parse::<i32>().unwrap() {
            id if id < 0 => tombstone(-id),
            id => order(id, &format!("v{at}"), i64::try_from(at).unwrap()),
        });
        bench.worker.send_records(made).await;
        bench.run("orders", &format!("{KEY}insert.mode=upsert\ndelete.enabled=true")).await;
        let mut found = bench.rows(ALL);
        if !records.contains('7') {
            found.retain(|row| row != "7|old|7|kept");
        }
        assert_eq!(found, expect, "{records}: {}", bench.worker.trace("s"));
    }
}

#[tokio::test]
async fn bad_rows_stand_alone() {
    let bench = Bench::new(TABLE).await;
    let records = (0..500).map(|id| order(id, "x", if [3, 4, 251, 499].contains(&id) { -1 } else { id.into() }));
    bench.worker.send_records(records).await;
    let config = format!("{KEY}errors.tolerance=all\nerrors.deadletterqueue.topic.name=dlq\nmax.retries=0");
    bench.run("orders", &format!("{config}\nerrors.deadletterqueue.topic.replication.factor=1")).await;
    assert_eq!(bench.rows("SELECT count(*), min(qty) FROM orders"), ["496|0"], "{}", bench.worker.trace("s"));
    assert_eq!(bench.worker.dead_letters("dlq").len(), 4);
    assert_eq!(bench.worker.committed("s", "orders"), [500]);
}

#[tokio::test]
async fn a_bad_row_fails_the_task_and_none_passes_it() {
    let bench = Bench::new(TABLE).await;
    bench.worker.send_records([order(1, "a", 1), order(2, "b", -1), order(3, "c", 3)]).await;
    bench.run("orders", KEY).await;
    assert_eq!(bench.worker.state("s"), State::Failed);
    let trace = bench.worker.trace("s");
    assert!(trace.contains("CHECK constraint failed"), "{trace}");
    assert!(bench.worker.committed("s", "orders")[0] <= 1);
}

#[tokio::test]
async fn trimmed_errors_repeat_no_values() {
    let bench = Bench::new("CREATE TABLE orders (id INT, name TEXT CHECK (name <> 'hush'), qty INT)").await;
    bench.worker.send_records([order(1, "hush", 1)]).await;
    bench.run("orders", "trim.sensitive.log=true").await;
    let trace = bench.worker.trace("s");
    assert!(trace.contains("refused the row [275]") && !trace.contains("hush"), "{trace}");
}

#[tokio::test]
async fn what_cannot_be_a_row_is_refused() {
    let rows = [
        ("pk.mode=record_key\npk.fields=a,b", "exactly one name"),
        ("pk.mode=record_value\npk.fields=nope", "its fields: id, name, qty"),
        ("insert.mode=upsert", "requires key field names"),
        ("table.types=VIEW", "table.types does not include"),
        ("table.name.format=other", "auto.create=false"),
        ("table.name.format=a.b.c.d", "more than the three parts"),
    ];
    for (config, expect) in rows {
        let bench = Bench::new(TABLE).await;
        bench.worker.send_records([order(1, "a", 1)]).await;
        bench.run("orders", config).await;
        let trace = bench.worker.trace("s");
        assert!(trace.contains(expect), "{config}: {trace}");
    }
}

#[tokio::test]
async fn a_table_that_is_locked_is_waited_for() {
    let bench = Bench::new(TABLE).await;
    let other = bench.open();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    bench.worker.send_records([order(1, "a", 1)]).await;
    let url = format!("jdbc:sqlite:{}?busy_timeout=1", bench.path().display());
    let mut properties = bench.properties("orders", "retry.backoff.ms=5\nmax.retries=100000");
    properties.insert("connection.url".into(), url);
    bench.worker.create(properties).await;
    bench.worker.until(|| bench.worker.status("s").tasks.iter().any(|task| task.counts.retries > 1)).await;
    assert_eq!(bench.rows(ALL), Vec::<String>::new());
    other.execute_batch("COMMIT").unwrap();
    bench.worker.drained().await;
    assert_eq!(bench.rows(ALL), ["1|a|1|e"]);
}
