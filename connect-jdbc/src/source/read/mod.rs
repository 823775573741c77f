//! Running a statement and handing on its rows, database by database.

#[cfg(feature = "mysql")]
pub(super) mod mysql;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
#[cfg(feature = "sqlite")]
pub(super) mod sqlite;

use connect_api::{Error, Result, SourceRecord};
use tokio::sync::mpsc;
use tokio::task::yield_now;

use super::config::Isolation;
use super::moment::Moment;
use super::offset::Place;
use super::rows::Limits;
use super::subject::Subject;
use crate::dialect::{Connection, Fault};

/// What a reader tells its task: records, or what went wrong.
pub(super) type Batch = Result<Vec<SourceRecord>>;

/// Where a reading begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) begin: Moment,
    pub(super) end: Moment,
    pub(super) after: i64,
    /// Only in the mode that has numbers alone, and only when rows behind it may not be complete.
    pub(super) up_to: Option<i64>,
}

/// What all readings of a task have in common.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) batches: mpsc::Sender<Batch>,
    pub(super) limits: Limits,
    pub(super) isolation: Isolation,
}

impl Output {
    /// Hands on what is to be polled next, and lets it be polled.
    ///
    /// # Errors
    /// Nobody polls any more.
    pub(super) async fn tell(&self, batch: Batch) -> Result<()> {
        self.batches.send(batch).await.map_err(|_| stopped())?;
        yield_now().await;
        Ok(())
    }

    /// Hands records on, and only then counts them as read.
    async fn send(&self, subject: &mut Subject, records: Vec<SourceRecord>) -> Result<()> {
        let Some(place) = place_of(&records)? else { return Ok(()) };
        self.tell(Ok(records)).await?;
        subject.place = place.unwrap_or(subject.place);
        Ok(())
    }
}

/// Where the last of the records is, if it has a place; `None` when there are no records.
fn place_of(records: &[SourceRecord]) -> Result<Option<Option<Place>>> {
    let offset = records.last().map(|last| &last.source_offset);
    offset.map(|offset| if offset.is_null() { Ok(None) } else { Place::read(offset).map(Some) }).transpose()
}

/// Nobody takes the records any more.
fn stopped() -> Error {
    Error::retriable("the task was stopped")
}

/// The database's present time.
#[cfg_attr(not(feature = "mysql"), expect(unused_variables))]
pub(super) async fn now(connection: &mut Connection, subject: &Subject) -> Result<Moment> {
    match connection {
        #[cfg(feature = "postgres")]
        Connection::Postgres(connection) => postgres::now(connection).await,
        #[cfg(feature = "mysql")]
        Connection::MySql(connection) => mysql::now(connection, &subject.style).await,
        #[cfg(feature = "sqlite")]
        Connection::Sqlite(connection) => sqlite::now(connection).await,
    }
}

/// Reads the rows within bounds.
pub(super) async fn read(
    connection: &mut Connection,
    subject: &mut Subject,
    bounds: &Bounds,
    output: &Output,
) -> Result<()> {
    match connection {
        #[cfg(feature = "postgres")]
        Connection::Postgres(connection) => postgres::read(connection, subject, bounds, output).await,
        #[cfg(feature = "mysql")]
        Connection::MySql(connection) => mysql::read(connection, subject, bounds, output).await,
        #[cfg(feature = "sqlite")]
        Connection::Sqlite(connection) => sqlite::read(connection, subject, bounds, output).await,
    }
}

/// Whether the database understands a query.
pub(super) async fn prepare(connection: &mut Connection, query: &str) -> Result<(), Fault> {
    match connection {
        #[cfg(feature = "postgres")]
        Connection::Postgres(connection) => connection.answer(connection.client.prepare(query)).await.map(drop),
        #[cfg(feature = "mysql")]
        Connection::MySql(connection) => mysql::prepare(connection, query).await,
        #[cfg(feature = "sqlite")]
        Connection::Sqlite(connection) => sqlite::prepare(connection, query).await,
    }
}
