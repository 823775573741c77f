//! SQLite: a file, or memory, within this process.

mod address;
mod catalog;
mod connection;
mod fault;
#[cfg(test)]
mod tests;

use connect_api::async_trait;

use super::{Connection, Dialect, Endpoint, Fault, endpoint};
use crate::factory::HostConnection;

pub(crate) use connection::SqliteConnection;
pub(crate) use fault::fault;

/// The dialect.
#[derive(Debug)]
pub(crate) struct Sqlite;

#[async_trait]
impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "SqliteDatabaseDialect"
    }

    fn subprotocols(&self) -> &'static [&'static str] {
        &["sqlite"]
    }

    fn quote(&self) -> char {
        '"'
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), Fault> {
        address::Address::of(endpoint).map(drop)
    }

    async fn connect(&self, endpoint: &Endpoint) -> Result<Connection, Fault> {
        let address = address::Address::of(endpoint)?;
        match endpoint.adopted().await? {
            Some(HostConnection::Sqlite(connection)) => {
                return SqliteConnection::adopt(&address, connection).await.map(Connection::Sqlite);
            }
            #[allow(unreachable_patterns, reason = "there may be no other database")]
            Some(_) => return Err(endpoint::foreign(self.name())),
            None => {}
        }
        SqliteConnection::open(address).await.map(Connection::Sqlite)
    }
}
