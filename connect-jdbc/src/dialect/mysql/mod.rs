//! MySQL and MariaDB.

mod address;
mod catalog;
mod connection;
mod fault;
#[cfg(test)]
mod tests;

use connect_api::async_trait;

use super::{Connection, Dialect, Endpoint, Fault, endpoint};
use crate::factory::HostConnection;

pub(crate) use address::{Reading, ZeroDate};
pub(crate) use connection::{MySqlConnection, answer};
pub(crate) use fault::fault;

/// The dialect.
#[derive(Debug)]
pub(crate) struct MySql;

#[async_trait]
impl Dialect for MySql {
    fn name(&self) -> &'static str {
        "MySqlDatabaseDialect"
    }

    fn subprotocols(&self) -> &'static [&'static str] {
        &["mysql", "mariadb"]
    }

    fn quote(&self) -> char {
        '`'
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), Fault> {
        address::Address::of(endpoint).map(drop)
    }

    async fn connect(&self, endpoint: &Endpoint) -> Result<Connection, Fault> {
        let address = address::Address::of(endpoint)?;
        match endpoint.adopted().await? {
            Some(HostConnection::MySql(connection)) => {
                return MySqlConnection::adopt(&address, connection).await.map(Connection::MySql);
            }
            #[allow(unreachable_patterns, reason = "there may be no other database")]
            Some(_) => return Err(endpoint::foreign(self.name())),
            None => {}
        }
        MySqlConnection::open(address).await.map(Connection::MySql)
    }
}
