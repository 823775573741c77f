//! What a catalogue says of a table.

use super::TableName;

/// What kind of object a table is; `table.types` chooses among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TableKind {
    /// `TABLE`
    Table,
    /// `PARTITIONED TABLE`
    Partitioned,
    /// `VIEW`
    View,
    /// `MATERIALIZED VIEW`
    MaterializedView,
    /// `FOREIGN TABLE`
    Foreign,
    /// `SYSTEM TABLE`
    System,
    /// `GLOBAL TEMPORARY` or `LOCAL TEMPORARY`
    Temporary,
}

impl TableKind {
    /// What JDBC calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Table => "TABLE",
            Self::Partitioned => "PARTITIONED TABLE",
            Self::View => "VIEW",
            Self::MaterializedView => "MATERIALIZED VIEW",
            Self::Foreign => "FOREIGN TABLE",
            Self::System => "SYSTEM TABLE",
            Self::Temporary => "LOCAL TEMPORARY",
        }
    }
}

/// A table as the catalogue has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name, with every qualifier that the database has.
    pub(crate) name: TableName,
    /// What kind of object it is.
    pub(crate) kind: TableKind,
    /// In the table's order; none is dropped for its type.
    pub(crate) columns: Vec<Column>,
}

/// A column as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type, as the catalogue writes it: `numeric(12,2)`, `int(11) unsigned`, `DECIMAL(5,2)`.
    pub(crate) type_name: String,
    /// PostgreSQL's type: what a parameter for this column is sent as. 0 elsewhere.
    pub(crate) type_oid: u32,
    /// Whether null is refused.
    pub(crate) not_null: bool,
    /// Whether the database fills it when it is left out: a default, an identity, a generated value.
    pub(crate) has_default: bool,
    /// Whether the database numbers it by itself.
    pub(crate) auto_increment: bool,
    /// Its place in the primary key, from 1.
    pub(crate) key: Option<u16>,
}

impl Table {
    /// A column by its exact name, or else by its only spelling in another case.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name).or_else(|| {
            let mut alike = self.columns.iter().filter(|column| column.name.eq_ignore_ascii_case(name));
            let first = alike.next()?;
            alike.next().is_none().then_some(first)
        })
    }
}
