//! Building a worker.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{ConverterKind, Error, Result};
use connect_kafka::producer::AutoCreate;
use connect_kafka::{Broker, Clock};

use super::handle::Worker;
use super::spawn::Environment;
use crate::budget::ByteBudget;
use crate::config::WorkerConfig;
use crate::convert::Named;
use crate::offsets::{FileOffsetStore, MemoryOffsetStore, OffsetStore};
use crate::plugins::{Plugins, with_converters};
use crate::providers::Providers;

/// Builds a [`Worker`]. Only the broker is needed; everything else has a default.
#[derive(Debug)]
#[must_use = "call build()"]
pub struct WorkerBuilder {
    broker: Arc<dyn Broker>,
    config: WorkerConfig,
    plugins: Plugins,
    providers: Providers,
    store: Option<Arc<dyn OffsetStore>>,
    clock: Clock,
    auto_create: Option<AutoCreate>,
}

impl WorkerBuilder {
    pub(super) fn new(broker: Arc<dyn Broker>) -> Self {
        Self {
            broker,
            config: WorkerConfig::default(),
            plugins: Plugins::new(),
            providers: Providers::new(),
            store: None,
            clock: Clock::system(),
            auto_create: Some(AutoCreate { partitions: -1, replication_factor: -1 }),
        }
    }

    /// Sets the configuration.
    pub fn config(mut self, config: WorkerConfig) -> Self {
        self.config = config;
        self
    }

    /// Sets what can be named in configurations. The converters of `connect-converters` are always there.
    pub fn plugins(mut self, plugins: Plugins) -> Self {
        self.plugins = plugins;
        self
    }

    /// Sets where the values of variables in connectors' configurations come from. There are none unless told.
    pub fn providers(mut self, providers: Providers) -> Self {
        self.providers = providers;
        self
    }

    /// Keeps source offsets there, instead of in `offset.storage.file.filename` or, without that, in memory.
    pub fn offset_store(mut self, store: impl OffsetStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Takes timestamps from this clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Whether topics that sources write and sinks read are created with the broker's defaults when they are
    /// absent, as a broker with `auto.create.topics.enable` does. They are unless told otherwise.
    pub fn create_topics(mut self, create: bool) -> Self {
        self.auto_create = create.then_some(AutoCreate { partitions: -1, replication_factor: -1 });
        self
    }

    /// The worker. It has no connectors yet, and needs no further task of its own.
    ///
    /// # Errors
    /// A config error for converters that do not exist, or for an offset file that cannot be read.
    pub async fn build(self) -> Result<Worker> {
        let Self { broker, config, plugins, providers, store, clock, auto_create } = self;
        let plugins = with_converters(plugins);
        let wrong = |key: &str| {
            let key = key.to_owned();
            move |errors: connect_api::config::ConfigErrors| Error::from(errors).context(key)
        };
        let converter = |class: &str, settings: &BTreeMap<String, String>, key: &str, kind| {
            let made = plugins.make_converter(class, settings, kind).map_err(wrong(key))?.0;
            Ok::<_, Error>(Named::new(plugins.class_of(class), made))
        };
        let key_converter =
            converter(&config.key_converter, &config.key_converter_settings, "key.converter", ConverterKind::Key)?;
        let value_converter = converter(
            &config.value_converter,
            &config.value_converter_settings,
            "value.converter",
            ConverterKind::Value,
        )?;
        let made = plugins
            .make_header_converter(&config.header_converter, &config.header_converter_settings)
            .map_err(wrong("header.converter"))?
            .0;
        let header_converter = Named::new(plugins.class_of(&config.header_converter), made);
        let store: Arc<dyn OffsetStore> = match (store, &config.offset_storage_file) {
            (Some(store), _) => store,
            (None, Some(path)) => Arc::new(FileOffsetStore::open(path).await?),
            (None, None) => Arc::new(MemoryOffsetStore::default()),
        };
        let budget = ByteBudget::new(config.memory_budget);
        Ok(Worker::new(Environment {
            config,
            plugins,
            providers,
            broker,
            store,
            budget,
            clock,
            auto_create,
            key_converter,
            value_converter,
            header_converter,
        }))
    }
}
