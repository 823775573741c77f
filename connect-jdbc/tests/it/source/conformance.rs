//! The rules that all sources keep.

use connect_jdbc::JdbcSource;
use connect_runtime::testing::conformance::source::{self, SourceHarness};

use super::Database;

#[tokio::test(start_paused = true)]
async fn source_keeps_the_rules() {
    for (mode, key, column) in
        [("incrementing", "incrementing.column.name", "id"), ("timestamp+incrementing", "timestamp.column.name", "ts")]
    {
        source::all(|| {
            let database = Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY, ts TIMESTAMP NOT NULL)");
            let properties = database.source(&[
                ("mode", mode),
                (key, column),
                ("incrementing.column.name", "id"),
                ("batch.max.rows", "3"),
            ]);
            let properties = properties.into_iter().filter(|(key, _)| key != "name" && key != "connector.class");
            let properties: Vec<_> = properties.collect();
            let insert = async move |numbers: std::ops::Range<u32>| {
                for number in numbers {
                    database.run(&format!(
                        "INSERT INTO a VALUES ({}, {})",
                        number + 1,
                        1_700_000_000_000u64 + u64::from(number)
                    ));
                }
            };
            SourceHarness::new(JdbcSource::new(), properties, insert)
                .number(|record| {
                    let json: serde_json::Value = match record.value.value.as_str() {
                        Some(text) => serde_json::from_str(text).ok()?,
                        None => return u32::try_from(record.value.value.get("id")?.as_i64()? - 1).ok(),
                    };
                    u32::try_from(json["payload"]["id"].as_i64()? - 1).ok()
                })
                .broken([("batch.max.rows", "0"), ("mode", "guess")], ["batch.max.rows", "mode"])
        })
        .await;
    }
}
