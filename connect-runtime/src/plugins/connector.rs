//! Connectors without their types: one private object-safe trait per kind, one blanket implementation each.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use connect_api::config::{self, ConfigErrors, ConfigKey};
use connect_api::{
    Error, Result, SinkConnector, SinkTask, SinkTaskContext, SourceConnector, SourceTask, SourceTaskContext,
};

use super::registry::PluginInfo;

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
    async fn task(&self, split: &str, context: SourceTaskContext) -> Result<Box<dyn SourceTask>>;
}

/// A sink connector with its configuration.
#[async_trait]
pub(crate) trait SinkInstance: Send + Sync {
    async fn validate(&self) -> Result<(), ConfigErrors>;
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

    async fn task(&self, split: &str, context: SourceTaskContext) -> Result<Box<dyn SourceTask>> {
        let split = serde_json::from_str(split)
            .map_err(|error| Error::fatal("a split could not be read from its JSON").with_source(error))?;
        Ok(Box::new(self.connector.task(&self.config, split, context).await?))
    }
}

#[async_trait]
impl<C: SinkConnector> SinkInstance for Typed<C, C::Config> {
    async fn validate(&self) -> Result<(), ConfigErrors> {
        self.connector.validate(&self.config).await
    }

    async fn task(&self, context: SinkTaskContext) -> Result<Box<dyn SinkTask>> {
        Ok(Box::new(self.connector.task(&self.config, context).await?))
    }
}

/// Properties of a connector, sorted by key.
pub(crate) type Properties = BTreeMap<String, String>;

/// A connector as it stands in the registry.
pub(crate) trait ConnectorPlugin: Send + Sync {
    fn info(&self) -> &PluginInfo;
    fn definitions(&self) -> Vec<ConfigKey>;
    fn documentation(&self) -> String;
    /// The instance, and warnings for the operator.
    fn configure(
        &self,
        properties: &Properties,
        known_elsewhere: &dyn Fn(&str) -> bool,
    ) -> Result<(Instance, Vec<String>), ConfigErrors>;
}

pub(crate) struct SourceEntry<C> {
    pub(crate) info: PluginInfo,
    pub(crate) connector: Arc<C>,
}

pub(crate) struct SinkEntry<C> {
    pub(crate) info: PluginInfo,
    pub(crate) connector: Arc<C>,
}

impl<C: SourceConnector> ConnectorPlugin for SourceEntry<C> {
    fn info(&self) -> &PluginInfo {
        &self.info
    }

    fn definitions(&self) -> Vec<ConfigKey> {
        config::definitions::<C::Config>()
    }

    fn documentation(&self) -> String {
        config::render_docs::<C::Config>()
    }

    fn configure(
        &self,
        properties: &Properties,
        known_elsewhere: &dyn Fn(&str) -> bool,
    ) -> Result<(Instance, Vec<String>), ConfigErrors> {
        let parsed = config::parse_with::<C::Config>(properties, known_elsewhere)?;
        let typed = Typed { connector: Arc::clone(&self.connector), config: parsed.config };
        Ok((Instance::Source(Arc::new(typed)), parsed.warnings))
    }
}

impl<C: SinkConnector> ConnectorPlugin for SinkEntry<C> {
    fn info(&self) -> &PluginInfo {
        &self.info
    }

    fn definitions(&self) -> Vec<ConfigKey> {
        config::definitions::<C::Config>()
    }

    fn documentation(&self) -> String {
        config::render_docs::<C::Config>()
    }

    fn configure(
        &self,
        properties: &Properties,
        known_elsewhere: &dyn Fn(&str) -> bool,
    ) -> Result<(Instance, Vec<String>), ConfigErrors> {
        let parsed = config::parse_with::<C::Config>(properties, known_elsewhere)?;
        let typed = Typed { connector: Arc::clone(&self.connector), config: parsed.config };
        Ok((Instance::Sink(Arc::new(typed)), parsed.warnings))
    }
}
