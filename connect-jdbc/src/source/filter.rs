//! Which of the listed tables are copied, and by whom.

use connect_api::{Error, Result};

use super::config::JdbcSourceConfig;
use crate::dialect::{Quoting, TableName};

/// The tables that a configuration chooses, in the order of the listing.
pub(super) fn chosen(config: &JdbcSourceConfig, listed: Vec<TableName>, quoting: Quoting) -> Vec<TableName> {
    // A name may be written in full with or without quotes, or bare.
    let named = |list: &[String], name: &TableName| {
        let full = name.to_string();
        let quoted = Quoting { always: true, ..quoting }.table(name);
        list.iter().any(|entry| *entry == full || *entry == quoted || *entry == name.table)
    };
    listed
        .into_iter()
        .filter(|name| {
            if config.is_new_style() {
                let full = name.to_string();
                let matches = |list: &[super::config::Pattern]| list.iter().any(|pattern| pattern.matches(&full));
                matches(&config.table_include_list) && !matches(&config.table_exclude_list)
            } else if !config.table_whitelist.is_empty() {
                named(&config.table_whitelist, name)
            } else {
                !named(&config.table_blacklist, name)
            }
        })
        .collect()
}

/// Refuses two tables of the same bare name, as both would go to one topic.
///
/// # Errors
/// A config error that names them.
pub(super) fn no_namesakes(tables: &[TableName]) -> Result<()> {
    for (index, name) in tables.iter().enumerate() {
        if let Some(other) = tables[..index].iter().find(|other| other.table == name.table) {
            return Err(Error::config(format!(
                "the tables {other} and {name} would go to one topic, as topics have no schema in their names; choose one \
                 of them"
            )));
        }
    }
    Ok(())
}

/// Slices of the tables, one for each of at most `max` tasks; the first get one more when it does not come out even.
pub(super) fn groups(tables: &[TableName], max: usize) -> Vec<Vec<TableName>> {
    let count = tables.len().min(max).max(1);
    let (each, more) = (tables.len() / count, tables.len() % count);
    let mut rest = tables;
    (0..count)
        .map(|group| {
            let (taken, left) = rest.split_at(each + usize::from(group < more));
            rest = left;
            taken.to_vec()
        })
        .collect()
}
