//! What SQLite's values become.

use super::{Database, arrived, worker};

/// Each type that is declared, a value, and what of it a record has.
#[tokio::test(start_paused = true)]
async fn types_are_those_that_are_declared() {
    let rows = [
        ("INTEGER", "9223372036854775807", "int64", "9223372036854775807"),
        ("INT", "-1", "int64", "-1"),
        ("BIGINT", "1", "int64", "1"),
        ("SMALLINT", "-32769", "int32", "-32769"),
        ("TINYINT", "-129", "int16", "-129"),
        ("BOOLEAN", "1", "boolean", "true"),
        ("BOOLEAN", "'false'", "boolean", "false"),
        ("REAL", "1.5", "float32", "1.5"),
        ("DOUBLE", "0.1", "float64", "0.1"),
        ("FLOAT", "1e300", "float64", "1.0E300"),
        ("NUMERIC(5,2)", "12.25", "bytes", "12.25"),
        ("DECIMAL(10,0)", "'123'", "bytes", "123"),
        ("TEXT", "'zażółć'", "string", "zażółć"),
        ("VARCHAR(3)", "'longer'", "string", "longer"),
        ("DATE", "'2024-02-29'", "int32", "1709164800000"),
        ("TIMESTAMP", "'2024-02-29 13:14:15.123456'", "int64", "1709212455123"),
        ("DATETIME", "-1", "int64", "-1"),
        ("DATE", "'9999-12-31'", "int32", "253402214400000"),
        ("TIME", "'24:00'", "int32", "86400000"),
        ("DOUBLE", "-9e999", "float64", "-Infinity"),
        ("TEXT", "''", "string", ""),
        ("BLOB", "x'00ff'", "bytes", "AP8="),
    ];
    for (declared, value, ty, expected) in rows {
        let database = Database::new(&format!("CREATE TABLE a (v {declared}); INSERT INTO a VALUES ({value}), (NULL)"));
        let worker = worker().await;
        worker.create(database.source(&[("mode", "bulk"), ("poll.interval.ms", "3600000")])).await;
        arrived(&worker, "t-a", 2).await;
        let records = worker.records("t-a");
        let schema = records[0].value.schema.as_ref().unwrap().field("v").unwrap().schema.clone();
        assert_eq!((schema.ty().name(), schema.is_optional()), (ty, true), "{declared}");
        let value = records[0].value.value.get("v").unwrap();
        let shown = match value {
            connect_api::Value::Instant(millis) => millis.to_string(),
            other => other.to_string(),
        };
        assert_eq!(shown, expected, "{declared} {value:?}");
        assert!(records[1].value.value.get("v").unwrap().is_null(), "{declared}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_does_not_fit_fails_the_task_and_says_where() {
    for (declared, value) in [
        ("TINYINT", "40000"),
        ("DATE", "'soon'"),
        ("NUMERIC(5,2)", "'x'"),
        ("NUMERIC(5,2)", "1.234"),
        ("TEXT", "CAST(x'ff' AS TEXT)"),
    ] {
        let database = Database::new(&format!("CREATE TABLE a (v {declared}); INSERT INTO a VALUES ({value})"));
        let worker = worker().await;
        worker.create(database.source(&[("mode", "bulk")])).await;
        worker.until(|| worker.state("source") == connect_runtime::State::Failed).await;
        assert!(worker.trace("source").contains("a, column v: "), "{declared}: {}", worker.trace("source"));
    }
}

/// No more than `batch.max.bytes` is read before it is taken.
#[tokio::test(start_paused = true)]
async fn batches_are_bounded_by_bytes() {
    let database = Database::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
         INSERT INTO a SELECT i, printf('%1000d', i) FROM n",
    );
    let worker = worker().await;
    worker.create(database.source(&[("mode", "incrementing"), ("batch.max.bytes", "5000")])).await;
    arrived(&worker, "t-a", 300).await;
    worker.drained().await;
    assert_eq!(worker.records("t-a").len(), 300);
}
