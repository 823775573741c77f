//! A PostgreSQL connection.

use std::fmt;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage, SimpleQueryRow, Socket};

use super::address::{Address, Tls};
use super::driver::{Driver, Lent};
use super::tls::MakeTls;
use super::{catalog, fault, trust};
use crate::dialect::{Class, Fault, Table, TableName};

/// A connection. It is closed when it is dropped, which rolls back what was not committed.
pub(crate) struct PostgresConnection {
    /// The driver's client. A future of it that is dropped leaves the connection usable, but a statement may still run.
    pub(crate) client: Client,
    /// `socketTimeout`: longest time that an answer is waited for.
    pub(crate) patience: Option<Duration>,
    /// `None`: whoever opened it runs it.
    driver: Option<Driver>,
}

impl PostgresConnection {
    pub(super) async fn open(address: Address) -> Result<Self, Fault> {
        match Self::attempt(&address, &address.config).await {
            Err(fault) if address.or_any && fault.class() == Class::Connection => {
                let mut any = address.config.clone();
                any.target_session_attrs(TargetSessionAttrs::Any);
                Self::attempt(&address, &any).await
            }
            other => other,
        }
    }

    /// One that a host has opened.
    pub(super) const fn adopt(address: &Address, client: Client) -> Self {
        Self { client, patience: address.socket_timeout, driver: None }
    }

    async fn attempt(address: &Address, config: &Config) -> Result<Self, Fault> {
        match address.tls {
            Tls::Disable => Self::with(config, NoTls, address.socket_timeout).await,
            Tls::Allow => match Self::with(config, NoTls, address.socket_timeout).await {
                Err(fault) if fault.class() == Class::Config => {
                    let mut secure = config.clone();
                    secure.ssl_mode(SslMode::Require);
                    let tls = MakeTls(trust::client_config(Tls::Require, &address.files)?);
                    // The first refusal says more, if neither way is open.
                    Self::with(&secure, tls, address.socket_timeout).await.map_err(|_| fault)
                }
                other => other,
            },
            mode => {
                let tls = MakeTls(trust::client_config(mode, &address.files)?);
                Self::with(config, tls, address.socket_timeout).await
            }
        }
    }

    async fn with<T>(config: &Config, tls: T, patience: Option<Duration>) -> Result<Self, Fault>
    where
        T: MakeTlsConnect<Socket>,
        T::TlsConnect: Send,
        T::Stream: Send + 'static,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let (client, connection) = config.connect(tls).await.map_err(|error| fault(error).context("cannot connect"))?;
        let driver = Driver::new(Box::pin(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection to PostgreSQL ended");
            }
        }));
        Ok(Self { client, patience, driver: Some(driver) })
    }

    /// Whether it is known to be dead.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits for an answer, no longer than `socketTimeout`.
    ///
    /// # Errors
    /// The server's word, or that none came; the connection is of no use then.
    pub(crate) async fn answer<T>(
        &self,
        call: impl Future<Output = Result<T, tokio_postgres::Error>> + Send,
    ) -> Result<T, Fault> {
        match self.patience {
            None => call.await.map_err(fault),
            Some(patience) => match timeout(patience, call).await {
                Ok(answered) => answered.map_err(fault),
                Err(_) => Err(Fault::new(Class::Connection, format!("no answer within {} s", patience.as_secs()))),
            },
        }
    }

    /// The connection, to be run while its answers are waited for.
    pub(crate) async fn lend(&self) -> Lent {
        match &self.driver {
            Some(driver) => driver.lend().await.unwrap_or(Lent::elsewhere()),
            None => Lent::elsewhere(),
        }
    }

    /// Runs statements that answer nothing.
    ///
    /// # Errors
    /// The server's word.
    pub(crate) async fn execute(&self, sql: &str) -> Result<(), Fault> {
        self.answer(self.client.batch_execute(sql)).await
    }

    /// Runs a query of few rows, and gives them as text.
    ///
    /// # Errors
    /// The server's word.
    pub(crate) async fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let messages = self.answer(self.client.simple_query(sql)).await?;
        let texts = |row: &SimpleQueryRow| (0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect();
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(texts(row)),
            _ => None,
        });
        Ok(rows.collect())
    }

    /// See [`Connection::describe`](crate::dialect::Connection::describe).
    pub(crate) async fn describe(&mut self, name: &TableName) -> Result<Option<Table>, Fault> {
        catalog::describe(self, name).await
    }
}

impl fmt::Debug for PostgresConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresConnection")
    }
}
