//! PostgreSQL.

mod address;
mod catalog;
mod connection;
mod driver;
mod fault;
#[cfg(test)]
mod tests;
mod tls;
mod trust;

use connect_api::async_trait;

use super::{Connection, Dialect, Endpoint, Fault, endpoint};
use crate::factory::HostConnection;

pub(crate) use connection::PostgresConnection;
pub(crate) use fault::fault;

/// The dialect.
#[derive(Debug)]
pub(crate) struct Postgres;

#[async_trait]
impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSqlDatabaseDialect"
    }

    fn subprotocols(&self) -> &'static [&'static str] {
        &["postgresql"]
    }

    fn quote(&self) -> char {
        '"'
    }

    fn identifier_bytes(&self) -> Option<usize> {
        Some(63)
    }

    fn folds_to_lower_case(&self) -> bool {
        true
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), Fault> {
        address::Address::of(endpoint).map(drop)
    }

    async fn connect(&self, endpoint: &Endpoint) -> Result<Connection, Fault> {
        let address = address::Address::of(endpoint)?;
        match endpoint.adopted().await? {
            Some(HostConnection::Postgres(client)) => {
                return Ok(Connection::Postgres(PostgresConnection::adopt(&address, client)));
            }
            #[allow(unreachable_patterns, reason = "there may be no other database")]
            Some(_) => return Err(endpoint::foreign(self.name())),
            None => {}
        }
        PostgresConnection::open(address).await.map(Connection::Postgres)
    }
}
