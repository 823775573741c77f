//! Connections that a host opens by itself, such as those of its own pool.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use connect_api::Result;

/// A connection that a host has opened and hands over. It is dropped when it is of no use any more, which gives one of a
/// pool back.
#[non_exhaustive]
pub enum HostConnection {
    /// To PostgreSQL. The host runs the other half, tokio-postgres' `Connection`.
    #[cfg(feature = "postgres")]
    Postgres(tokio_postgres::Client),
    /// To MySQL or MariaDB; `mysql_async::Pool::get_conn` gives such ones.
    #[cfg(feature = "mysql")]
    MySql(mysql_async::Conn),
    /// To a file of SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(rusqlite::Connection),
}

#[cfg(feature = "postgres")]
impl From<tokio_postgres::Client> for HostConnection {
    fn from(client: tokio_postgres::Client) -> Self {
        Self::Postgres(client)
    }
}

#[cfg(feature = "mysql")]
impl From<mysql_async::Conn> for HostConnection {
    fn from(connection: mysql_async::Conn) -> Self {
        Self::MySql(connection)
    }
}

#[cfg(feature = "sqlite")]
impl From<rusqlite::Connection> for HostConnection {
    fn from(connection: rusqlite::Connection) -> Self {
        Self::Sqlite(connection)
    }
}

type Failure = Box<dyn StdError + Send + Sync>;
type Opening = Pin<Box<dyn Future<Output = Result<HostConnection, Failure>> + Send>>;

/// Opens connections in the connector's stead. It is asked whenever one is needed: when a task starts, and after one has
/// died, `connection.attempts` times.
#[derive(Clone)]
pub struct ConnectionFactory(Arc<dyn Fn() -> Opening + Send + Sync>);

impl ConnectionFactory {
    /// A factory that calls `open`. An error of it counts as a database that is away.
    pub fn new<F, T, C, E>(open: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<C, E>> + Send + 'static,
        C: Into<HostConnection>,
        E: Into<Failure>,
    {
        Self(Arc::new(move || {
            let opening = open();
            Box::pin(async move { opening.await.map(Into::into).map_err(Into::into) })
        }))
    }

    /// Opens one.
    ///
    /// # Errors
    /// The host's.
    pub(crate) async fn open(&self) -> Result<HostConnection, Failure> {
        (self.0)().await
    }
}

impl fmt::Debug for ConnectionFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionFactory")
    }
}
