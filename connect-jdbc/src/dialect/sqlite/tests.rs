use std::collections::BTreeMap;

use super::*;
use crate::dialect::{Class, Table, TableName};
use crate::url::JdbcUrl;

fn endpoint(url: &str) -> Endpoint {
    let url = JdbcUrl::parse(url).unwrap();
    Endpoint { url, user: None, password: None, properties: BTreeMap::new(), application: "test".into(), factory: None }
}

async fn open(url: &str) -> Result<Connection, Fault> {
    Sqlite.connect(&endpoint(url)).await
}

fn shown(table: &Table) -> Vec<String> {
    let flag = |is: bool, text: &'static str| if is { text } else { "" };
    let column = |c: &crate::dialect::Column| {
        let key = c.key.map(|place| format!(" key{place}")).unwrap_or_default();
        let (not_null, default) = (flag(c.not_null, " not-null"), flag(c.has_default, " default"));
        format!("{} {}{not_null}{default}{}{key}", c.name, c.type_name, flag(c.auto_increment, " auto"))
    };
    table.columns.iter().map(column).collect()
}

#[tokio::test]
async fn tables_are_described() {
    let mut connection = open("jdbc:sqlite::memory:").await.unwrap();
    connection
        .execute(
            "CREATE TABLE \"od\"\"d\" (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b DECIMAL(5,2) DEFAULT 1, c AS (id + 1));
             CREATE TABLE two (b INT, a INT, PRIMARY KEY (a, b));
             CREATE VIEW v AS SELECT a FROM two",
        )
        .await
        .unwrap();
    let table = connection.describe(&TableName::bare("od\"d")).await.unwrap().unwrap();
    let expect = ["id INTEGER default auto key1", "a TEXT not-null", "b DECIMAL(5,2) default", "c  default"];
    assert_eq!(shown(&table), expect);
    let two = connection.describe(&TableName::bare("TWO")).await.unwrap().unwrap();
    assert_eq!((two.name.to_string().as_str(), shown(&two)), ("two", vec!["b INT key2".into(), "a INT key1".into()]));
    let view = connection.describe(&TableName::bare("v")).await.unwrap().unwrap();
    assert_eq!(view.kind.name(), "VIEW");
    assert_eq!(connection.describe(&TableName::bare("none")).await.unwrap(), None);
}

#[tokio::test]
async fn faults_have_classes() {
    let mut connection = open("jdbc:sqlite::memory:").await.unwrap();
    connection.execute("CREATE TABLE t (a INT NOT NULL, b TEXT UNIQUE); INSERT INTO t VALUES (1, 'x')").await.unwrap();
    let rows = [
        ("INSERT INTO t VALUES (NULL, 'y')", Class::Data),
        ("INSERT INTO t VALUES (1, 'x')", Class::Data),
        ("INSERT INTO nope VALUES (1)", Class::Schema),
        ("INSERT INTO t (c) VALUES (1)", Class::Schema),
        ("SELECT \"c\" FROM t", Class::Schema),
        ("CREATE TABLE t (a)", Class::Schema),
        ("ALTER TABLE t ADD a INT", Class::Schema),
        ("INSRT", Class::Fatal),
    ];
    for (sql, class) in rows {
        let fault = connection.execute(sql).await.unwrap_err();
        assert_eq!(fault.class(), class, "{sql}: {fault}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("text"), "this is no database, though it is long enough to be one").unwrap();
    let rows = [
        (format!("jdbc:sqlite:{}", path("text")), "not a database"),
        (format!("jdbc:sqlite:{}", path("none/x.db")), "unable to open"),
        (format!("jdbc:sqlite:{}?journal_mode=fast", path("x.db")), "one of delete, truncate"),
        (format!("jdbc:sqlite:{}?busy_timeout=soon", path("x.db")), "a whole number"),
        ("jdbc:sqlite::resource:x.db".to_owned(), "jar"),
    ];
    for (url, expect) in rows {
        let fault = open(&url).await.unwrap_err();
        assert_eq!(fault.class(), Class::Config, "{url}: {fault}");
        assert!(fault.to_string().contains(expect), "{url}: {fault}");
    }
    open(&format!("jdbc:sqlite:{}?journal_mode=WAL&synchronous=normal", path("ok.db"))).await.unwrap();
}

#[tokio::test]
async fn a_dropped_connection_rolls_back() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("x.db").display());
    let mut connection = open(&url).await.unwrap();
    connection.execute("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").await.unwrap();
    drop(connection);
    let mut connection = open(&url).await.unwrap();
    connection.execute("BEGIN IMMEDIATE; COMMIT").await.unwrap();
    let Connection::Sqlite(connection) = &connection else { panic!("{connection:?}") };
    let count =
        connection.call(|c| c.query_row("SELECT count(*) FROM t", [], |r| r.get::<_, i64>(0)).map_err(fault)).await;
    assert_eq!(count.unwrap(), 0_i64);
}
