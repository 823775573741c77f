//! One table, or the query: what is so for all of its records.

use std::sync::Arc;

use connect_api::{OffsetMap, Result, Schema};

use super::column::ResultColumn;
use super::field::Field;
use super::offset::Place;
use super::sql::Selection;
use super::style::Style;
use crate::dialect::TableName;

/// A table or query, and how far it was read.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// Full name for messages.
    pub(super) name: Arc<str>,
    /// `None` of a query.
    pub(super) table: Option<TableName>,
    pub(super) selection: Selection,
    /// Columns whose first value that is not null is a row's timestamp.
    pub(super) timestamps: Vec<String>,
    pub(super) incrementing: Option<String>,
    pub(super) topic: Arc<str>,
    pub(super) partition: Arc<OffsetMap>,
    pub(super) style: Arc<Style>,
    /// Everything up to here was handed on.
    pub(super) place: Place,
    pub(super) layout: Option<Arc<Layout>>,
}

/// What the columns of a result become.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) columns: Vec<ResultColumn>,
    /// By position of the column; `None` for one that is left out.
    pub(super) fields: Vec<Option<Field>>,
    pub(super) schema: Arc<Schema>,
    /// Positions of the timestamp columns, in the order in which they count.
    pub(super) timestamps: Vec<usize>,
    pub(super) incrementing: Option<usize>,
}

impl Subject {
    /// The layout of a result with these columns: the last one if nothing has changed, as readers of records know
    /// schemas by their address.
    ///
    /// # Errors
    /// A data error when a label is there twice, or a column that tells new rows is missing.
    pub(super) fn layout(&mut self, columns: Vec<ResultColumn>) -> Result<Arc<Layout>> {
        if let Some(layout) = self.layout.as_ref().filter(|layout| layout.columns == columns) {
            return Ok(Arc::clone(layout));
        }
        let layout = Arc::new(self.new_layout(columns)?);
        self.layout = Some(Arc::clone(&layout));
        Ok(layout)
    }

    fn new_layout(&self, columns: Vec<ResultColumn>) -> Result<Layout> {
        let mut builder = Schema::structure();
        if let Some(table) = &self.table {
            builder = builder.name(table.table.as_str());
        }
        let mut fields = Vec::with_capacity(columns.len());
        for column in &columns {
            let field = Field::of(column, &self.style)?;
            match &field {
                Some(field) => builder = builder.field(Arc::clone(&field.name), &field.schema),
                None => tracing::warn!(
                    table = %self.name, column = %column.name, r#type = %column.type_name,
                    "column is left out, as its type is not supported"
                ),
            }
            fields.push(field);
        }
        let schema = builder.build().map_err(|error| error.context(&self.name))?;
        let position = |name: &String, key: &str| {
            position(&columns, name).ok_or_else(|| {
                let known: Vec<_> = columns.iter().map(|column| &*column.name).collect();
                super::config::no_such_column(key, name, &self.name, &known)
            })
        };
        let timestamps = self.timestamps.iter().map(|name| position(name, "timestamp column"));
        let timestamps = timestamps.collect::<Result<_>>()?;
        let incrementing = self.incrementing.as_ref().map(|name| position(name, "incrementing column")).transpose()?;
        Ok(Layout { columns, fields, schema, timestamps, incrementing })
    }
}

/// The column of exactly this name, or else the only one of this name in another case.
fn position(columns: &[ResultColumn], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name == name).or_else(|| {
        let mut alike = (0..columns.len()).filter(|&at| columns[at].name.eq_ignore_ascii_case(name));
        let first = alike.next()?;
        alike.next().is_none().then_some(first)
    })
}
