//! Topics to tables.

mod arrange;
mod cell;
mod config;
mod ddl;
mod debezium;
mod kind;
mod once;
mod plan;
mod plans;
mod route;
mod sql;
mod target;
mod task;
mod transaction;
mod write;

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Error, Result, SinkConnector, SinkTaskContext, StopSignal, TaskId, TopicPartition, async_trait};

pub use config::{
    DateZone, DdlConfig, InsertMode, JdbcSinkConfig, MappingConfig, PkMode, Precision, RetryConfig, TableType,
    WritesConfig,
};
pub use debezium::{DebeziumJdbcSink, DebeziumJdbcSinkConfig, DebeziumKeyMode, SchemaEvolution};
pub use task::JdbcSinkTask;

/// Writes the records of topics into tables.
#[derive(Debug, Clone, Copy, Default)]
pub struct JdbcSink;

#[async_trait]
impl SinkConnector for JdbcSink {
    const NAME: &'static str = "io.confluent.connect.jdbc.JdbcSinkConnector";
    const ALIASES: &'static [&'static str] =
        &["JdbcSinkConnector", "JdbcSink", "io.aiven.connect.jdbc.JdbcSinkConnector"];
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = JdbcSinkConfig;
    type Task = JdbcSinkTask;

    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<Self::Task> {
        config.errors().into_result()?;
        JdbcSinkTask::connected(Arc::new(config.clone()), None, context).await
    }

    fn most_records(&self, config: &Self::Config) -> usize {
        most_records(config.writes.batch_size)
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let mut errors = config.errors();
        reach(config, &mut errors).await;
        errors.into_result()
    }

    async fn alter_offsets(&self, config: &Self::Config, offsets: &[(TopicPartition, Option<i64>)]) -> Result<()> {
        refuse_altered(&config.writes, offsets)
    }
}

/// A statement takes as many rows as a put brings, and no more.
fn most_records(batch_size: i32) -> usize {
    usize::try_from(batch_size).unwrap_or_default().max(2000)
}

/// Tries to open a connection, unless the address is wrong already.
async fn reach(config: &JdbcSinkConfig, errors: &mut ConfigErrors) {
    if ["connection.url", "dialect.name"].iter().any(|key| errors.of(key).next().is_some()) {
        return;
    }
    let session = config.connection.session(&config.url, &TaskId::new("validate", 0), StopSignal::never());
    let opened = match session {
        Ok(session) => session.once().open().await.map(drop).map_err(|fault| fault.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = opened {
        errors.add("connection.url", None, format!("the database cannot be reached: {error}"));
    }
}

fn refuse_altered(writes: &WritesConfig, offsets: &[(TopicPartition, Option<i64>)]) -> Result<()> {
    if writes.exactly_once && !offsets.is_empty() {
        let table = &writes.offsets_table;
        return Err(Error::config(format!(
            "with exactly.once.enabled the offsets that count are in the database, in column next_offset of table \
             {table}; change them there"
        )));
    }
    Ok(())
}
