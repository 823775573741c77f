//! A SQLite connection, whose calls block, and so run on threads that may be blocked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::InterruptHandle;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use tokio::task::spawn_blocking;

use super::address::Address;
use super::{catalog, fault};
use crate::dialect::{Class, Fault, Table, TableName};

/// Statements that are kept prepared.
const STATEMENTS: usize = 64;

/// A connection. It ends when it is dropped, which rolls back what was not committed.
pub(crate) struct SqliteConnection {
    connection: Arc<Mutex<rusqlite::Connection>>,
    interrupt: InterruptHandle,
}

impl SqliteConnection {
    pub(super) async fn open(address: Address) -> Result<Self, Fault> {
        let connection = spawn_blocking(move || open(&address)).await.map_err(|_| died())??;
        Ok(Self::with(connection))
    }

    /// One that a host has opened.
    pub(super) async fn adopt(address: &Address, connection: rusqlite::Connection) -> Result<Self, Fault> {
        let address = address.clone();
        let prepare = move || prepare(&address, &connection).map(|()| connection).map_err(fault);
        Ok(Self::with(spawn_blocking(prepare).await.map_err(|_| died())??))
    }

    fn with(connection: rusqlite::Connection) -> Self {
        let interrupt = connection.get_interrupt_handle();
        Self { connection: Arc::new(Mutex::new(connection)), interrupt }
    }

    /// Runs a piece of work on the connection; pieces run one after the other.
    ///
    /// *Cancellation*: the work goes on when this is dropped, and the next piece waits for it.
    ///
    /// # Errors
    /// The work's own, or that it panicked.
    pub(crate) async fn call<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut rusqlite::Connection) -> Result<T, Fault> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let worked = spawn_blocking(move || work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner)));
        worked.await.map_err(|_| died())?
    }

    /// Runs a piece of work that waits for others meanwhile, on a thread of its own; pieces run one after the other. The
    /// thread starts at once.
    ///
    /// *Cancellation*: as in [`call`](Self::call).
    ///
    /// # Errors
    /// That it could not be run, or panicked.
    pub(crate) fn hold<T, F>(&self, work: F) -> impl Future<Output = Result<T, Fault>> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut rusqlite::Connection) -> T + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let work = move || work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner));
        let thread = thread::Builder::new().name("sqlite".to_owned()).spawn(work);
        async move {
            let thread =
                thread.map_err(|error| Fault::new(Class::Connection, format!("no thread for SQLite: {error}")))?;
            // Tokio knows of this wait, so that its clock stands still in tests meanwhile.
            spawn_blocking(move || thread.join()).await.ok().and_then(Result::ok).ok_or_else(died)
        }
    }

    /// Whether it is known to be dead: never, as there is no connection that could break.
    pub(crate) fn is_closed(&self) -> bool {
        false
    }

    /// Runs statements that answer nothing.
    ///
    /// # Errors
    /// SQLite's word.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<(), Fault> {
        let sql = sql.to_owned();
        self.call(move |connection| connection.execute_batch(&sql).map_err(fault)).await
    }

    /// Runs a query of few rows, and gives them as text.
    ///
    /// # Errors
    /// SQLite's word.
    pub(crate) async fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let sql = sql.to_owned();
        self.call(move |connection| rows(connection, &sql).map_err(fault)).await
    }

    /// See [`Connection::describe`](crate::dialect::Connection::describe).
    pub(crate) async fn describe(&mut self, name: &TableName) -> Result<Option<Table>, Fault> {
        let name = name.clone();
        self.call(move |connection| catalog::describe(connection, &name).map_err(fault)).await
    }
}

impl Drop for SqliteConnection {
    fn drop(&mut self) {
        // What still runs is wanted by nobody.
        self.interrupt.interrupt();
    }
}

impl fmt::Debug for SqliteConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteConnection")
    }
}

fn open(address: &Address) -> Result<rusqlite::Connection, Fault> {
    let open = || {
        let connection = rusqlite::Connection::open_with_flags(&address.file, address.flags)?;
        prepare(address, &connection)?;
        Ok(connection)
    };
    open().map_err(|error| fault(error).context(format_args!("cannot open {}", address.file)))
}

fn prepare(address: &Address, connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(address.busy)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise a column that does not exist would be read as a text of its name.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    for pragma in &address.pragmas {
        connection.execute_batch(pragma)?;
    }
    // A file that is no database shows itself only when it is read.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn rows(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<Vec<Option<String>>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    let rows = statement.query_map([], |row| (0..columns).map(|at| row.get_ref(at).map(text)).collect())?;
    rows.collect()
}

fn died() -> Fault {
    Fault::new(Class::Connection, "the work on SQLite was broken off")
}
