//! Tables to topics.

mod column;
mod config;
mod convert;
mod field;
mod filter;
mod hold;
mod listing;
mod moment;
mod offset;
mod read;
mod reader;
mod rows;
mod sql;
mod start;
mod style;
mod subject;
mod tail;
mod task;
#[cfg(test)]
mod tests;
mod ties;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use connect_api::config::ConfigErrors;
use connect_api::{
    Deserialize, Error, ExactlyOnce, OffsetMap, Result, Serialize, SourceConnector, SourceTaskContext, StopSignal,
    TaskId, async_trait,
};
use tokio::time::{sleep, timeout};

pub use config::{
    CalendarSystem, Granularity, IncrementingColumn, Isolation, JdbcSourceConfig, Mode, NumericMapping, Pattern,
    TimestampColumns,
};
pub use task::JdbcSourceTask;

use crate::dialect::{Session, TableName};

/// Copies the rows of tables, or of a query, to topics, and goes on with the rows that are new.
#[derive(Clone, Default)]
pub struct JdbcSource {
    /// The tables that were last given to tasks, by configuration.
    known: Arc<Mutex<BTreeMap<String, Vec<TableName>>>>,
}

/// The tables of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "connect_api::serde")]
pub struct JdbcSourceSplit {
    /// Catalog, schema and name of each; a query has none.
    tables: Vec<(Option<String>, Option<String>, String)>,
    /// Whether the tables are known by now.
    #[serde(rename = "tables.fetched")]
    fetched: bool,
}

impl JdbcSource {
    /// The connector.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn remember(&self, config: &JdbcSourceConfig, tables: Vec<TableName>) {
        // Whoever holds the lock cannot panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{config:?}"), tables);
    }

    fn remembered(&self, config: &JdbcSourceConfig) -> Option<Vec<TableName>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&format!("{config:?}")).cloned()
    }
}

impl fmt::Debug for JdbcSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JdbcSource").finish_non_exhaustive()
    }
}

#[async_trait]
impl SourceConnector for JdbcSource {
    const NAME: &'static str = "io.confluent.connect.jdbc.JdbcSourceConnector";
    const ALIASES: &'static [&'static str] =
        &["JdbcSourceConnector", "JdbcSource", "io.aiven.connect.jdbc.JdbcSourceConnector"];
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = JdbcSourceConfig;
    type Split = JdbcSourceSplit;
    type Task = JdbcSourceTask;

    async fn splits(&self, config: &Self::Config, max_tasks: usize) -> Result<Vec<Self::Split>> {
        config.errors().into_result()?;
        if config.query().is_some() {
            return Ok(vec![JdbcSourceSplit { tables: Vec::new(), fetched: true }]);
        }
        let mut session = session(config, "connector")?;
        let tables = match timeout(config.table_startup_limit.duration(), tables(config, &mut session)).await {
            Ok(Ok(tables)) => tables,
            Ok(Err(error)) if !error.is_retriable() => return Err(error),
            late => {
                let error = late.err().map_or_else(String::new, |_| "it takes too long".to_owned());
                tracing::warn!(error, "the tables could not be listed yet; a task waits for them");
                return Ok(vec![JdbcSourceSplit { tables: Vec::new(), fetched: false }]);
            }
        };
        filter::no_namesakes(&tables)?;
        let parts = |name: &TableName| (name.catalog.clone(), name.schema.clone(), name.table.clone());
        let groups = filter::groups(&tables, max_tasks);
        let splits =
            groups.iter().map(|group| JdbcSourceSplit { tables: group.iter().map(parts).collect(), fetched: true });
        let splits = splits.collect();
        self.remember(config, tables);
        Ok(splits)
    }

    async fn changed(&self, config: &Self::Config) -> Result<()> {
        if config.query().is_some() {
            return std::future::pending().await;
        }
        let mut session = session(config, "connector")?;
        loop {
            sleep(config.table_poll_interval.duration()).await;
            match tables(config, &mut session).await {
                Ok(tables) if self.remembered(config).as_ref() == Some(&tables) => {}
                Ok(_) => return Ok(()),
                Err(error) if error.is_retriable() => {
                    session.close();
                    tracing::warn!(%error, "the tables could not be listed; they will be at the next interval");
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn task(&self, config: &Self::Config, split: Self::Split, context: SourceTaskContext) -> Result<Self::Task> {
        config.errors().into_result()?;
        if split.tables.is_empty() && config.query().is_none() {
            if !split.fetched {
                return Ok(JdbcSourceTask::waiting(config));
            }
            return Err(Error::config(
                "no table is chosen: nothing that the database lists matches table.whitelist, table.blacklist, \
                 table.include.list, table.exclude.list, schema.pattern, catalog.pattern and table.types (names have \
                 their case)",
            ));
        }
        let tables = split.tables.into_iter().map(|(catalog, schema, table)| TableName { catalog, schema, table });
        start::task(config, tables.collect(), &context).await
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let mut errors = config.errors();
        if errors.is_empty() {
            start::check(config, &mut errors).await;
        }
        errors.into_result()
    }

    fn exactly_once(&self, config: &Self::Config) -> ExactlyOnce {
        match config.mode {
            Some(Mode::Incrementing | Mode::TimestampIncrementing) => ExactlyOnce::Supported,
            _ => ExactlyOnce::Unsupported,
        }
    }

    async fn alter_offsets(&self, _config: &Self::Config, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
        offset::check_altered(offsets)
    }
}

/// A session of the connector itself.
fn session(config: &JdbcSourceConfig, purpose: &str) -> Result<Session> {
    config.connection.session(&config.connection_url, &TaskId::new(purpose, 0), StopSignal::never())
}

/// The tables that are copied, as the database lists them now.
async fn tables(config: &JdbcSourceConfig, session: &mut Session) -> Result<Vec<TableName>> {
    let quoting = config.connection.quoting(session.dialect());
    let listed = listing::tables(session.connection().await?, config).await?;
    Ok(filter::chosen(config, listed, quoting))
}
