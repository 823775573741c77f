//! The rules that all sinks keep.

use connect_api::{Schema, Struct, Type};
use connect_jdbc::JdbcSink;
use connect_runtime::testing::conformance::sink::{self, SinkHarness};

#[tokio::test(start_paused = true)]
async fn sink_keeps_the_rules() {
    for mode in ["insert", "upsert"] {
        sink::all(|| {
            let folder = tempfile::tempdir().expect("a directory");
            let path = folder.path().join("x.db");
            let schema = Schema::structure().field("n", Schema::required(Type::Int64)).build().expect("a schema");
            let connection = rusqlite::Connection::open(&path).expect("a database");
            let key = if mode == "upsert" { "PRIMARY KEY" } else { "" };
            connection.execute_batch(&format!("CREATE TABLE rows (n INT {key} CHECK (n >= 0))")).expect("a table");
            let url = format!("jdbc:sqlite:{}", path.display());
            let properties = [
                ("connection.url", url.as_str()),
                ("table.name.format", "rows"),
                ("insert.mode", mode),
                ("pk.mode", if mode == "upsert" { "record_value" } else { "none" }),
                ("pk.fields", if mode == "upsert" { "n" } else { "" }),
            ]
            .map(|(key, value)| (key, value.to_owned()));
            let rows = async move || {
                let _alive = &folder;
                let mut statement = connection.prepare("SELECT n FROM rows ORDER BY rowid").expect("a query");
                let rows = statement.query_map([], |row| row.get(0)).expect("rows");
                rows.map(|row| row.expect("a number")).collect()
            };
            let poison = Struct::of(&schema, vec![(-1_i64).into()]).expect("a struct");
            let value = move |number: u32| Struct::of(&schema, vec![i64::from(number).into()]).expect("a struct");
            let harness = SinkHarness::new(JdbcSink, properties, rows).value(value).poison(poison).broken(
                [("batch.size", "-1"), ("insert.mode", "often"), ("pk.mode", "maybe")],
                ["batch.size", "insert.mode", "pk.mode"],
            );
            if mode == "upsert" { harness.idempotent() } else { harness }
        })
        .await;
    }
}
