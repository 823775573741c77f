//! Config providers: values that do not stand in a configuration, but are named there as `${provider:path:key}`.
//!
//! [`Providers`] are the ones a worker knows, by name. Three are built in, under Kafka's names:
//!
//! | class | short | `path` | `key` | value |
//! |---|---|---|---|---|
//! | `org.apache.kafka.common.config.provider.FileConfigProvider` | `File` | a properties file | a key in it | its value |
//! | `org.apache.kafka.common.config.provider.DirectoryConfigProvider` | `Directory` | a directory | name of a file in it | all its text |
//! | `org.apache.kafka.common.config.provider.EnvVarConfigProvider` | `EnvVar` | none | an environment variable | its value |
//!
//! A worker is given them by [`WorkerBuilder::providers`](crate::WorkerBuilder::providers). Variables may stand anywhere
//! in a value, several in one; keys, `name`, `plugin.path` and `config.providers` itself have none. What an unknown
//! provider or a missing key names stays as it is written, with a warning, as in Kafka. A path that cannot be read or
//! is not allowed is an error, so that no connector ever logs in with the text of a variable for its password.
//!
//! **Who sees the values**: the connector, its transforms and converters. Errors, logs of the runtime, statuses and
//! dead letters show the variables again, also where a connector repeats a value in an error of its own. What a
//! connector does with a value is its own affair: a topic's name or a source partition that is made of one is seen by
//! whoever sees topics and source offsets.
//!
//! **When values change**: a restart of the connector or of a task, by an operator or after a failure, reads them
//! again. By itself a worker looks again only after the time to live that a provider gave, and restarts the connector
//! if a value is another then, unless `config.action.reload=none`. As in Kafka the built-in providers give none; with
//! `config.providers.<name>.param.reload.interval.ms` the file and directory providers do. What cannot be read at
//! that time, or is refused by the connector, is logged, and the connector goes on with what it has.

mod directory;
mod env;
mod file;
mod guard;
mod hidden;
mod paths;
mod registry;
mod resolve;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use connect_api::config::Secret;
use connect_api::{Result, async_trait};

pub use directory::{DirectoryConfigProvider, DirectoryConfigProviderConfig};
pub use env::{EnvVarConfigProvider, EnvVarConfigProviderConfig};
pub use file::{FileConfigProvider, FileConfigProviderConfig};
pub(crate) use guard::{guard_sink, guard_source};
pub(crate) use hidden::Hidden;
#[cfg(feature = "rest")]
pub(crate) use hidden::words;
pub use registry::Providers;
pub use resolve::Resolved;

/// Gives the values of variables. Kafka's interface of this name.
#[async_trait]
pub trait ConfigProvider: Send + Sync + 'static {
    /// The values of `keys` at `path`, which is empty for `${provider:key}`. Keys that are not there are left out.
    ///
    /// *When it is called*: before a connector is checked, created or restarted, and when the time to live of an earlier
    /// answer is over; once for each path.
    ///
    /// *Cancellation*: dropped after 30 seconds, which is an error then.
    ///
    /// # Errors
    /// When the path cannot be read or may not be: then the connector is not created. The message is shown, so it
    /// must not have a value in it.
    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<Provided>;
}

/// What a [`ConfigProvider`] gives.
#[derive(Debug, Clone, Default)]
pub struct Provided {
    values: BTreeMap<String, Secret<String>>,
    ttl: Option<Duration>,
}

impl Provided {
    /// These values by key, which stay what they are.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { values: values.into_iter().map(|(key, value)| (key, Secret::new(value))).collect(), ttl: None }
    }

    /// The same values; after this time they may be others. The worker waits at least a second.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }
}
