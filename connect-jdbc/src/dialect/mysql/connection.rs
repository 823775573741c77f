//! A MySQL or MariaDB connection.

use std::fmt;
use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder, Row, Value};
use tokio::time::timeout;

use super::address::{Address, Reading};
use super::{catalog, fault};
use crate::dialect::{Class, Fault, Table, TableName};
use crate::url::Address as Server;

/// A connection. It is closed when it is dropped, which rolls back what was not committed.
///
/// A call of the driver that is dropped half-way leaves the connection in a state of its own: drop that too.
pub(crate) struct MySqlConnection {
    /// The driver's connection.
    pub(crate) conn: Conn,
    /// `socketTimeout`: longest time that an answer is waited for.
    pub(crate) patience: Option<Duration>,
    /// Whether it is MariaDB, whose dialect of SQL is a little different.
    pub(crate) is_mariadb: bool,
    /// What a source makes of some types.
    pub(crate) reading: Reading,
}

impl MySqlConnection {
    pub(super) async fn open(address: Address) -> Result<Self, Fault> {
        let mut last = Fault::new(Class::Config, "the URL names no server");
        for server in &address.servers {
            match Self::attempt(&address, server).await {
                Ok(connection) => return Ok(connection),
                Err(fault) if fault.class() == Class::Config => return Err(fault),
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    async fn attempt(address: &Address, server: &Server) -> Result<Self, Fault> {
        let options = |tls| address.options.clone().ip_or_hostname(&server.host).tcp_port(server.port).ssl_opts(tls);
        let connected = match connect(options(address.tls.clone()), address.connect_timeout).await {
            Err(Error::Driver(DriverError::NoClientSslFlagFromServer)) if address.or_plain => {
                connect(options(None), address.connect_timeout).await
            }
            other => other,
        };
        let place = format!("cannot connect to {}:{}", server.host, server.port);
        let conn = connected.map_err(|error| fault(error).context(place))?;
        Self::with(address, conn).await
    }

    /// One that a host has opened.
    pub(super) async fn adopt(address: &Address, mut conn: Conn) -> Result<Self, Fault> {
        for statement in &address.setup {
            conn.query_drop(statement).await.map_err(fault)?;
        }
        Self::with(address, conn).await
    }

    async fn with(address: &Address, mut conn: Conn) -> Result<Self, Fault> {
        let version: Option<String> = conn.query_first("SELECT VERSION()").await.map_err(fault)?;
        let is_mariadb = version.is_some_and(|version| version.to_ascii_lowercase().contains("mariadb"));
        Ok(Self { conn, patience: address.socket_timeout, is_mariadb, reading: address.reading })
    }

    /// Whether it is known to be dead; the driver does not tell.
    pub(crate) fn is_closed(&self) -> bool {
        self.conn.is_disconnected()
    }

    /// Runs a statement that answers nothing.
    ///
    /// # Errors
    /// The server's word.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<(), Fault> {
        let patience = self.patience;
        answer(patience, self.conn.query_drop(sql)).await
    }

    /// Runs a query of few rows, and gives them as text.
    ///
    /// # Errors
    /// The server's word.
    pub(crate) async fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let patience = self.patience;
        let rows: Vec<Row> = answer(patience, self.conn.query(sql)).await?;
        let text = |value: &Value| match value {
            Value::NULL => None,
            // Queries as text are answered by text.
            Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            other => Some(other.as_sql(true)),
        };
        Ok(rows.iter().map(|row| (0..row.len()).map(|at| row.as_ref(at).and_then(text)).collect()).collect())
    }

    /// See [`Connection::describe`](crate::dialect::Connection::describe).
    pub(crate) async fn describe(&mut self, name: &TableName) -> Result<Option<Table>, Fault> {
        catalog::describe(self, name).await
    }
}

/// Waits for an answer, no longer than `socketTimeout`; the connection is of no use when that is over.
///
/// # Errors
/// The server's word, or that none came.
pub(crate) async fn answer<T>(
    patience: Option<Duration>,
    call: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Fault> {
    match patience {
        None => call.await.map_err(fault),
        Some(patience) => match timeout(patience, call).await {
            Ok(answered) => answered.map_err(fault),
            Err(_) => Err(Fault::new(Class::Connection, format!("no answer within {} ms", patience.as_millis()))),
        },
    }
}

async fn connect(options: OptsBuilder, patience: Option<Duration>) -> Result<Conn, Error> {
    let connecting = Conn::new(Opts::from(options));
    match patience {
        None => connecting.await,
        Some(patience) => timeout(patience, connecting).await.unwrap_or_else(|_| {
            let message = format!("no connection within {} ms", patience.as_millis());
            Err(Error::from(std::io::Error::new(std::io::ErrorKind::TimedOut, message)))
        }),
    }
}

impl fmt::Debug for MySqlConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MySqlConnection")
    }
}
