//! SQLite: rows are stepped through on the connection's own thread.

mod cell;

use connect_api::{Error, Result};
use rusqlite::types::Value as Bound;
use rusqlite::{OptionalExtension as _, params_from_iter};

use super::{Bounds, Output};
use crate::dialect::Fault;
use crate::dialect::sqlite::{SqliteConnection, fault};
use crate::source::field::{ResultColumn, Style};
use crate::source::moment::Moment;
use crate::source::rows::Rows;
use crate::source::sql::{Selection, Slot};
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
    let (mut own, bounds, output) = (subject.clone(), *bounds, output.clone());
    let (own, read) = connection
        .call(move |it| {
            let read = step(it, &mut own, storage, &bounds, &output);
            Ok((own, read))
        })
        .await?;
    *subject = own;
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
    output: &Output,
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
    let declared: Vec<_> = statement
        .columns()
        .map(|column| (column.name().to_owned(), column.decl_type().unwrap_or_default().to_owned()))
        .collect();
    let mut stepped = statement.query(params_from_iter(bound)).map_err(database)?;
    let mut rows: Option<Rows> = None;
    while let Some(row) = stepped.next().map_err(database)? {
        let rows = match &mut rows {
            Some(rows) => rows,
            None => {
                // A column that declares nothing is what its first value is.
                let mut columns = Vec::with_capacity(declared.len());
                for (at, (name, declared)) in declared.iter().enumerate() {
                    let first = row.get_ref(at).map_err(database)?;
                    let ty = cell::declared(declared).unwrap_or_else(|| cell::stored(first));
                    let nullable = !required.contains(name);
                    columns.push(ResultColumn { name: name.clone(), ty, type_name: declared.clone(), nullable });
                }
                rows.insert(Rows::new(subject, columns, output.limits)?)
            }
        };
        for at in 0..declared.len() {
            let value = row.get_ref(at).map_err(database)?;
            let cell = cell::of(value, rows.ty(at))?;
            rows.cell(at, &cell)?;
        }
        rows.end_row();
        if rows.is_full() {
            let records = rows.take();
            output.blocking_send(subject, records)?;
        }
    }
    match rows {
        Some(rows) => output.blocking_send(subject, rows.finish()),
        None => Ok(()),
    }
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
