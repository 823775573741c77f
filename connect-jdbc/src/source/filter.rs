//! Which of the listed tables are copied, and by whom.

use connect_api::{Error, Result};

use super::config::{JdbcSourceConfig, Pattern};
use super::listing::Listed;
use crate::dialect::{Quoting, TableName};

/// The tables that a configuration chooses, in the order of the listing. MySQL lists the tables of all databases; where
/// none is named, those of the connection's own database are meant.
pub(super) fn chosen(config: &JdbcSourceConfig, listed: Listed, quoting: Quoting) -> Vec<TableName> {
    let Listed { tables, home } = listed;
    let is_home = |name: &TableName| home.is_none() || name.schema == home;
    if config.is_new_style() {
        let matches = |list: &[Pattern], name: &str| list.iter().any(|pattern| pattern.matches(name));
        let wanted = |name: &TableName| {
            let full = name.to_string();
            matches(&config.table_include_list, &full) && !matches(&config.table_exclude_list, &full)
        };
        return tables.into_iter().filter(wanted).collect();
    }
    // A name may be written in full with or without quotes, or bare.
    let in_full = |list: &[String], name: &TableName| {
        let (full, quoted) = (name.to_string(), Quoting { always: true, ..quoting }.table(name));
        list.iter().any(|entry| *entry == full || *entry == quoted)
    };
    let bare = |list: &[String], name: &TableName| list.contains(&name.table);
    if config.table_whitelist.is_empty() {
        let list = &config.table_blacklist;
        let left = |name: &TableName| is_home(name) && !in_full(list, name) && !bare(list, name);
        return tables.into_iter().filter(left).collect();
    }
    let list = &config.table_whitelist;
    let at_home: Vec<String> = tables.iter().filter(|name| is_home(name)).map(|name| name.table.clone()).collect();
    // A bare name that is there at home means that one alone.
    let wanted =
        |name: &TableName| in_full(list, name) || bare(list, name) && (is_home(name) || !at_home.contains(&name.table));
    tables.into_iter().filter(wanted).collect()
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
