//! SQLite: rows are stepped through on the connection's own thread.

mod cell;

use connect_api::{Error, Result, SourceRecord};
use rusqlite::types::Value as Bound;
use rusqlite::{OptionalExtension as _, Row, Statement, params_from_iter};
use tokio::task::spawn_blocking;

use super::{Bounds, Output};
use crate::dialect::Fault;
use crate::dialect::sqlite::{SqliteConnection, fault};
use crate::source::column::ResultColumn;
use crate::source::moment::Moment;
use crate::source::rows::{Limits, Rows};
use crate::source::sql::{Selection, Slot};
use crate::source::style::Style;
use crate::source::subject::Subject;

/// How texts of timestamps are compared, whatever their form. SQLite knows milliseconds.
const FORMAT: &str = "'%Y-%m-%d %H:%M:%f'";

/// How the values of a timestamp column are stored. All are expected to be stored as the first one found is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    /// Milliseconds since 1970.
    Integer,
    /// Julian days.
    Real,
    /// `2024-02-29 13:14:15`
    Text,
}

/// The present time.
pub(super) async fn now(connection: &SqliteConnection) -> Result<Moment> {
    let sql = "SELECT CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)";
    let millis = connection.call(move |it| it.query_row(sql, [], |row| row.get(0)).map_err(fault)).await?;
    Ok(Moment::of_millis(millis))
}

/// Reads the rows within bounds.
pub(super) async fn read(
    connection: &SqliteConnection,
    subject: &mut Subject,
    bounds: &Bounds,
    output: &Output,
) -> Result<()> {
    let storage = storage(connection, &subject.selection).await?;
    let (sender, mut batches) = std::sync::mpsc::sync_channel(1);
    let (mut own, bounds, limits) = (subject.clone(), *bounds, output.limits);
    let read = connection.hold(move |it| {
        let mut give = |records| sender.send(records).map_err(|_| super::stopped());
        let read = step(it, &mut own, storage, &bounds, limits, &mut give);
        (own.layout, read)
    });
    // That thread waits for its batches to be taken. These are waited for on another one, so that tokio knows of work
    // that goes on, and stands still in tests only while it does.
    loop {
        let waited = spawn_blocking(move || (batches.recv().ok(), batches)).await;
        let (Some(records), rest) =
            waited.map_err(|error| Error::fatal("SQLite's thread is gone").with_source(error))?
        else {
            break;
        };
        batches = rest;
        output.send(subject, records).await?;
    }
    let (layout, read) = read.await?;
    subject.layout = layout;
    read
}

/// How a timestamp column is stored; as text when there is no value yet.
async fn storage(connection: &SqliteConnection, selection: &Selection) -> Result<Storage> {
    if !selection.mode().has_timestamp() {
        return Ok(Storage::Text);
    }
    let sql = selection.sample(|timestamp| format!("typeof({timestamp})"));
    let found =
        connection.call(move |it| it.query_row(&sql, [], |row| row.get::<_, String>(0)).optional().map_err(fault));
    Ok(match found.await?.as_deref() {
        Some("integer") => Storage::Integer,
        Some("real") => Storage::Real,
        _ => Storage::Text,
    })
}

/// Reads on the connection's thread.
fn step(
    connection: &rusqlite::Connection,
    subject: &mut Subject,
    storage: Storage,
    bounds: &Bounds,
    limits: Limits,
    give: &mut dyn FnMut(Vec<SourceRecord>) -> Result<()>,
) -> Result<()> {
    let database = |error| Error::from(fault(error));
    let selection = compared(&subject.selection, storage);
    let mut bound = Vec::new();
    let sql = selection.read(bounds.up_to.is_some(), &mut |slot| {
        bound.push(match slot {
            Slot::Begin => timestamp(bounds.begin, storage, &subject.style),
            Slot::End => timestamp(bounds.end, storage, &subject.style),
            Slot::After => Bound::Integer(bounds.after),
            Slot::UpTo => Bound::Integer(bounds.up_to.unwrap_or(i64::MAX)),
        });
        match (slot, storage) {
            (Slot::Begin | Slot::End, Storage::Text) => format!("strftime({FORMAT}, ?)"),
            _ => "?".to_owned(),
        }
    });
    let mut statement = connection.prepare(&sql).map_err(database)?;
    let table = subject.table.as_ref().map(|table| table.table.clone());
    let required = match &table {
        Some(table) => required(connection, table).map_err(database)?,
        None => Vec::new(),
    };
    let mut stepped = statement.query(params_from_iter(bound)).map_err(database)?;
    let (mut rows, mut count): (Option<Rows>, _) = (None, 0);
    while let Some(row) = stepped.next().map_err(database)? {
        let rows = match &mut rows {
            Some(rows) => rows,
            None => {
                let columns = columns(row, &required).map_err(database)?;
                count = columns.len();
                rows.insert(Rows::new(subject, columns, limits)?)
            }
        };
        for at in 0..count {
            let value = row.get_ref(at).map_err(database)?;
            rows.cell(at, cell::of(value, rows.ty(at)))?;
        }
        rows.end_row();
        if rows.is_full() {
            give(rows.take())?;
        }
    }
    rows.map_or(Ok(()), |rows| give(rows.finish()))
}

/// The columns of a result, by its first row: only then SQLite has seen what changed in the tables since it knew them.
fn columns(first: &Row<'_>, required: &[String]) -> rusqlite::Result<Vec<ResultColumn>> {
    let statement: &Statement<'_> = first.as_ref();
    let columns = statement.columns().enumerate().map(|(at, column)| {
        let type_name = column.decl_type().unwrap_or_default().to_owned();
        // A column that declares nothing is what its first value is.
        let stored = cell::stored(first.get_ref(at)?);
        let name = column.name().to_owned();
        let nullable = !required.contains(&name);
        Ok(ResultColumn { ty: cell::declared(&type_name).unwrap_or(stored), name, type_name, nullable })
    });
    columns.collect()
}

/// The columns of a table that are never null.
fn required(connection: &rusqlite::Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_xinfo(?1) WHERE \"notnull\" <> 0";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// The same selection, comparing timestamps in a form in which they can be compared.
fn compared(selection: &Selection, storage: Storage) -> Selection {
    match storage {
        Storage::Integer => selection.clone(),
        Storage::Real => {
            selection.with_timestamp(|at| format!("CAST(round(({at} - 2440587.5) * 86400000.0) AS INTEGER)"))
        }
        Storage::Text => selection.with_timestamp(|at| format!("strftime({FORMAT}, {at})")),
    }
}

/// What a timestamp is compared with.
fn timestamp(at: Moment, storage: Storage, style: &Style) -> Bound {
    match storage {
        Storage::Integer | Storage::Real => Bound::Integer(at.millis()),
        Storage::Text => {
            let wall = style.wall_of(at);
            let (year, month, day, hour, minute, second) = wall.civil();
            let nanos = wall.nanos;
            Bound::Text(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{nanos:09}"))
        }
    }
}

/// Whether SQLite understands a query.
pub(super) async fn prepare(connection: &SqliteConnection, query: &str) -> Result<(), Fault> {
    let query = query.to_owned();
    connection.call(move |it| it.prepare(&query).map(drop).map_err(fault)).await
}
