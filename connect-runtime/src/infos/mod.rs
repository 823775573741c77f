//! A configuration key by key, as `PUT /connector-plugins/{p}/config/validate` answers: any configuration, however
//! broken, with everything that is wrong on the rows it belongs to.
//!
//! The rows, their order and their groups are those of Kafka Connect 4.1. What it does not find itself is found here
//! too: predicates that are not defined, values of clients' properties, `topic.creation.*`, and what transforms and
//! converters refuse. Keys that only this runtime has (`restart.failed.tasks`, dead letters of sources) have a row
//! when they are given.

mod answer;
mod chain;
mod clients;
mod converters;
mod framework;
mod plugin;
mod rows;
mod values;

#[cfg(test)]
mod tests;

use connect_api::config::ConfigInfo;
use serde::Serialize;

pub(crate) use plugin::plugin_config;

/// What a configuration comes to, key by key: Connect's `ConfigInfos`, with the same JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigInfos {
    /// The connector's class as it was given.
    pub name: String,
    /// How many errors there are on all rows.
    pub error_count: usize,
    /// The groups of the rows, each once, in the order of the rows.
    pub groups: Vec<String>,
    /// One row for each key.
    pub configs: Vec<ConfigInfo>,
}

impl ConfigInfos {
    /// Every error with its key, in the order of the rows.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.configs
            .iter()
            .flat_map(|row| row.value.errors.iter().map(|error| (row.value.name.as_str(), error.as_str())))
    }
}
