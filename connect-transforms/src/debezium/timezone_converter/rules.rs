//! Which fields of which records are converted.

use std::collections::{BTreeMap, BTreeSet};

use connect_api::{Error, Result};

use super::TimezoneConverterConfig;

/// Fields by the name of a topic or table; no fields are all of them.
type Names = BTreeMap<String, BTreeSet<String>>;

/// The lists of the configuration.
#[derive(Debug)]
pub(super) struct Rules {
    excludes: bool,
    topics: Names,
    tables: Names,
    either: Names,
}

/// The fields of one record that are converted.
pub(super) enum Fields<'a> {
    All,
    Only(&'a BTreeSet<String>),
    AllBut(&'a BTreeSet<String>),
}

impl Rules {
    pub(super) fn of(config: &TimezoneConverterConfig) -> Result<Self> {
        if !config.include_list.is_empty() && !config.exclude_list.is_empty() {
            return Err(Error::config("include.list and exclude.list are both given, only one is possible"));
        }
        let excludes = config.include_list.is_empty();
        let (key, list) =
            if excludes { ("exclude.list", &config.exclude_list) } else { ("include.list", &config.include_list) };
        let mut rules = Self { excludes, topics: Names::new(), tables: Names::new(), either: Names::new() };
        // An item without a prefix goes on with the one of the item before it.
        let mut prefix = "";
        for item in list {
            let parts: Vec<_> = item.split(':').map(str::trim).collect();
            let (name, field) = match parts[..] {
                [first @ ("source" | "topic"), name] => {
                    prefix = first;
                    (name, None)
                }
                [first @ ("source" | "topic"), name, field] => {
                    prefix = first;
                    (name, Some(field))
                }
                [name, field] => (name, Some(field)),
                _ => ("", None),
            };
            if name.is_empty() || field.is_some_and(str::is_empty) {
                return Err(Error::config(format!(
                    "{key}: {item:?} is no rule; expected source:table[:field], topic:topic[:field] or name:field"
                )));
            }
            let names = match prefix {
                "source" => &mut rules.tables,
                "topic" => &mut rules.topics,
                _ => &mut rules.either,
            };
            names.entry(name.to_owned()).or_default().extend(field.map(str::to_owned));
        }
        Ok(rules)
    }

    /// The fields of a record of this topic and table; `None` when none are converted.
    pub(super) fn fields(&self, topic: &str, table: Option<&str>) -> Option<Fields<'_>> {
        let of_table = |names: &'_ Names| table.is_some_and(|table| names.contains_key(table));
        let found = if let Some(fields) = self.topics.get(topic) {
            Some(fields)
        } else if of_table(&self.tables) {
            self.tables.get(table?)
        } else {
            self.either.get(topic).or_else(|| self.either.get(table?))
        };
        match found {
            None if self.excludes => Some(Fields::All),
            None => None,
            Some(fields) if self.excludes => (!fields.is_empty()).then_some(Fields::AllBut(fields)),
            Some(fields) if fields.is_empty() => Some(Fields::All),
            Some(fields) => Some(Fields::Only(fields)),
        }
    }
}

impl Fields<'_> {
    /// Whether a field of a part of the envelope is converted. A name may say which part is meant; without it, rows
    /// are.
    pub(super) fn has(&self, part: &str, field: &str) -> bool {
        let is_row = part != "source";
        let named = |names: &BTreeSet<String>| {
            names.iter().any(|name| match name.split_once('.') {
                Some((of @ ("source" | "before" | "after"), name)) => of == part && name == field,
                _ => is_row && name == field,
            })
        };
        match self {
            Self::All => is_row,
            Self::Only(names) => named(names),
            // The source is touched only when a rule is about it.
            Self::AllBut(names) => (is_row || names.iter().any(|name| name.starts_with("source."))) && !named(names),
        }
    }
}
