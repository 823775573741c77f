//! What differs from database to database: names, addresses, connections, catalogues, and what errors mean.
//!
//! A database more is a folder here with the same files, a variant of [`Connection`], and a line in [`all`]; the
//! compiler then names the places in `sink/` and `source/` that speak to a database natively.

mod choose;
mod connection;
mod endpoint;
mod fault;
mod name;
mod session;
mod table;

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

#[cfg(test)]
mod tests;

use std::fmt;

use connect_api::async_trait;

#[cfg(test)]
use choose::all;
pub(crate) use choose::{choose, named};
pub(crate) use connection::Connection;
pub(crate) use endpoint::Endpoint;
pub(crate) use fault::{Class, Fault};
pub(crate) use name::{Quoting, TableName};
pub(crate) use session::{Attempts, Session};
pub(crate) use table::{Column, Table, TableKind};

/// What is so for a whole kind of database. It has no state.
#[async_trait]
pub(crate) trait Dialect: fmt::Debug + Send + Sync {
    /// What `dialect.name` calls it.
    fn name(&self) -> &'static str;

    /// The subprotocols of its URLs.
    fn subprotocols(&self) -> &'static [&'static str];

    /// What stands around a quoted identifier.
    fn quote(&self) -> char;

    /// Longest identifier in bytes, where the database cuts longer ones without an error.
    fn identifier_bytes(&self) -> Option<usize> {
        None
    }

    /// How names of `quote.sql.identifiers=never` are folded when they are looked up.
    fn folds_to_lower_case(&self) -> bool {
        false
    }

    /// Whether the address and its parameters are understood, without connecting.
    ///
    /// # Errors
    /// A fault of class [`Class::Config`].
    fn check(&self, endpoint: &Endpoint) -> Result<(), Fault>;

    /// Opens a connection.
    ///
    /// *Cancellation*: may be dropped.
    ///
    /// # Errors
    /// [`Class::Config`] for what no second attempt mends, [`Class::Connection`] or [`Class::Transient`] otherwise.
    async fn connect(&self, endpoint: &Endpoint) -> Result<Connection, Fault>;
}
