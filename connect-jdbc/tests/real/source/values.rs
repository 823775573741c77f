//! What becomes of values, above all of those at the ends of their types.

use connect_api::Value;
use connect_jdbc::JdbcSource;
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, State};

use super::super::databases::{Db, Server};
use super::source;

/// A column's type, a value as SQL writes it, the type in Connect, and the value there; times in milliseconds.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

async fn worker() -> TestWorker {
    TestWorker::builder().json().plugins(Plugins::new().source(JdbcSource::new())).start().await
}

fn shown(value: &Value) -> String {
    match value {
        Value::Instant(millis) => millis.to_string(),
        other => other.to_string(),
    }
}

/// All values are there, of the types that are said, beside as many nulls; columns of other types are left out.
async fn arrive(server: &Server, session: &mut Db, database: &str, rows: &[Row<'_>], left_out: &[(&str, &str)]) {
    let kinds = rows.iter().map(|row| row.0).chain(left_out.iter().map(|(kind, _)| *kind)).enumerate();
    let values: Vec<_> = rows.iter().map(|row| row.1).chain(left_out.iter().map(|(_, value)| *value)).collect();
    let columns: Vec<_> = kinds.map(|(at, kind)| format!("c{at} {kind} NULL")).collect();
    session.run(&format!("CREATE TABLE good ({})", columns.join(","))).await;
    session.run(&format!("INSERT INTO good VALUES ({})", values.join(","))).await;
    session.run(&format!("INSERT INTO good VALUES ({})", vec!["NULL"; values.len()].join(","))).await;
    let worker = worker().await;
    let own = [("mode", "bulk"), ("table.whitelist", "good"), ("poll.interval.ms", "3600000")];
    worker.create(source(server, database, &own)).await;
    worker.until(|| worker.state("source") == State::Failed || worker.records("t-good").len() == 2).await;
    assert_eq!(worker.trace("source"), "");
    let records = worker.records("t-good");
    assert_eq!(records[0].value.schema.as_ref().map(|schema| schema.fields().len()), Some(rows.len()));
    let mut wrong = Vec::new();
    for (at, (kind, value, ty, expected)) in rows.iter().enumerate() {
        let name = format!("c{at}");
        let field = records[0].value.schema.as_ref().and_then(|schema| schema.field(&name)).expect("a field");
        let found = shown(records[0].value.value.get(&name).expect("a value"));
        if (field.schema.ty().name(), &*found, field.schema.is_optional()) != (*ty, *expected, true) {
            wrong.push(format!("{kind} {value}: {} {found}, not {ty} {expected}", field.schema.ty().name()));
        }
        assert!(records[1].value.value.get(&name).is_some_and(Value::is_null), "{kind}: null");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Values that Connect cannot have end the task, which says where and why.
async fn fail(server: &Server, session: &mut Db, database: &str, rows: &[(&str, &str, &str, &str)]) {
    for (at, (kind, value, granularity, said)) in rows.iter().enumerate() {
        let table = format!("bad{at}");
        session.run(&format!("CREATE TABLE {table} (id int, c {kind})")).await;
        session.run(&format!("INSERT INTO {table} VALUES (1, {value})")).await;
        let worker = worker().await;
        let own = [("mode", "bulk"), ("table.whitelist", &*table), ("timestamp.granularity", granularity)];
        worker.create(source(server, database, &own)).await;
        worker.until(|| worker.state("source") == State::Failed).await;
        let trace = worker.trace("source");
        assert!(trace.contains(said), "{kind} {value}: {trace}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_postgres() {
    let server = Server::of("pg");
    let mut session = server.fresh("values").await;
    session.run("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN small AS int CHECK (value < 10)").await;
    let nines = "9".repeat(1000);
    let fraction = format!("1.5{}", "0".repeat(126));
    let rows = [
        ("smallint", "-32768", "int16", "-32768"),
        ("integer", "-2147483648", "int32", "-2147483648"),
        ("bigint", "-9223372036854775808", "int64", "-9223372036854775808"),
        ("oid", "4294967295", "int64", "4294967295"),
        ("real", "'NaN'", "float32", "NaN"),
        ("real", "'-0'", "float32", "-0.0"),
        ("real", "'Infinity'", "float32", "Infinity"),
        ("double precision", "'-Infinity'", "float64", "-Infinity"),
        ("double precision", "'-0'", "float64", "-0.0"),
        ("double precision", "4.9e-324", "float64", "4.9E-324"),
        ("double precision", "1.7976931348623157e308", "float64", "1.7976931348623157E308"),
        ("numeric(1000,0)", &nines, "bytes", &nines),
        ("numeric(10,2)", "-0.00", "bytes", "0.00"),
        ("numeric(10,2)", "-99999999.99", "bytes", "-99999999.99"),
        ("numeric(5,-2)", "12345", "bytes", "1.23E+4"),
        ("numeric(3,5)", "0.00123", "bytes", "0.00123"),
        ("numeric", "1.5", "bytes", &fraction),
        ("money", "'-92233720368547758.08'", "float64", "-9.223372036854776E16"),
        ("boolean", "true", "boolean", "true"),
        ("bit(1)", "B'1'", "boolean", "true"),
        ("bit(5)", "B'00101'", "int8", "5"),
        ("bit(8)", "B'10000001'", "int8", "-127"),
        ("bit(9)", "B'101010101'", "bytes", "MTAxMDEwMTAx"),
        ("char(5)", "'ab'", "string", "ab   "),
        ("varchar(3)", "''", "string", ""),
        ("text", "'zażółć \u{1F600}'", "string", "zażółć \u{1F600}"),
        ("name", "'n'", "string", "n"),
        ("mood", "'sad'", "string", "sad"),
        ("small", "-5", "int32", "-5"),
        ("uuid", "'00010203-0405-0607-0809-0A0B0C0D0E0F'", "string", "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        ("json", "'{\"a\":  1}'", "string", "{\"a\":  1}"),
        ("jsonb", "'{\"a\":  1}'", "string", "{\"a\": 1}"),
        ("xml", "'<a/>'", "string", "<a/>"),
        ("bytea", "'\\x00ff80'", "bytes", "AP+A"),
        // Julian, as all of Java's dates before 1582-10-15.
        ("date", "'0044-03-15 BC'", "int32", "-63517996800000"),
        ("date", "'5874897-12-31'", "int32", "185331706992000000"),
        ("time", "'24:00'", "int32", "86400000"),
        ("time", "'23:59:59.999999'", "int32", "86399999"),
        ("timetz", "'00:30+02'", "int32", "81000000"),
        ("timestamp", "'294276-12-31 23:59:59.999999'", "int64", "9224318015999999"),
        ("timestamp", "'4713-01-01 BC'", "int64", "-210866803200000"),
        ("timestamp", "'1969-12-31 23:59:59.9995'", "int64", "-1"),
        ("timestamptz", "'2024-01-01 00:00:00.123456+05'", "int64", "1704049200123"),
        ("timestamptz", "'infinity'", "int64", "9223372036825200000"),
        ("timestamp", "'-infinity'", "int64", "-9223372036832400000"),
    ];
    let left_out = [
        ("int[]", "'{1}'"),
        ("interval", "'1 day'"),
        ("inet", "'::1'"),
        ("macaddr", "'08:00:2b:01:02:03'"),
        ("varbit", "B'1'"),
        ("tsvector", "'a'"),
        ("int4range", "'[1,2)'"),
        ("point", "'(1,2)'"),
    ];
    arrive(&server, &mut session, "values", &rows, &left_out).await;
    let bad = [
        ("numeric", "'NaN'", "connect_logical", "column c: NaN is no decimal"),
        ("numeric(5,2)", "'NaN'", "connect_logical", "column c: NaN is no decimal"),
        ("numeric", "'-Infinity'", "connect_logical", "column c: -infinity is no decimal"),
        ("date", "'infinity'", "connect_logical", "column c: infinity does not fit a date"),
        ("timestamp", "'infinity'", "micros_long", "column c: infinity does not fit a timestamp"),
        ("timestamp", "'2262-04-11 23:47:16.854776'", "nanos_long", "64 bits in the granularity chosen"),
    ];
    fail(&server, &mut session, "values", &bad).await;
    // A database that does not look at what is stored as text.
    session.run("DROP DATABASE IF EXISTS raw WITH (FORCE)").await;
    session.run("CREATE DATABASE raw ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0").await;
    let mut raw = server.session("raw").await;
    fail(&server, &mut raw, "raw", &[("text", "E'\\xff'", "connect_logical", "invalid byte sequence")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_mariadb() {
    let server = Server::of("maria");
    let mut session = server.fresh("values").await;
    let nines = format!("{}.{}", "9".repeat(35), "9".repeat(30));
    let rows = [
        ("tinyint(1)", "1", "int8", "1"),
        ("tinyint", "-128", "int8", "-128"),
        ("tinyint unsigned", "255", "int16", "255"),
        ("smallint", "-32768", "int16", "-32768"),
        ("smallint unsigned", "65535", "int32", "65535"),
        ("mediumint", "-8388608", "int32", "-8388608"),
        ("int", "-2147483648", "int32", "-2147483648"),
        ("int unsigned", "4294967295", "int64", "4294967295"),
        ("bigint", "-9223372036854775808", "int64", "-9223372036854775808"),
        ("bigint unsigned", "9223372036854775807", "int64", "9223372036854775807"),
        ("decimal(65,30)", &nines, "bytes", &nines),
        ("decimal(5,0)", "-0", "bytes", "0"),
        ("float", "1.5", "float32", "1.5"),
        // The server keeps no sign of it.
        ("double", "'-0'", "float64", "0.0"),
        ("double", "1.7976931348623157e308", "float64", "1.7976931348623157E308"),
        ("bit(1)", "b'1'", "int8", "1"),
        ("bit(9)", "b'100000001'", "bytes", "AQE="),
        ("char(5)", "'ab'", "string", "ab"),
        ("varchar(20)", "'zażółć \u{1F600}'", "string", "zażółć \u{1F600}"),
        ("varchar(5) character set latin1", "'é'", "string", "é"),
        ("tinytext", "''", "string", ""),
        ("longtext", "'x'", "string", "x"),
        ("enum('a','b')", "'b'", "string", "b"),
        ("set('a','b')", "'a,b'", "string", "a,b"),
        ("json", "'{\"a\":  1}'", "string", "{\"a\":  1}"),
        ("binary(3)", "x'00ff80'", "bytes", "AP+A"),
        ("varbinary(9)", "x''", "bytes", ""),
        ("mediumblob", "x'ff'", "bytes", "/w=="),
        ("point", "point(1, 2)", "bytes", "AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA=="),
        ("date", "'9999-12-31'", "int32", "253402214400000"),
        ("date", "'1000-01-01'", "int32", "-30609792000000"),
        ("time", "'00:00:00'", "int32", "0"),
        ("time(6)", "'23:59:59.999999'", "int32", "86399999"),
        ("datetime", "'9999-12-31 23:59:59'", "int64", "253402300799000"),
        ("datetime(6)", "'9999-12-31 23:59:59.999999'", "int64", "253402300799999"),
        ("timestamp", "'1970-01-01 00:00:01'", "int64", "1000"),
        ("timestamp(6)", "'2038-01-19 03:14:07.999999'", "int64", "2147483647999"),
        ("year", "2155", "int32", "5838048000000"),
        ("year", "1901", "int32", "-2177452800000"),
    ];
    arrive(&server, &mut session, "values", &rows, &[]).await;
    session.run("SET sql_mode = ''").await;
    let bad = [
        ("bigint unsigned", "18446744073709551615", "connect_logical", "column c: 18446744073709551615 does not fit"),
        ("date", "'0000-00-00'", "connect_logical", "zeroDateTimeBehavior"),
        ("datetime", "'2024-00-00'", "connect_logical", "zeroDateTimeBehavior"),
        ("time", "'-00:00:01'", "connect_logical", "\"c\": a time of day lies within one day"),
        ("time", "'838:59:59'", "connect_logical", "\"c\": a time of day lies within one day"),
        ("datetime", "'9999-12-31'", "nanos_long", "64 bits in the granularity chosen"),
    ];
    fail(&server, &mut session, "values", &bad).await;
    session.run("CREATE TABLE zero (c date)").await;
    session.run("INSERT INTO zero VALUES ('0000-00-00')").await;
    for (behaviour, expected) in [("CONVERT_TO_NULL", "null"), ("round", "-62135769600000")] {
        let worker = worker().await;
        let url = format!("{}?zeroDateTimeBehavior={behaviour}", server.url("values"));
        let own = [("mode", "bulk"), ("table.whitelist", "zero"), ("connection.url", &*url)];
        worker.create(source(&server, "values", &own)).await;
        worker.until(|| !worker.records("t-zero").is_empty()).await;
        assert_eq!(shown(worker.records("t-zero")[0].value.value.get("c").expect("a value")), expected, "{behaviour}");
    }
}
