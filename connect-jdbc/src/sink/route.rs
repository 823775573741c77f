//! From a topic to a table.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Error, Result};

use super::config::JdbcSinkConfig;
use crate::dialect::{Dialect, TableName};

/// What stands for the topic in `table.name.format`.
const PLACE: &str = "${topic}";

/// Names that are kept; records that name ever new tables must not fill the memory.
const KNOWN: usize = 4096;

/// Knows the tables of topics.
pub(super) struct Routes {
    format: String,
    named: BTreeMap<String, String>,
    normalize: bool,
    quote: char,
    longest: Option<usize>,
    folds: bool,
    known: BTreeMap<Arc<str>, Arc<TableName>>,
}

impl Routes {
    /// The routes of a configuration.
    ///
    /// # Errors
    /// A config error when the mapping of topics is not well formed.
    pub(super) fn new(config: &JdbcSinkConfig, dialect: &dyn Dialect) -> Result<Self> {
        let quotes = config.connection.quoting(dialect).always;
        Ok(Self {
            format: config.mapping.table_name_format.trim().to_owned(),
            named: config.table_of().map_err(Error::config)?,
            normalize: config.mapping.table_name_normalize,
            quote: dialect.quote(),
            longest: dialect.identifier_bytes(),
            folds: dialect.folds_to_lower_case() && !quotes,
            known: BTreeMap::new(),
        })
    }

    /// The table of a topic.
    ///
    /// # Errors
    /// A data error when the name that comes of it is none.
    pub(super) fn table(&mut self, topic: &Arc<str>) -> Result<Arc<TableName>> {
        if let Some(known) = self.known.get(topic) {
            return Ok(Arc::clone(known));
        }
        let named = self.named.get(&**topic).cloned();
        let mut text = named.unwrap_or_else(|| self.format.replace(PLACE, topic));
        if self.normalize {
            text = text.chars().map(|at| if at.is_ascii_alphanumeric() || at == '_' { at } else { '_' }).collect();
        }
        let name = TableName::parse(&text, self.quote).map_err(|error| {
            Error::data(format!("topic {topic:?} has no table: {error}; table.name.format can give it one"))
        })?;
        let fold = |part: String| self.cut(if self.folds { part.to_lowercase() } else { part });
        let name = TableName { catalog: name.catalog, schema: name.schema.map(fold), table: fold(name.table) };
        let name = Arc::new(name);
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert(Arc::clone(topic), Arc::clone(&name));
        Ok(name)
    }

    /// What the database would make of a name that is too long.
    fn cut(&self, mut part: String) -> String {
        if let Some(longest) = self.longest
            && part.len() > longest
        {
            let end = (0..=longest).rev().find(|at| part.is_char_boundary(*at)).unwrap_or_default();
            part.truncate(end);
        }
        part
    }
}
