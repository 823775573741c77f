//! PostgreSQL: `COPY .. TO STDOUT` in binary, which needs no cursor, holds nothing in memory, and is the fastest way out.

pub(crate) mod copy;
pub(crate) mod decode;
pub(crate) mod horizon;
mod literal;
mod numeric;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use connect_api::Result;
use futures::TryStreamExt as _;
use tokio_postgres::Statement;

use super::{Bounds, Output};
use crate::dialect::postgres::PostgresConnection;
use crate::source::column::ResultColumn;
use crate::source::moment::Moment;
use crate::source::rows::Rows;
use crate::source::sql::Slot;
use crate::source::subject::Subject;
use decode::Decoder;

/// The start of the present transaction.
pub(super) async fn now(connection: &PostgresConnection) -> Result<Moment> {
    let sql = "SELECT (extract(epoch FROM CURRENT_TIMESTAMP) * 1000000)::int8";
    let row = connection.answer(connection.client.query_one(sql, &[])).await?;
    Ok(Moment::of_micros(row.get(0)))
}

/// Reads the rows within bounds.
pub(super) async fn read(
    connection: &mut PostgresConnection,
    subject: &mut Subject,
    bounds: &Bounds,
    output: &Output,
) -> Result<()> {
    let level = output.isolation.sql().map(|level| format!(" ISOLATION LEVEL {level}")).unwrap_or_default();
    stream(connection, subject, bounds, output, &format!("BEGIN{level}")).await?;
    Ok(connection.execute("COMMIT").await?)
}

async fn stream(
    connection: &PostgresConnection,
    subject: &mut Subject,
    bounds: &Bounds,
    output: &Output,
    begin: &str,
) -> Result<()> {
    let client = &connection.client;
    // COPY describes nothing, so the statement is prepared for its columns. That locks the tables against changes until
    // the end of the transaction, so they are still the columns when it is COPY's turn.
    let (began, statement) =
        futures::join!(connection.execute(begin), connection.answer(client.prepare(subject.selection.bare())));
    began?;
    let statement = statement?;
    let (columns, decoders) = describe(connection, subject, &statement).await?;
    let kind = literal::kind(&subject.timestamps, &statement);
    let style = subject.style.clone();
    let sql = subject.selection.read(bounds.up_to.is_some(), &mut |slot| match slot {
        Slot::Begin => literal::timestamp(bounds.begin, kind, &style),
        Slot::End => literal::timestamp(bounds.end, kind, &style),
        Slot::After => bounds.after.to_string(),
        Slot::UpTo => bounds.up_to.unwrap_or(i64::MAX).to_string(),
    });
    let mut rows = Rows::new(subject, columns, output.limits)?;
    let copy = format!("COPY ({sql}\n) TO STDOUT (FORMAT binary)");
    let messages = connection.answer(client.copy_out(&*copy)).await?;
    futures::pin_mut!(messages);
    let mut lent = connection.lend().await;
    let (mut first, mut text) = (true, String::new());
    loop {
        let Some(message) = lent.until(connection.answer(messages.try_next())).await? else { break };
        let Some(tuple) = copy::tuple(&message, std::mem::take(&mut first))? else { continue };
        for ((column, cell), decoder) in tuple.enumerate().zip(&decoders) {
            let cell = cell?;
            if rows.wants(column) {
                rows.cell(column, decoder.cell(cell, &mut text))?;
            }
        }
        rows.end_row();
        if rows.is_full() {
            let records = rows.take();
            output.send(subject, records).await?;
        }
    }
    output.send(subject, rows.finish()).await
}

/// The columns of a statement, and how their values are read.
async fn describe(
    connection: &PostgresConnection,
    subject: &Subject,
    statement: &Statement,
) -> Result<(Vec<ResultColumn>, Vec<Decoder>)> {
    // Columns that are those of a table, by the table and their number in it.
    let (mut tables, mut numbers) = (Vec::new(), Vec::new());
    for column in statement.columns() {
        if let (Some(table), Some(number)) = (column.table_oid(), column.column_id()) {
            tables.push(table);
            numbers.push(number);
        }
    }
    let mut required = BTreeMap::new();
    // An outer join makes null what its table refuses to hold.
    let may_join = subject.table.is_none() && has_outer_join(subject.selection.bare());
    if !tables.is_empty() && !may_join {
        let sql = "SELECT a.attrelid, a.attnum, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)
             FROM unnest($1::oid[], $2::int2[]) AS c(relation, number)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.relation AND a.attnum = c.number
             JOIN pg_catalog.pg_type t ON t.oid = a.atttypid";
        let rows = connection.answer(connection.client.query(sql, &[&tables, &numbers])).await?;
        for row in rows {
            required.insert((row.get::<_, u32>(0), row.get::<_, i16>(1)), row.get::<_, bool>(2));
        }
    }
    let columns = statement.columns().iter();
    Ok(columns
        .map(|column| {
            let place = column.table_oid().zip(column.column_id());
            let nullable = !place.and_then(|place| required.get(&place)).copied().unwrap_or(false);
            let (ty, decoder) = decode::of(column.type_(), column.type_modifier());
            let column = ResultColumn {
                name: column.name().to_owned(),
                ty,
                type_name: column.type_().name().to_owned(),
                nullable,
            };
            (column, decoder)
        })
        .unzip())
}

fn has_outer_join(query: &str) -> bool {
    let mut words = query.split(|at: char| !at.is_alphanumeric() && at != '_');
    words.any(|word| ["LEFT", "RIGHT", "FULL"].iter().any(|outer| word.eq_ignore_ascii_case(outer)))
}
