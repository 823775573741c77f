//! Connectors without their types: one private object-safe trait per kind, one blanket implementation each.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use connect_api::config::{self, Config, ConfigErrors, ConfigInfo, ConfigKey};
use connect_api::{
    Error, OffsetMap, Result, SinkConnector, SinkTask, SinkTaskContext, SourceConnector, SourceTask, SourceTaskContext,
    TopicPartition,
};

use super::registry::{PluginInfo, PluginKind};

/// Shared running source.
pub(crate) type RunningSource = Arc<dyn SourceInstance>;
/// Shared running sink.
pub(crate) type RunningSink = Arc<dyn SinkInstance>;

/// A connector with its configuration.
#[derive(Clone)]
pub(crate) enum Instance {
    Source(RunningSource),
    Sink(RunningSink),
}

/// A source connector with its configuration.
#[async_trait]
pub(crate) trait SourceInstance: Send + Sync {
    async fn validate(&self) -> Result<(), ConfigErrors>;
    /// Each split as JSON text.
    async fn splits(&self, max_tasks: usize) -> Result<Vec<String>>;
    async fn changed(&self) -> Result<()>;
    /// Keys that tasks know of by their splits alone.
    fn split_keys(&self) -> &'static [&'static str];
    async fn alter_offsets(&self, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()>;
    async fn task(&self, split: &str, context: SourceTaskContext) -> Result<Box<dyn SourceTask>>;
}

/// A sink connector with its configuration.
#[async_trait]
pub(crate) trait SinkInstance: Send + Sync {
    fn most_records(&self) -> usize;
    async fn validate(&self) -> Result<(), ConfigErrors>;
    async fn alter_offsets(&self, offsets: &[(TopicPartition, Option<i64>)]) -> Result<()>;
    async fn task(&self, context: SinkTaskContext) -> Result<Box<dyn SinkTask>>;
}

/// The connector and its configuration: what a typed start brings, and what a string map is turned into.
pub(crate) struct Typed<C, T> {
    pub(crate) connector: Arc<C>,
    pub(crate) config: T,
}

#[async_trait]
impl<C: SourceConnector> SourceInstance for Typed<C, C::Config> {
    async fn validate(&self) -> Result<(), ConfigErrors> {
        self.connector.validate(&self.config).await
    }

    async fn splits(&self, max_tasks: usize) -> Result<Vec<String>> {
        let splits = self.connector.splits(&self.config, max_tasks).await?;
        splits
            .iter()
            .map(|split| {
                serde_json::to_string(split)
                    .map_err(|error| Error::fatal("a split could not be written as JSON").with_source(error))
            })
            .collect()
    }

    async fn changed(&self) -> Result<()> {
        self.connector.changed(&self.config).await
    }

    fn split_keys(&self) -> &'static [&'static str] {
        C::SPLIT_KEYS
    }

    async fn alter_offsets(&self, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
        self.connector.alter_offsets(&self.config, offsets).await
    }

    async fn task(&self, split: &str, context: SourceTaskContext) -> Result<Box<dyn SourceTask>> {
        let split = serde_json::from_str(split)
            .map_err(|error| Error::fatal("a split could not be read from its JSON").with_source(error))?;
        Ok(Box::new(self.connector.task(&self.config, split, context).await?))
    }
}

#[async_trait]
impl<C: SinkConnector> SinkInstance for Typed<C, C::Config> {
    fn most_records(&self) -> usize {
        self.connector.most_records(&self.config)
    }

    async fn validate(&self) -> Result<(), ConfigErrors> {
        self.connector.validate(&self.config).await
    }

    async fn alter_offsets(&self, offsets: &[(TopicPartition, Option<i64>)]) -> Result<()> {
        self.connector.alter_offsets(&self.config, offsets).await
    }

    async fn task(&self, context: SinkTaskContext) -> Result<Box<dyn SinkTask>> {
        Ok(Box::new(self.connector.task(&self.config, context).await?))
    }
}

/// Properties of a connector, sorted by key.
pub(crate) type Properties = BTreeMap<String, String>;

/// Makes an instance of a configuration, with warnings for the operator.
type Configure =
    Arc<dyn Fn(&Properties, &dyn Fn(&str) -> bool) -> Result<(Instance, Vec<String>), ConfigErrors> + Send + Sync>;

/// A connector as it stands in the registry.
#[derive(Clone)]
pub(crate) struct ConnectorEntry {
    pub(crate) info: PluginInfo,
    pub(crate) definitions: fn() -> Vec<ConfigKey>,
    pub(crate) documentation: fn() -> String,
    /// The rows of a configuration, with errors on them.
    pub(crate) rows: fn(&Properties, &ConfigErrors) -> Vec<ConfigInfo>,
    pub(crate) configure: Configure,
}

impl ConnectorEntry {
    pub(crate) fn source<C: SourceConnector>(connector: C) -> Self {
        let info = PluginInfo { kind: PluginKind::Source, class: C::NAME, aliases: C::ALIASES, version: C::VERSION };
        Self::new::<C, C::Config>(info, connector, |typed| Instance::Source(Arc::new(typed)))
    }

    pub(crate) fn sink<C: SinkConnector>(connector: C) -> Self {
        let info = PluginInfo { kind: PluginKind::Sink, class: C::NAME, aliases: C::ALIASES, version: C::VERSION };
        Self::new::<C, C::Config>(info, connector, |typed| Instance::Sink(Arc::new(typed)))
    }

    fn new<C, T>(info: PluginInfo, connector: C, instance: fn(Typed<C, T>) -> Instance) -> Self
    where
        C: Send + Sync + 'static,
        T: Config,
    {
        let connector = Arc::new(connector);
        Self {
            info,
            definitions: config::definitions::<T>,
            documentation: config::render_docs::<T>,
            rows: config::validation_rows::<T>,
            configure: Arc::new(move |properties, known_elsewhere| {
                let parsed = config::parse_with::<T>(properties, known_elsewhere)?;
                let typed = Typed { connector: Arc::clone(&connector), config: parsed.config };
                Ok((instance(typed), parsed.warnings))
            }),
        }
    }
}
