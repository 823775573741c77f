//! Rows into statements.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod numeric;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_values;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::arrange::Row;
use super::ddl::Flavor;
use super::plan::Plan;
use super::sql::Op;
use super::target::Layout;
use crate::dialect::{Class, Connection, Fault, Quoting};

/// Rows of one plan, and what is to become of them.
#[derive(Clone, Copy)]
pub(super) struct Work<'w> {
    pub(super) op: Op,
    pub(super) plan: &'w Plan,
    pub(super) layout: &'w Layout,
    pub(super) rows: &'w [&'w Row],
    pub(super) quoting: Quoting,
}

/// Writes rows, and remembers the statements it has prepared.
#[derive(Default)]
pub(super) struct Writer {
    #[cfg(feature = "postgres")]
    postgres: postgres::Prepared,
}

impl Writer {
    /// Forgets what was prepared: the connection is another one, or tables have changed.
    pub(super) fn reset(&mut self) {
        #[cfg(feature = "postgres")]
        self.postgres.reset();
    }

    /// Remembers what a fault says of the ways to write.
    pub(super) fn learn(&mut self, fault: &Fault) {
        #[cfg(feature = "postgres")]
        self.postgres.learn(fault);
        #[cfg(not(feature = "postgres"))]
        let _ = fault;
    }

    /// Whether these rows are written by one statement, which needs no transaction around it.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables))]
    pub(super) fn is_one_statement(connection: &Connection, work: Work<'_>) -> bool {
        match connection {
            #[cfg(feature = "postgres")]
            Connection::Postgres(_) => !work.plan.truncate && postgres::Prepared::is_one_statement(work),
            #[allow(unreachable_patterns, reason = "there may be no other database")]
            _ => false,
        }
    }

    /// Writes rows by as few statements as the database takes them in.
    ///
    /// # Errors
    /// The database's word, which may be of any of the rows; what was written before it is in the transaction.
    pub(super) async fn write(&mut self, connection: &mut Connection, work: Work<'_>) -> Result<(), Fault> {
        if work.plan.truncate {
            let table = &work.layout.table;
            return match Flavor::of(connection) {
                Flavor::Postgres => connection.execute(&format!("TRUNCATE TABLE {table}")).await,
                // It would end the transaction.
                _ => connection.execute(&format!("DELETE FROM {table}")).await,
            };
        }
        match connection {
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => self.postgres.write(connection, work).await,
            #[cfg(feature = "mysql")]
            Connection::MySql(connection) => mysql::write(connection, work).await,
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => sqlite::write(connection, work).await,
        }
    }
}

/// The fault of a value that a database cannot be given.
fn unfit(plan: &Plan, column: usize, error: impl std::fmt::Display) -> Fault {
    let name = plan.fields.get(column).map_or("", |field| &field.name);
    Fault::new(Class::Data, format!("column {name:?}: {error}"))
}
