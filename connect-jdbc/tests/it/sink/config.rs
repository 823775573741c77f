//! Keys: their types, defaults and mistakes.

use connect_api::config::definitions;
use connect_jdbc::JdbcSinkConfig;

use super::Bench;

#[test]
fn rows_of_the_definition() {
    let rows: Vec<String> = definitions::<JdbcSinkConfig>()
        .iter()
        .map(|row| {
            let default = if row.required { "required".to_owned() } else { format!("{:?}", row.default_value) };
            format!("{} {} {default}", row.name, row.config_type)
        })
        .collect();
    let expect = [
        "connection.url STRING required",
        "connection.user STRING None",
        "connection.password PASSWORD None",
        "jdbc.credentials.provider.class CLASS Some(\"io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider\")",
        "dialect.name STRING Some(\"\")",
        "connection.attempts INT Some(\"3\")",
        "connection.backoff.ms LONG Some(\"10000\")",
        "insert.mode STRING Some(\"insert\")",
        "batch.size INT Some(\"3000\")",
        "delete.enabled BOOLEAN Some(\"false\")",
        "table.types LIST Some(\"TABLE\")",
        "replace.null.with.default BOOLEAN Some(\"true\")",
        "table.name.format STRING Some(\"${topic}\")",
        "pk.mode STRING Some(\"none\")",
        "pk.fields LIST Some(\"\")",
        "fields.whitelist LIST Some(\"\")",
        "db.timezone STRING Some(\"UTC\")",
        "date.timezone STRING Some(\"DB_TIMEZONE\")",
        "timestamp.fields.list LIST Some(\"\")",
        "timestamp.precision.mode STRING Some(\"MICROSECONDS\")",
        "date.calendar.system STRING Some(\"LEGACY\")",
        "string.output.value.column.name STRING Some(\"record_value\")",
        "auto.create BOOLEAN Some(\"false\")",
        "auto.evolve BOOLEAN Some(\"false\")",
        "quote.sql.identifiers STRING Some(\"ALWAYS\")",
        "mssql.use.merge.holdlock BOOLEAN Some(\"true\")",
        "max.retries INT Some(\"10\")",
        "retry.backoff.ms INT Some(\"3000\")",
        "trim.sensitive.log BOOLEAN Some(\"false\")",
        "topics.to.tables.mapping LIST Some(\"\")",
        "table.name.normalize BOOLEAN Some(\"false\")",
    ];
    for row in expect {
        assert!(rows.iter().any(|found| found == row), "{row} is not in\n{}", rows.join("\n"));
    }
}

#[tokio::test]
async fn mistakes_are_told_all_at_once() {
    let bench = Bench::new("").await;
    let rows = [
        (
            "insert.mode=often\npk.mode=maybe\nbatch.size=-1\nmax.retries=x\ntable.types=SYNONYM",
            "batch.size insert.mode max.retries pk.mode table.types",
        ),
        ("delete.enabled=true", "delete.enabled pk.mode"),
        ("insert.mode=update", "insert.mode pk.mode"),
        ("pk.mode=kafka\npk.fields=a,b\ntopics.to.tables.mapping=x", "pk.fields topics.to.tables.mapping"),
        ("table.types=", "table.types"),
        ("db.timezone=Nowhere", "db.timezone"),
        ("table.types=SYNONYM\ntable.name.format=", "table.name.format table.types"),
        ("dialect.name=Nope", "dialect.name"),
        ("connection.url=jdbc:oracle:thin", "connection.url"),
        ("connection.url=jdbc:sqlite:/none/at/all.db", "connection.url"),
        ("jdbc.credentials.provider.class=com.example.Vault", "jdbc.credentials.provider.class"),
        ("INSERT.MODE=x\ninsert.mode=UPSERT\npk.mode=RECORD_KEY\ndate.timezone=utc", ""),
    ];
    for (config, expect) in rows {
        let mut keys: Vec<String> =
            bench.worker.validate(bench.properties("t", config)).await.into_iter().map(|error| error.key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.join(" "), expect, "{config}");
    }
}
