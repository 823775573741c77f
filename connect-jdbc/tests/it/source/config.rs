//! The configuration as Connect sends and shows it.

use std::collections::{BTreeMap, BTreeSet};

use connect_api::config::{ConfigType, definitions, parse};
use connect_jdbc::{JdbcSourceConfig, Mode};

use super::{Database, worker};

/// Key, type and default of each key of Kafka Connect's connector.
#[test]
fn definitions_are_those_of_kafka_connect() {
    use ConfigType::{Boolean, Class, Int, List, Long, Password, String as Text};
    let expected: &[(&str, ConfigType, Option<&str>)] = &[
        ("connection.url", Text, Some("")),
        ("connection.user", Text, None),
        ("connection.password", Password, None),
        (
            "jdbc.credentials.provider.class",
            Class,
            Some("io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider"),
        ),
        ("connection.attempts", Int, Some("3")),
        ("connection.backoff.ms", Long, Some("10000")),
        ("table.whitelist", List, Some("")),
        ("table.blacklist", List, Some("")),
        ("table.include.list", List, Some("")),
        ("table.exclude.list", List, Some("")),
        ("catalog.pattern", Text, None),
        ("schema.pattern", Text, None),
        ("numeric.precision.mapping", Boolean, Some("false")),
        ("numeric.mapping", Text, None),
        ("dialect.name", Text, Some("")),
        ("date.calendar.system", Text, Some("LEGACY")),
        ("mode", Text, None),
        ("incrementing.column.name", Text, Some("")),
        ("timestamp.column.name", List, Some("")),
        ("timestamp.columns.mapping", List, Some("")),
        ("incrementing.column.mapping", List, Some("")),
        ("timestamp.initial", Long, None),
        ("validate.non.null", Boolean, Some("true")),
        ("query", Text, Some("")),
        ("query.masked", Password, Some("[hidden]")),
        ("quote.sql.identifiers", Text, Some("ALWAYS")),
        ("query.suffix", Text, Some("")),
        ("transaction.isolation.mode", Text, Some("DEFAULT")),
        ("query.retry.attempts", Int, Some("-1")),
        ("table.types", List, Some("TABLE")),
        ("poll.interval.ms", Int, Some("5000")),
        ("batch.max.rows", Int, Some("1000")),
        ("max.buffer.size", Int, Some("0")),
        ("poll.linger.ms", Long, Some("5000")),
        ("table.monitoring.startup.polling.limit.ms", Long, Some("10000")),
        ("table.poll.interval.ms", Long, Some("60000")),
        ("topic.prefix", Text, Some("")),
        ("timestamp.delay.interval.ms", Long, Some("0")),
        ("db.timezone", Text, Some("UTC")),
        ("timestamp.granularity", Text, Some("connect_logical")),
    ];
    let rows: BTreeMap<String, _> =
        definitions::<JdbcSourceConfig>().into_iter().map(|row| (row.name.clone(), row)).collect();
    for (key, config_type, default) in expected {
        let row = rows.get(*key).unwrap_or_else(|| panic!("{key} is not there"));
        assert_eq!(
            (row.config_type, row.default_value.as_deref(), row.required),
            (*config_type, *default, false),
            "{key}"
        );
        assert!(row.group.is_some() && !row.documentation.is_empty(), "{key}");
    }
    assert_eq!(rows["mode"].recommended, ["bulk", "timestamp", "incrementing", "timestamp+incrementing"]);
}

#[test]
fn single_values_are_checked_at_once() {
    let wrong = [
        ("numeric.mapping", "some"),
        ("date.calendar.system", "MAYA"),
        ("mode", "guess"),
        ("timestamp.columns.mapping", "a:b:[c]"),
        ("incrementing.column.mapping", "a"),
        ("table.include.list", "("),
        ("timestamp.granularity", "hours"),
        ("db.timezone", "Moon/Base"),
        ("transaction.isolation.mode", "DREAMING"),
        ("quote.sql.identifiers", "sometimes"),
        ("connection.attempts", "0"),
        ("batch.max.rows", "0"),
        ("timestamp.initial", "soon"),
    ];
    for (key, value) in wrong {
        let props = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let errors = parse::<JdbcSourceConfig>(&props).unwrap_err();
        assert_eq!(errors.iter().map(|error| &*error.key).collect::<Vec<_>>(), [key], "{errors}");
    }
    let config = JdbcSourceConfig::new("jdbc:sqlite:a.db", Mode::Bulk, "t-");
    assert_eq!((config.mode, &*config.topic_prefix, config.batch_max_rows), (Some(Mode::Bulk), "t-", 1000));
}

/// What is wrong between keys, and which keys are blamed.
#[tokio::test(start_paused = true)]
async fn keys_are_checked_together() {
    let of_mode = "incrementing.column.mapping incrementing.column.name timestamp.column.name timestamp.columns.mapping \
                   timestamp.initial validate.non.null";
    let rows: &[(super::Own<'_>, &str)] = &[
        (&[("mode", "bulk")], ""),
        (&[], of_mode),
        (&[("mode", "bulk"), ("transaction.isolation.mode", "sql_server_snapshot")], "transaction.isolation.mode"),
        (
            &[("mode", "bulk"), ("table.whitelist", "a"), ("table.include.list", "a")],
            "table.include.list table.whitelist",
        ),
        (&[("mode", "bulk"), ("table.whitelist", "a"), ("table.blacklist", "b")], "table.blacklist table.whitelist"),
        (&[("mode", "bulk"), ("query", "SELECT 1"), ("query.masked", "SELECT 1")], "query query.masked"),
        (&[("mode", "bulk"), ("query", "SELECT 1"), ("table.whitelist", "a")], "query table.whitelist"),
        (&[("mode", "bulk"), ("query", "DELETE FROM a")], "query"),
        (&[("mode", "bulk"), ("query", "SELECT nope FROM nowhere")], "query"),
        (&[("mode", "bulk"), ("query.masked", "SELECT secret FROM nowhere")], "query.masked"),
        (&[("mode", "incrementing"), ("query", "SELECT 1")], "incrementing.column.name"),
        (&[("mode", "bulk"), ("table.exclude.list", "a")], "table.exclude.list"),
        (&[("mode", "timestamp"), ("table.include.list", "a")], "timestamp.columns.mapping"),
        (&[("mode", "incrementing"), ("table.include.list", "a")], "incrementing.column.mapping"),
        (
            &[("mode", "bulk"), ("table.include.list", "a"), ("incrementing.column.mapping", "a:id")],
            "incrementing.column.mapping",
        ),
        (&[("mode", "timestamp"), ("timestamp.column.name", "ts"), ("query.suffix", "LIMIT 5")], "query.suffix"),
        (&[("mode", "bulk"), ("topic.prefix", "a b")], "topic.prefix"),
        (&[("mode", "bulk"), ("table.types", "")], "table.types"),
        (&[("mode", "bulk"), ("connection.url", "jdbc:nothing:x")], "connection.url"),
        (&[("mode", "bulk"), ("connection.url", "jdbc:sqlite:/nowhere/at/all.db")], "connection.url"),
        (&[("mode", "bulk"), ("dialect.name", "OracleDatabaseDialect")], "dialect.name"),
    ];
    let database = Database::new("CREATE TABLE a (id INTEGER PRIMARY KEY)");
    let worker = worker().await;
    for (own, expected) in rows {
        let errors = worker.validate(database.source(own)).await;
        let keys: BTreeSet<_> = errors.iter().map(|error| &*error.key).collect();
        assert_eq!(keys, expected.split_whitespace().collect(), "{own:?}: {errors}");
        assert!(!errors.to_string().contains("secret"), "{errors}");
    }
}
