//! SQLite: one prepared statement, row by row.

use std::sync::Arc;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use connect_api::bytes::Bytes;
use connect_api::{Error, Result};

use super::super::cell::{Cell, from_bits};
use super::super::sql::{Names, Op};
use super::{Work, unfit};
use crate::dialect::Fault;
use crate::dialect::sqlite::{SqliteConnection, fault};

pub(super) async fn write(connection: &SqliteConnection, work: Work<'_>) -> Result<(), Fault> {
    let names = Names::new(work.plan, work.layout, work.quoting);
    let sql = statement(work, &names);
    let columns = if work.op == Op::Delete { work.plan.keys } else { work.plan.fields.len() };
    // UPDATE names the key last.
    let first = if work.op == Op::Update { work.plan.keys } else { 0 };
    let mut values = Vec::with_capacity(work.rows.len() * columns);
    for row in work.rows {
        for at in (first..columns).chain(0..first) {
            values.push(value(&row.cells[at]).map_err(|error| unfit(work.plan, at, error))?);
        }
    }
    let written = connection.call(move |connection| {
        let mut statement = connection.prepare_cached(&sql).map_err(fault)?;
        for row in values.chunks(columns) {
            statement.execute(rusqlite::params_from_iter(row)).map_err(fault)?;
        }
        Ok(())
    });
    written.await
}

fn statement(work: Work<'_>, names: &Names) -> String {
    let table = &work.layout.table;
    let mark = |_: usize| "?".to_owned();
    let insert = || format!("INSERT INTO {table}{} VALUES({})", names.list(), vec!["?"; names.all().len()].join(","));
    match work.op {
        Op::Insert => insert(),
        Op::Upsert => insert() + &names.on_conflict(),
        Op::Update => {
            format!("UPDATE {table} SET {} WHERE {}", names.setting(|_, _| "?".into()), names.matching("", mark))
        }
        Op::Delete => format!("DELETE FROM {table} WHERE {}", names.matching("", mark)),
    }
}

/// A value on its way to SQLite's thread; what is long is shared.
enum Parameter {
    Short(Value),
    Text(Arc<str>),
    Bytes(Bytes),
}

impl ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Short(value) => value.into(),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(cell: &Cell) -> Result<Parameter> {
    Ok(Parameter::Short(match cell {
        Cell::Text(text) => return Ok(Parameter::Text(Arc::clone(text))),
        Cell::Bytes(bytes) => return Ok(Parameter::Bytes(bytes.clone())),
        Cell::Null => Value::Null,
        Cell::Bool(truth) => Value::Integer((*truth).into()),
        Cell::Int(number) => Value::Integer(*number),
        Cell::Float32(bits) => real(f32::from_bits(*bits).into())?,
        Cell::Float64(bits) => real(f64::from_bits(*bits))?,
        Cell::Decimal(number) => Value::Text(number.to_string()),
        Cell::Date { millis, .. } | Cell::Time { millis, .. } => Value::Integer(*millis),
        Cell::Timestamp { instant, .. } => Value::Integer(instant.div_euclid(1000)),
        Cell::Bits(text) => Value::Blob(from_bits(text)),
        Cell::Array(_) => return Err(Error::data("SQLite has no columns for arrays")),
    }))
}

fn real(number: f64) -> Result<Value> {
    match number.is_nan() {
        // SQLite would make a null of it.
        true => Err(Error::data("NaN has no form in SQLite")),
        false => Ok(Value::Real(number)),
    }
}
