//! Statements for one row, or for a list of rows that a dialect puts in.

use super::plan::Plan;
use super::target::Layout;
use crate::dialect::Quoting;

/// Names of a layout's columns.
pub(super) struct Names {
    /// As statements have them, in the order of cells.
    all: Vec<String>,
    keys: usize,
}

impl Names {
    pub(super) fn new(plan: &Plan, layout: &Layout, quoting: Quoting) -> Self {
        Self {
            all: layout.columns.iter().map(|column| quoting.ident(&column.name).into_owned()).collect(),
            keys: plan.keys,
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> &[String] {
        &self.all
    }

    /// Those of the key.
    pub(super) fn keys(&self) -> &[String] {
        &self.all[..self.keys]
    }

    /// Those that are not of the key.
    pub(super) fn others(&self) -> &[String] {
        &self.all[self.keys..]
    }

    /// `(a,b,c)`
    pub(super) fn list(&self) -> String {
        format!("({})", self.all.join(","))
    }

    /// `a = x AND b = y`, where `value` gives x and y by their place.
    pub(super) fn matching(&self, prefix: &str, value: impl Fn(usize) -> String) -> String {
        let one = |(at, name): (usize, &String)| format!("{prefix}{name} = {}", value(at));
        self.keys().iter().enumerate().map(one).collect::<Vec<_>>().join(" AND ")
    }

    /// `c = x, d = y` of the columns that are not of the key.
    pub(super) fn setting(&self, value: impl Fn(usize, &str) -> String) -> String {
        let one = |(at, name): (usize, &String)| format!("{name} = {}", value(self.keys + at, name));
        self.others().iter().enumerate().map(one).collect::<Vec<_>>().join(", ")
    }

    /// ` ON CONFLICT (a) DO UPDATE SET c=EXCLUDED.c`, as PostgreSQL and SQLite have it.
    pub(super) fn on_conflict(&self) -> String {
        let keys = self.keys().join(",");
        match self.others() {
            [] => format!(" ON CONFLICT ({keys}) DO NOTHING"),
            _ => format!(" ON CONFLICT ({keys}) DO UPDATE SET {}", self.setting(|_, name| format!("EXCLUDED.{name}"))),
        }
    }
}

/// What a group of rows does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    Insert,
    Upsert,
    Update,
    /// Deletes the rows of keys, or all of them where the plan says so.
    Delete,
}
