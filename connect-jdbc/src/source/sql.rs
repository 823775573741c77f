//! The statements that read, by mode.

use std::fmt::Write as _;

use super::config::Mode;
use super::tail;
use crate::dialect::{Quoting, TableName};

/// A value that a statement compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The timestamp behind which rows begin.
    Begin,
    /// The timestamp before which they end.
    End,
    /// The number behind which rows begin.
    After,
    /// The number up to which they go.
    UpTo,
}

/// What is read: a table or a query, and by which columns its rows are told.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    mode: Mode,
    /// Everything up to the criteria.
    select: String,
    /// `TS`: the column, or the first of several that is not null.
    timestamp: String,
    incrementing: String,
    /// With a blank in front, unless it is empty.
    suffix: String,
}

impl Selection {
    /// A whole table.
    pub(super) fn of_table(
        mode: Mode,
        table: &TableName,
        quoting: Quoting,
        timestamps: &[String],
        incrementing: Option<&str>,
        suffix: &str,
    ) -> Self {
        let name = quoting.table(table);
        let column = |column: &str| format!("{name}.{}", quoting.ident(column));
        Self::new(mode, format!("SELECT * FROM {name}"), timestamps, incrementing, suffix, &column)
    }

    /// A query. Its columns stand without a table; what follows its FROM must not get in the way of more criteria.
    pub(super) fn of_query(
        mode: Mode,
        query: &str,
        quoting: Quoting,
        timestamps: &[String],
        incrementing: Option<&str>,
        suffix: &str,
    ) -> Self {
        let query = query.trim().trim_end_matches(';').trim_end();
        let select = if mode != Mode::Bulk && tail::has_tail(query) {
            // A line of its own, should the query end with a comment.
            format!("SELECT * FROM ({query}\n) {}", quoting.ident("connect_query"))
        } else {
            query.to_owned()
        };
        let column = |column: &str| quoting.ident(column).into_owned();
        Self::new(mode, select, timestamps, incrementing, suffix, &column)
    }

    fn new(
        mode: Mode,
        select: String,
        timestamps: &[String],
        incrementing: Option<&str>,
        suffix: &str,
        column: &dyn Fn(&str) -> String,
    ) -> Self {
        let columns: Vec<_> = timestamps.iter().map(|name| column(name)).collect();
        let timestamp = match columns.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            several => format!("COALESCE({})", several.join(",")),
        };
        let suffix = suffix.trim();
        let suffix = if suffix.is_empty() { String::new() } else { format!(" {suffix}") };
        Self { mode, select, timestamp, incrementing: incrementing.map(column).unwrap_or_default(), suffix }
    }

    /// The same with another expression for the timestamp, made of the one there is.
    pub(super) fn with_timestamp(&self, make: impl FnOnce(&str) -> String) -> Self {
        Self { timestamp: make(&self.timestamp), ..self.clone() }
    }

    /// A statement that gives an expression of the timestamp of any row that has one.
    pub(super) fn sample(&self, make: impl FnOnce(&str) -> String) -> String {
        let (select, ts) = (&self.select, &self.timestamp);
        let from =
            select.strip_prefix("SELECT * FROM ").map_or_else(|| format!("({select}\n) connect_rows"), str::to_owned);
        format!("SELECT {} FROM {from} WHERE {ts} IS NOT NULL LIMIT 1", make(ts))
    }

    pub(super) const fn mode(&self) -> Mode {
        self.mode
    }

    /// The statement without criteria, which has the same columns.
    pub(super) fn bare(&self) -> &str {
        &self.select
    }

    /// The statement that reads. `value` writes a value, or the mark of a parameter, as often as it occurs and in that
    /// order. With `bounded` numbers end too, for the mode that has no timestamps.
    pub(super) fn read(&self, bounded: bool, value: &mut dyn FnMut(Slot) -> String) -> String {
        let (ts, inc) = (&self.timestamp, &self.incrementing);
        let mut sql = self.select.clone();
        // Writing to a string cannot fail.
        let _ = match self.mode {
            Mode::Bulk => Ok(()),
            Mode::Incrementing => {
                let after = value(Slot::After);
                let end = if bounded { format!(" AND {inc} <= {}", value(Slot::UpTo)) } else { String::new() };
                write!(sql, " WHERE {inc} > {after}{end} ORDER BY {inc} ASC")
            }
            Mode::Timestamp => {
                let (begin, end) = (value(Slot::Begin), value(Slot::End));
                write!(sql, " WHERE {ts} > {begin} AND {ts} < {end} ORDER BY {ts} ASC")
            }
            // The second condition follows from the third; with it an index is entered where the new rows begin.
            Mode::TimestampIncrementing => {
                let (end, least, begin) = (value(Slot::End), value(Slot::Begin), value(Slot::Begin));
                let (after, later) = (value(Slot::After), value(Slot::Begin));
                write!(
                    sql,
                    " WHERE {ts} < {end} AND {ts} >= {least} AND (({ts} = {begin} AND {inc} > {after}) OR {ts} > {later}) \
                     ORDER BY {ts},{inc} ASC"
                )
            }
        };
        sql.push_str(&self.suffix);
        sql
    }

    /// The greatest number there is behind `after`.
    pub(super) fn greatest(&self, after: &str) -> String {
        let (select, inc) = (&self.select, &self.incrementing);
        // Only the criteria are new, so whatever index serves the reading serves this.
        match select.strip_prefix("SELECT * FROM ") {
            Some(from) => format!("SELECT max({inc}) FROM {from} WHERE {inc} > {after}"),
            None => format!("SELECT max({inc}) FROM ({select}\n) connect_numbers WHERE {inc} > {after}"),
        }
    }
}
