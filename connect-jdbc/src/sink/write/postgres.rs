//! PostgreSQL: `COPY`, or one statement over arrays of columns.

use std::collections::BTreeMap;

use connect_api::bytes::{BufMut as _, BytesMut};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::super::sql::{Names, Op};
use super::postgres_values::{Raw, Wire, base_type};
use super::{Work, unfit};
use crate::dialect::postgres::PostgresConnection;
use crate::dialect::{Class, Fault};

/// From so many rows on `COPY` is faster than a statement over arrays.
const COPY_ROWS: usize = 1000;

/// From so many rows on a `COPY` beside the table and one statement from there are faster for upserts.
const MERGE_ROWS: usize = 20_000;

/// The table beside, which lives as long as the transaction at most.
const BESIDE: &str = "pg_temp.connect_merge";

/// Most statements that are kept; each belongs to one set of columns.
const STATEMENTS: usize = 256;

/// Bytes of a `COPY` that are sent at once.
const COPY_CHUNK: usize = 64 * 1024;

/// Signature, flags and the length of an extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What stands for the number of columns behind the last row.
const TRAILER: i16 = -1;

/// Statements of one connection.
#[derive(Default)]
pub(super) struct Prepared {
    statements: BTreeMap<String, Statement>,
    /// `COPY` was refused: for row security, a view, or a server that is not quite PostgreSQL.
    no_copy: bool,
}

impl Prepared {
    pub(super) async fn write(&mut self, connection: &PostgresConnection, work: Work<'_>) -> Result<(), Fault> {
        let wires: Vec<Wire> = work
            .plan
            .fields
            .iter()
            .zip(&work.layout.columns)
            .map(|(field, column)| Wire::of(&field.kind, column))
            .collect();
        let names = Names::new(work.plan, work.layout, work.quoting);
        let fits = wires
            .iter()
            .zip(&work.layout.columns)
            .all(|(wire, column)| wire.type_oid() == column.type_oid && !column.auto_increment);
        if fits && !self.no_copy {
            match work.op {
                Op::Insert if work.rows.len() >= COPY_ROWS => {
                    return copy(connection, work, &wires, &work.layout.table, &names).await;
                }
                Op::Upsert if work.rows.len() >= MERGE_ROWS => return merge(connection, work, &wires, &names).await,
                _ => {}
            }
        }
        let sql = statement(work, &wires, &names);
        let statement = match self.statements.get(&sql) {
            Some(statement) => statement.clone(),
            None => {
                let statement = connection.answer(connection.client.prepare(&sql)).await?;
                if self.statements.len() >= STATEMENTS {
                    self.statements.clear();
                }
                self.statements.entry(sql).or_insert(statement).clone()
            }
        };
        let columns = if work.op == Op::Delete { work.plan.keys } else { wires.len() };
        let arrays: Vec<Raw> = (0..columns).map(|at| array(work, &wires[at], at)).collect::<Result<_, _>>()?;
        let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
        connection.answer(connection.client.execute(&statement, &parameters)).await.map(drop)
    }

    /// Whether these rows are written by one statement, which is a transaction of its own.
    pub(super) fn is_one_statement(work: Work<'_>) -> bool {
        work.op != Op::Upsert || work.rows.len() < MERGE_ROWS
    }

    /// Forgets the statements, which belong to one connection and one shape of the tables.
    pub(super) fn reset(&mut self) {
        self.statements.clear();
    }

    /// Does without `COPY` from now on if it was refused.
    pub(super) fn learn(&mut self, fault: &Fault) {
        self.no_copy |= fault.code() == "0A000" && fault.to_string().contains("COPY");
    }
}

/// The statement over one array for each column.
fn statement(work: Work<'_>, wires: &[Wire], names: &Names) -> String {
    let table = &work.layout.table;
    let columns = if work.op == Op::Delete { work.plan.keys } else { wires.len() };
    let arrays: Vec<_> = (0..columns).map(|at| format!("${}::{}[]", at + 1, wires[at].name())).collect();
    let aliases: Vec<_> = (0..columns).map(|at| format!("c{at}")).collect();
    let rows = format!("UNNEST({}) AS u({})", arrays.join(","), aliases.join(","));
    // As it is assigned to a column, and as it is compared with one.
    let value = |at: usize| match wires[at].is_cast() {
        true => format!("u.c{at}::{}", base_type(&work.layout.columns[at].type_name)),
        false => format!("u.c{at}"),
    };
    let compared = |at: usize| format!("u.c{at}::{}", base_type(&work.layout.columns[at].type_name));
    match work.op {
        Op::Insert | Op::Upsert => {
            let values: Vec<_> = (0..columns).map(value).collect();
            let conflict = if work.op == Op::Upsert { names.on_conflict() } else { String::new() };
            format!("INSERT INTO {table} {} SELECT {} FROM {rows}{conflict}", names.list(), values.join(","))
        }
        Op::Update => {
            let (set, matching) = (names.setting(|at, _| value(at)), names.matching("t.", compared));
            format!("UPDATE {table} AS t SET {set} FROM {rows} WHERE {matching}")
        }
        Op::Delete => format!("DELETE FROM {table} AS t USING {rows} WHERE {}", names.matching("t.", compared)),
    }
}

/// One column of all rows, as PostgreSQL's binary form of an array.
fn array(work: Work<'_>, wire: &Wire, at: usize) -> Result<Raw, Fault> {
    let mut out = BytesMut::with_capacity(20 + work.rows.len() * 12);
    let count = i32::try_from(work.rows.len()).map_err(|_| Fault::new(Class::Fatal, "too many rows at once"))?;
    out.put_i32(1);
    out.put_i32(1);
    out.put_u32(wire.type_oid());
    out.put_i32(count);
    out.put_i32(1);
    for row in work.rows {
        wire.put(&row.cells[at], &mut out).map_err(|error| unfit(work.plan, at, error))?;
    }
    Ok(Raw(out))
}

/// Rows into a table beside, and from there into theirs.
async fn merge(connection: &PostgresConnection, work: Work<'_>, wires: &[Wire], names: &Names) -> Result<(), Fault> {
    let (table, all) = (&work.layout.table, names.all().join(","));
    let run = async |sql: String| connection.answer(connection.client.batch_execute(&sql)).await;
    let create = format!("CREATE TEMP TABLE connect_merge ON COMMIT DROP AS SELECT {all} FROM {table} WITH NO DATA");
    run(create).await?;
    copy(connection, work, wires, BESIDE, names).await?;
    run(format!("INSERT INTO {table} {} SELECT {all} FROM {BESIDE}{}", names.list(), names.on_conflict())).await?;
    run(format!("DROP TABLE {BESIDE}")).await
}

async fn copy(
    connection: &PostgresConnection,
    work: Work<'_>,
    wires: &[Wire],
    table: &str,
    names: &Names,
) -> Result<(), Fault> {
    use futures::{SinkExt as _, pin_mut};

    let sql = format!("COPY {table} {} FROM STDIN (FORMAT binary)", names.list());
    let count = i16::try_from(wires.len()).map_err(|_| Fault::new(Class::Data, "too many columns"))?;
    let sink = connection.answer(connection.client.copy_in(sql.as_str())).await?;
    pin_mut!(sink);
    let mut out = BytesMut::with_capacity(COPY_CHUNK + COPY_CHUNK / 8);
    out.extend_from_slice(HEADER);
    for row in work.rows {
        out.put_i16(count);
        for (at, wire) in wires.iter().enumerate() {
            // A sink that is dropped tells the server that the COPY has failed.
            wire.put(&row.cells[at], &mut out).map_err(|error| unfit(work.plan, at, error))?;
        }
        if out.len() >= COPY_CHUNK {
            // The connection sends it, and the server takes it, while the next one is made.
            connection.answer(sink.send(out.split().freeze())).await?;
            out.reserve(COPY_CHUNK + COPY_CHUNK / 8);
        }
    }
    out.put_i16(TRAILER);
    connection.answer(sink.send(out.freeze())).await?;
    connection.answer(sink.finish()).await.map(drop)
}
