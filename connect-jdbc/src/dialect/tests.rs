use proptest::prelude::*;

use super::{Class, Fault, Quoting, TableName, all, choose};
use crate::url::JdbcUrl;

fn parts(text: &str) -> String {
    match TableName::parse(text, '"') {
        Ok(name) => name.parts().collect::<Vec<_>>().join("|"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn table_names_are_read() {
    let rows = [
        ("t", "t"),
        ("s.t", "s|t"),
        ("c.s.t", "c|s|t"),
        ("\"a.b\".\"c\"\"d\"", "a.b|c\"d"),
        ("sch.\"T x\"", "sch|T x"),
    ];
    for (text, expect) in rows {
        assert_eq!(parts(text), expect, "{text}");
    }
    let rows = [
        ("a.b.c.d", "more than the three parts"),
        ("a..b", "empty part"),
        ("", "empty part"),
        ("\"a", "not closed"),
        ("\"a\"b", "behind a closing quote"),
    ];
    for (text, expect) in rows {
        assert!(parts(text).contains(expect), "{text}: {}", parts(text));
    }
}

#[test]
fn dialects_are_chosen() {
    let choose = |name: &str, url: &str| {
        choose(name, &JdbcUrl::parse(url).unwrap()).map_or_else(|error| error.to_string(), |d| d.name().to_owned())
    };
    assert_eq!(choose("", "jdbc:sqlite:x"), "SqliteDatabaseDialect");
    assert_eq!(choose("", "jdbc:mariadb://h/d"), "MySqlDatabaseDialect");
    assert_eq!(choose("postgresqldatabasedialect", "jdbc:odd://h/d"), "PostgreSqlDatabaseDialect");
    assert!(choose("", "jdbc:oracle:thin").contains("supported: postgresql, mysql, mariadb, sqlite"));
    assert!(choose("Db2DatabaseDialect", "jdbc:sqlite:x").contains("does not have; there are: Postgre"));
    assert!(choose("Nope", "jdbc:sqlite:x").contains("is no dialect; there are: Postgre"));
    assert_eq!(all().len(), 3);
}

#[test]
fn faults_become_errors() {
    let error = connect_api::Error::from(Fault::of(Class::Data, "23505", "duplicate key"));
    assert_eq!((error.class_name(), error.to_string().as_str()), ("java.sql.SQLException", "duplicate key [23505]"));
    assert!(connect_api::Error::from(Fault::new(Class::Connection, "gone")).is_retriable());
}

proptest! {
    // Whatever a name is, it stays one identifier, and is read back as it was.
    #[test]
    fn no_name_leaves_its_quotes(name in "\\PC{1,20}", always: bool, tick: bool) {
        let quote = if tick { '`' } else { '"' };
        let quoting = Quoting { quote, always };
        let table = TableName { catalog: None, schema: Some(name.clone()), table: name.clone() };
        let written = quoting.table(&table);
        prop_assert_eq!(TableName::parse(&written, quote).unwrap(), table);
        let ident = quoting.ident(&name);
        if let Some(inner) = ident.strip_prefix(quote) {
            let inner = inner.strip_suffix(quote).unwrap();
            let pair: String = [quote, quote].iter().collect();
            prop_assert!(!inner.replace(&pair, "").contains(quote));
        } else {
            prop_assert!(ident.chars().all(|at| at == '_' || at.is_ascii_alphanumeric()));
        }
    }
}
