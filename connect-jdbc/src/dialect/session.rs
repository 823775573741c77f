//! A connection that is opened when it is needed, and opened again when it is dead.

use std::sync::Arc;
use std::time::Duration;

use connect_api::StopSignal;
use tokio::time::{sleep, timeout};

use super::endpoint::LOGIN_TIMEOUT;
use super::{Class, Connection, Dialect, Endpoint, Fault};

/// `connection.attempts` and `connection.backoff.ms`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempts {
    /// At least 1.
    pub(crate) count: u32,
    /// Between two attempts.
    pub(crate) backoff: Duration,
}

/// One task's way to its database.
pub(crate) struct Session {
    dialect: &'static dyn Dialect,
    endpoint: Arc<Endpoint>,
    attempts: Attempts,
    stop: StopSignal,
    connection: Option<Connection>,
}

impl Session {
    /// A session that is not connected yet.
    pub(crate) fn new(
        dialect: &'static dyn Dialect,
        endpoint: Arc<Endpoint>,
        attempts: Attempts,
        stop: StopSignal,
    ) -> Self {
        Self { dialect, endpoint, attempts, stop, connection: None }
    }

    /// The dialect.
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// The connection, opened if there is none that is alive.
    ///
    /// *Cancellation*: may be dropped. It ends early when the task is asked to stop.
    ///
    /// # Errors
    /// The last attempt's fault; a fault of the configuration at once.
    pub(crate) async fn connection(&mut self) -> Result<&mut Connection, Fault> {
        if self.connection.as_ref().is_some_and(Connection::is_closed) {
            self.connection = None;
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Whether the next use opens a connection.
    pub(crate) fn needs_opening(&self) -> bool {
        self.connection.as_ref().is_none_or(Connection::is_closed)
    }

    /// The same session with a single attempt, for a check.
    #[must_use]
    pub(crate) fn once(mut self) -> Self {
        self.attempts.count = 1;
        self
    }

    /// Drops the connection; the next one will be a new one.
    pub(crate) fn close(&mut self) {
        self.connection = None;
    }

    /// Opens a connection beside the session's own.
    ///
    /// # Errors
    /// As in [`connection`](Self::connection).
    pub(crate) async fn open(&self) -> Result<Connection, Fault> {
        let mut attempt = 1;
        loop {
            let opened = tokio::select! {
                biased;
                () = self.stop.stopped() => Err(Fault::new(Class::Connection, "stopped while connecting")),
                opened = timeout(LOGIN_TIMEOUT, self.dialect.connect(&self.endpoint)) => opened.unwrap_or_else(|_| {
                    let seconds = LOGIN_TIMEOUT.as_secs();
                    Err(Fault::new(Class::Connection, format!("no connection within {seconds} s")))
                }),
            };
            match opened {
                Ok(connection) => return Ok(connection),
                Err(fault) if fault.class() == Class::Config || attempt >= self.attempts.count => return Err(fault),
                Err(_) if self.stop.is_stopped() => {
                    return Err(Fault::new(Class::Connection, "stopped while connecting"));
                }
                Err(fault) => {
                    tracing::info!(attempt, of = self.attempts.count, error = %fault, "could not connect");
                }
            }
            tokio::select! {
                biased;
                () = self.stop.stopped() => {}
                () = sleep(self.attempts.backoff) => {}
            }
            attempt += 1;
        }
    }
}
