//! An open connection, whatever the database.

use super::{Fault, Table, TableName};

/// An open connection. What all databases can do is here; all else is asked of the database's own type.
#[derive(Debug)]
pub(crate) enum Connection {
    /// PostgreSQL
    #[cfg(feature = "postgres")]
    Postgres(super::postgres::PostgresConnection),
    /// MySQL or MariaDB
    #[cfg(feature = "mysql")]
    MySql(super::mysql::MySqlConnection),
    /// SQLite
    #[cfg(feature = "sqlite")]
    Sqlite(super::sqlite::SqliteConnection),
}

macro_rules! each {
    ($self:ident, $connection:ident => $call:expr) => {
        match $self {
            #[cfg(feature = "postgres")]
            Self::Postgres($connection) => $call,
            #[cfg(feature = "mysql")]
            Self::MySql($connection) => $call,
            #[cfg(feature = "sqlite")]
            Self::Sqlite($connection) => $call,
        }
    };
}

impl Connection {
    /// Whether it is known to be dead. One that is not may be dead all the same.
    pub(crate) fn is_closed(&self) -> bool {
        each!(self, connection => connection.is_closed())
    }

    /// Runs statements that answer nothing: DDL, `BEGIN`, `COMMIT`.
    ///
    /// # Errors
    /// The database's word.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<(), Fault> {
        each!(self, connection => connection.execute(sql).await)
    }

    /// Looks a table up: its full name, kind and columns. Without a schema it is looked for where a statement would
    /// find it. `None` when there is none of this name.
    ///
    /// # Errors
    /// The database's word.
    pub(crate) async fn describe(&mut self, name: &TableName) -> Result<Option<Table>, Fault> {
        each!(self, connection => connection.describe(name).await)
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// The database's word.
    pub(crate) async fn begin(&mut self) -> Result<(), Fault> {
        let sql = match self {
            // Otherwise two writers that have both read would wait for each other.
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            #[cfg(feature = "mysql")]
            Self::MySql(_) => "START TRANSACTION",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "BEGIN",
        };
        self.execute(sql).await
    }

    /// Checks now what would be checked at the commit.
    ///
    /// # Errors
    /// The database's word.
    pub(crate) async fn check_constraints(&mut self) -> Result<(), Fault> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => self.execute("SET CONSTRAINTS ALL IMMEDIATE").await,
            #[cfg(any(feature = "mysql", feature = "sqlite"))]
            _ => Ok(()),
        }
    }

    /// Runs a query of few rows, and gives them as text.
    ///
    /// # Errors
    /// The database's word.
    pub(crate) async fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        each!(self, connection => connection.rows(sql).await)
    }
}
