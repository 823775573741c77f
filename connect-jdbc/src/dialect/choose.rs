//! From a URL or a name to a dialect.

use connect_api::{Error, Result};

use super::Dialect;
use crate::url::JdbcUrl;

/// Dialects that Kafka Connect's JDBC connectors have and this crate does not.
const ABSENT: [&str; 8] = [
    "GenericDatabaseDialect",
    "SqlServerDatabaseDialect",
    "OracleDatabaseDialect",
    "Db2DatabaseDialect",
    "DerbyDatabaseDialect",
    "SapHanaDatabaseDialect",
    "VerticaDatabaseDialect",
    "SybaseDatabaseDialect",
];

/// The dialects that were compiled in.
pub(crate) fn all() -> &'static [&'static dyn Dialect] {
    &[
        #[cfg(feature = "postgres")]
        &super::postgres::Postgres,
        #[cfg(feature = "mysql")]
        &super::mysql::MySql,
        #[cfg(feature = "sqlite")]
        &super::sqlite::Sqlite,
    ]
}

/// The dialect of this name, or, when the name is empty, the one of the URL.
///
/// # Errors
/// A config error that lists what there is.
pub(crate) fn choose(name: &str, url: &JdbcUrl) -> Result<&'static dyn Dialect> {
    let name = name.trim();
    if name.is_empty() {
        let found = all().iter().find(|dialect| dialect.subprotocols().contains(&url.subprotocol()));
        return found.copied().ok_or_else(|| {
            let known: Vec<_> = all().iter().flat_map(|dialect| dialect.subprotocols()).copied().collect();
            let given = url.subprotocol();
            Error::config(format!("jdbc:{given}: is not supported; supported: {}", known.join(", ")))
        });
    }
    named(name)
}

/// The dialect of this name, whatever its case.
///
/// # Errors
/// A config error that lists what there is.
pub(crate) fn named(name: &str) -> Result<&'static dyn Dialect> {
    all().iter().find(|dialect| dialect.name().eq_ignore_ascii_case(name)).copied().ok_or_else(|| {
        let known: Vec<_> = all().iter().map(|dialect| dialect.name()).collect();
        let absent = ABSENT.iter().any(|absent| absent.eq_ignore_ascii_case(name));
        let what = if absent { "is a dialect that this connector does not have" } else { "is no dialect" };
        Error::config(format!("{name:?} {what}; there are: {}", known.join(", ")))
    })
}
