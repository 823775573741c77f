//! Debezium's JDBC sink: its class name and keys, change events as rows, and its types.

mod config;
mod envelope;
pub(super) mod types;

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Error, Result, SinkConnector, SinkTaskContext, TopicPartition, async_trait};

pub use config::{DebeziumJdbcSinkConfig, DebeziumKeyMode, SchemaEvolution};
pub(super) use envelope::{Envelopes, Opened};

use super::task::JdbcSinkTask;

/// Writes change events of Debezium, and records as other sinks take them, into tables: the connector of Debezium's class
/// name, with its keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct DebeziumJdbcSink;

#[async_trait]
impl SinkConnector for DebeziumJdbcSink {
    const NAME: &'static str = "io.debezium.connector.jdbc.JdbcSinkConnector";
    const ALIASES: &'static [&'static str] = &["DebeziumJdbcSink"];
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = DebeziumJdbcSinkConfig;
    type Task = JdbcSinkTask;

    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<Self::Task> {
        config.errors().into_result()?;
        let envelopes = Envelopes::new(config).map_err(Error::config)?;
        JdbcSinkTask::connected(Arc::new(config.settings()), Some(envelopes), context).await
    }

    fn most_records(&self, config: &Self::Config) -> usize {
        super::most_records(config.settings().writes.batch_size)
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let mut errors = config.errors();
        super::reach(&config.settings(), &mut errors).await;
        errors.into_result()
    }

    async fn alter_offsets(&self, config: &Self::Config, offsets: &[(TopicPartition, Option<i64>)]) -> Result<()> {
        super::refuse_altered(&config.settings().writes, offsets)
    }
}
