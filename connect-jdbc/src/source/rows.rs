//! From the cells of a result to records.

use std::sync::Arc;

use connect_api::{Datum, Error, OffsetMap, Record, Result, SourceRecord, Struct, Value};

use super::column::{Cell, ResultColumn};
use super::config::Mode;
use super::moment::Moment;
use super::offset::Place;
use super::style::Style;
use super::subject::{Layout, Subject};
use super::ties::Ties;

/// How much goes into one batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

/// Makes the records of one result. Cells come column by column, row by row; a record is made at the end of each row.
pub(super) struct Rows {
    mode: Mode,
    name: Arc<str>,
    topic: Arc<str>,
    partition: Arc<OffsetMap>,
    style: Arc<Style>,
    layout: Arc<Layout>,
    limits: Limits,
    ties: Option<Ties>,
    /// The last row's.
    place: Place,
    /// Of the row at hand.
    values: Vec<Value>,
    timestamps: Vec<Option<Moment>>,
    number: Option<i64>,
    /// Of the batch at hand.
    records: Vec<SourceRecord>,
    bytes: usize,
}

impl Rows {
    /// Begins a result.
    ///
    /// # Errors
    /// As in [`Subject::layout`].
    pub(super) fn new(subject: &mut Subject, columns: Vec<ResultColumn>, limits: Limits) -> Result<Self> {
        let layout = subject.layout(columns)?;
        let mode = subject.selection.mode();
        Ok(Self {
            mode,
            name: Arc::clone(&subject.name),
            topic: Arc::clone(&subject.topic),
            partition: Arc::clone(&subject.partition),
            style: Arc::clone(&subject.style),
            ties: (mode == Mode::Timestamp).then(|| Ties::new(subject.place.offset())),
            place: subject.place,
            values: Vec::with_capacity(layout.schema.fields().len()),
            timestamps: vec![None; layout.timestamps.len()],
            number: None,
            records: Vec::new(),
            bytes: 0,
            layout,
            limits,
        })
    }

    /// Whether a column becomes anything.
    pub(super) fn wants(&self, column: usize) -> bool {
        self.layout.fields.get(column).is_some_and(Option::is_some)
    }

    /// The type of a column.
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    pub(super) fn ty(&self, column: usize) -> &super::column::JdbcType {
        self.layout.columns.get(column).map_or(&super::column::JdbcType::Unsupported, |column| &column.ty)
    }

    /// The next cell of the row, or why there is none; those of columns that are left out may be left out.
    ///
    /// # Errors
    /// A data error that names the column, when there is no cell or it does not fit.
    #[inline]
    pub(super) fn cell(&mut self, column: usize, cell: Result<Cell<'_>>) -> Result<()> {
        match cell {
            // By reference, as a move of it would cost more than making it.
            Ok(ref cell) => self.put(column, cell),
            Err(error) => Err(self.of_column(column, error)),
        }
    }

    fn put(&mut self, column: usize, cell: &Cell<'_>) -> Result<()> {
        let layout = &*self.layout;
        let Some(Some(field)) = layout.fields.get(column) else { return Ok(()) };
        let place = |error: Error| named(error, &self.name, &field.name);
        if !layout.timestamps.is_empty() {
            for (rank, _) in layout.timestamps.iter().enumerate().filter(|(_, at)| **at == column) {
                self.timestamps[rank] = self.style.timestamp_of(cell).map_err(place)?;
            }
        }
        if layout.incrementing == Some(column) {
            self.number = Some(number(cell).map_err(place)?);
        }
        field.put(cell, &mut self.values).map_err(place)?;
        self.bytes += match cell {
            Cell::Text(text) => text.len(),
            Cell::Bytes(bytes) => bytes.len(),
            _ => size_of::<u64>(),
        };
        Ok(())
    }

    /// An error of a cell, with the name of its column.
    fn of_column(&self, column: usize, error: Error) -> Error {
        match self.layout.columns.get(column) {
            Some(column) => named(error, &self.name, &column.name),
            None => error.context(&self.name),
        }
    }

    /// Makes the record of the row.
    pub(super) fn end_row(&mut self) {
        let values: Arc<[Value]> = self.values.drain(..).collect();
        let value = Struct::unchecked(&self.layout.schema, values);
        let value = Datum::new(Arc::clone(&self.layout.schema), value);
        let record = Record::new(Arc::clone(&self.topic), value);
        self.place = match self.mode {
            Mode::Bulk => self.place,
            _ => Place { timestamp: self.timestamps.iter().flatten().next().copied(), incrementing: self.number },
        };
        let offset = match self.mode {
            Mode::Bulk => OffsetMap::NULL,
            _ => self.place.offset(),
        };
        let record = SourceRecord::new(record, Arc::clone(&self.partition), offset);
        match &mut self.ties {
            None => self.records.push(record),
            Some(ties) => self.records.extend(ties.push(record, self.place.timestamp)),
        }
        self.timestamps.fill(None);
    }

    /// Whether the batch is to be taken.
    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= self.limits.rows || (self.bytes >= self.limits.bytes && !self.records.is_empty())
    }

    /// The records made so far.
    pub(super) fn take(&mut self) -> Vec<SourceRecord> {
        self.bytes = 0;
        let next = Vec::with_capacity(self.records.len().min(self.limits.rows));
        std::mem::replace(&mut self.records, next)
    }

    /// The last records; nothing follows.
    pub(super) fn finish(mut self) -> Vec<SourceRecord> {
        if let Some(ties) = self.ties.take() {
            self.records.extend(ties.end());
        }
        self.records
    }
}

fn named(error: Error, table: &str, column: &str) -> Error {
    error.context(format_args!("{table}, column {column}"))
}

/// A number that tells new rows.
fn number(cell: &Cell<'_>) -> Result<i64> {
    let number = match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Unsigned(number) => i64::try_from(*number).ok(),
        Cell::Decimal(number) => number.exact_i64(),
        _ => None,
    };
    number.ok_or_else(|| {
        let what = if *cell == Cell::Null { "null" } else { "not a whole number of 64 bits" };
        Error::data(format!("the incrementing column's value is {what}"))
    })
}
