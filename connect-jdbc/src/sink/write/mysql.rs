//! MySQL and MariaDB: statements over several rows, in few sizes.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Params, Value};

use connect_api::calendar::Calendar;
use connect_api::{Error, Result};

use super::super::arrange::Row;
use super::super::cell::{Cell, from_bits, plain};
use super::super::sql::{Names, Op};
use super::{Work, unfit};
use crate::dialect::Fault;
use crate::dialect::mysql::{MySqlConnection, answer};

/// Most rows of a statement. The rest is written by powers of two, so that few statements are prepared.
const ROWS: usize = 512;

/// Most parameters of a statement.
const PARAMETERS: usize = 65_535;

const DAY: i64 = 86_400_000_000;

pub(super) async fn write(connection: &mut MySqlConnection, work: Work<'_>) -> Result<(), Fault> {
    let names = Names::new(work.plan, work.layout, work.quoting);
    let columns = if work.op == Op::Delete { work.plan.keys } else { work.plan.fields.len() };
    let most = match work.op {
        // Each row has values of its own; there is no form for several.
        Op::Update => 1,
        _ => ROWS.min(PARAMETERS / columns.max(1)).max(1),
    };
    let mut left = work.rows;
    let mut sql = (0, String::new());
    while !left.is_empty() {
        let count = if left.len() >= most { most } else { 1 << left.len().ilog2() };
        let (rows, rest) = left.split_at(count);
        left = rest;
        if sql.0 != count {
            sql = (count, statement(work, &names, count));
        }
        let parameters = parameters(work, rows, columns)?;
        let patience = connection.patience;
        answer(patience, connection.conn.exec_drop(sql.1.as_str(), Params::Positional(parameters))).await?;
    }
    Ok(())
}

fn statement(work: Work<'_>, names: &Names, rows: usize) -> String {
    let table = &work.layout.table;
    let marks = |count: usize| vec!["?"; count].join(",");
    let insert = || {
        let row = format!("({})", marks(names.all().len()));
        format!("INSERT INTO {table}{} VALUES{}", names.list(), vec![row; rows].join(","))
    };
    match work.op {
        Op::Insert => insert(),
        Op::Upsert => {
            // Without other columns the row is only to be there.
            let changed = if names.others().is_empty() { names.keys() } else { names.others() };
            let set: Vec<_> = changed.iter().map(|name| format!("{name}=VALUES({name})")).collect();
            format!("{} ON DUPLICATE KEY UPDATE {}", insert(), set.join(","))
        }
        Op::Update => {
            let mark = |_: usize| "?".to_owned();
            format!("UPDATE {table} SET {} WHERE {}", names.setting(|_, _| "?".into()), names.matching("", mark))
        }
        Op::Delete => match names.keys() {
            [key] => format!("DELETE FROM {table} WHERE {key} IN ({})", marks(rows)),
            keys => {
                let row = format!("({})", marks(keys.len()));
                format!("DELETE FROM {table} WHERE ({}) IN ({})", keys.join(","), vec![row; rows].join(","))
            }
        },
    }
}

fn parameters(work: Work<'_>, rows: &[&Row], columns: usize) -> Result<Vec<Value>, Fault> {
    let mut values = Vec::with_capacity(rows.len() * columns);
    for row in rows {
        // UPDATE names the key last.
        let first = if work.op == Op::Update { work.plan.keys } else { 0 };
        for at in (first..columns).chain(0..first) {
            values.push(value(&row.cells[at]).map_err(|error| unfit(work.plan, at, error))?);
        }
    }
    Ok(values)
}

fn value(cell: &Cell) -> Result<Value> {
    Ok(match cell {
        Cell::Null => Value::NULL,
        Cell::Bool(truth) => Value::Int((*truth).into()),
        Cell::Int(number) => Value::Int(*number),
        Cell::Float32(bits) => Value::Float(finite(f32::from_bits(*bits), f32::is_finite)?),
        Cell::Float64(bits) => Value::Double(finite(f64::from_bits(*bits), f64::is_finite)?),
        Cell::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
        Cell::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Cell::Decimal(number) => Value::Bytes(plain(number)?.into_bytes()),
        Cell::Date { day, .. } => at(*day, 0)?,
        Cell::Time { micros, .. } => {
            let (hour, minute, second, fraction) = clock(*micros);
            Value::Time(false, 0, hour, minute, second, fraction)
        }
        Cell::Timestamp { local, .. } => at(local.div_euclid(DAY), local.rem_euclid(DAY))?,
        Cell::Bits(text) => Value::Bytes(from_bits(text)),
        Cell::Array(_) => return Err(Error::data("MySQL has no columns for arrays")),
    })
}

fn finite<T: Copy + std::fmt::Display>(number: T, is_finite: fn(T) -> bool) -> Result<T> {
    match is_finite(number) {
        true => Ok(number),
        false => Err(Error::data(format!("{number} has no form in MySQL"))),
    }
}

fn at(day: i64, micros: i64) -> Result<Value> {
    let (year, month, of_month) = Calendar::Gregorian.date(day);
    let year = u16::try_from(year).ok().filter(|year| *year <= 9999);
    let year = year.ok_or_else(|| Error::data("a date outside the years 0 to 9999 has no form in MySQL"))?;
    let small = |number: i64| u8::try_from(number).unwrap_or_default();
    let (hour, minute, second, fraction) = clock(micros);
    // The calendar's months count from 0.
    Ok(Value::Date(year, small(month + 1), small(of_month), hour, minute, second, fraction))
}

fn clock(micros: i64) -> (u8, u8, u8, u32) {
    let small = |number: i64| u8::try_from(number).unwrap_or_default();
    let seconds = micros / 1_000_000;
    let fraction = u32::try_from(micros % 1_000_000).unwrap_or_default();
    (small(seconds / 3600), small(seconds / 60 % 60), small(seconds % 60), fraction)
}
