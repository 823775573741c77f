//! MySQL and MariaDB: prepared statements, whose rows come over the socket as they are asked for.

mod cell;
pub(crate) mod horizon;
#[cfg(test)]
mod tests;

use connect_api::Result;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Params, Row, Value};

use super::{Bounds, Output};
use crate::dialect::Fault;
use crate::dialect::mysql::{MySqlConnection, answer};
use crate::source::moment::Moment;
use crate::source::rows::Rows;
use crate::source::sql::Slot;
use crate::source::style::Style;
use crate::source::subject::Subject;

/// The present time in whole seconds, by the clock of the session. Rows of the present second are left to the next
/// reading, as columns of whole seconds may get more of them.
pub(super) async fn now(connection: &mut MySqlConnection, style: &Style) -> Result<Moment> {
    let patience = connection.patience;
    let found: Option<Value> =
        answer(patience, connection.conn.exec_first("SELECT CURRENT_TIMESTAMP", Params::Empty)).await?;
    let cell = cell::time(found.as_ref().unwrap_or(&Value::NULL))?;
    Ok(style.timestamp_of(&cell)?.unwrap_or(Moment::EPOCH))
}

/// Reads the rows within bounds.
pub(super) async fn read(
    connection: &mut MySqlConnection,
    subject: &mut Subject,
    bounds: &Bounds,
    output: &Output,
) -> Result<()> {
    let level = output.isolation.sql();
    if let Some(level) = level {
        connection.execute(&format!("SET TRANSACTION ISOLATION LEVEL {level}")).await?;
        connection.execute("START TRANSACTION").await?;
    }
    stream(connection, subject, bounds, output).await?;
    if level.is_some() {
        connection.execute("COMMIT").await?;
    }
    Ok(())
}

async fn stream(
    connection: &mut MySqlConnection,
    subject: &mut Subject,
    bounds: &Bounds,
    output: &Output,
) -> Result<()> {
    let (patience, reading) = (connection.patience, connection.reading);
    let style = subject.style.clone();
    let mut parameters = Vec::new();
    let sql = subject.selection.read(bounds.up_to.is_some(), &mut |slot| {
        parameters.push(match slot {
            Slot::Begin => timestamp(style.wall_of(bounds.begin)),
            Slot::End => timestamp(style.wall_of(bounds.end)),
            Slot::After => Value::Int(bounds.after),
            Slot::UpTo => Value::Int(bounds.up_to.unwrap_or(i64::MAX)),
        });
        "?".to_owned()
    });
    let parameters = if parameters.is_empty() { Params::Empty } else { Params::Positional(parameters) };
    let statement = answer(patience, connection.conn.prep(&*sql)).await?;
    let mut result = answer(patience, connection.conn.exec_iter(&statement, parameters)).await?;
    let (columns, decoders): (Vec<_>, Vec<_>) =
        result.columns_ref().iter().map(|column| cell::column(column, reading)).unzip();
    let mut rows = Rows::new(subject, columns, output.limits)?;
    loop {
        let row: Option<Row> = answer(patience, result.next()).await?;
        let Some(row) = row else { break };
        for (at, decoder) in decoders.iter().enumerate() {
            if !rows.wants(at) {
                continue;
            }
            let value = row.as_ref(at).unwrap_or(&Value::NULL);
            rows.cell(at, decoder.cell(value))?;
        }
        rows.end_row();
        if rows.is_full() {
            let records = rows.take();
            output.send(subject, records).await?;
        }
    }
    answer(patience, result.drop_result()).await?;
    // Statements of the same text are kept by the driver; it closes the oldest.
    output.send(subject, rows.finish()).await
}

/// A point in time by the clock on the wall.
fn timestamp(wall: Moment) -> Value {
    let (year, month, day, hour, minute, second) = wall.civil();
    // MySQL's years go from 0 to 9999; the nearest of them compares as what is beyond would.
    let year = u16::try_from(year.clamp(1, 9999)).unwrap_or(1);
    let small = |number: i64| u8::try_from(number).unwrap_or_default();
    Value::Date(year, small(month), small(day), small(hour), small(minute), small(second), wall.nanos / 1000)
}

/// Whether the server understands a query.
pub(super) async fn prepare(connection: &mut MySqlConnection, query: &str) -> Result<(), Fault> {
    let patience = connection.patience;
    let statement = answer(patience, connection.conn.prep(query)).await?;
    answer(patience, connection.conn.close(statement)).await
}
