//! Building a worker.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{ConverterKind, Error, Result};
use connect_kafka::Clock;
use connect_kafka::producer::AutoCreate;

use super::changes::Changes;
use super::handle::Worker;
use super::reach::reach;
use super::spawn::Environment;
use crate::budget::ByteBudget;
use crate::clients::{ClientSettings, Clients};
use crate::config::WorkerConfig;
use crate::convert::Named;
use crate::metrics::{Measure, WorkerMetrics};
use crate::offsets::{FileOffsetStore, MemoryOffsetStore, OffsetStore};
use crate::plugins::{Plugins, with_converters};
use crate::providers::Providers;

/// Builds a [`Worker`]. Only the broker is needed; everything else has a default.
#[derive(Debug)]
#[must_use = "call build()"]
pub struct WorkerBuilder {
    clients: Clients,
    config: WorkerConfig,
    plugins: Plugins,
    providers: Providers,
    store: Option<Arc<dyn OffsetStore>>,
    clock: Clock,
    auto_create: AutoCreate,
}

impl WorkerBuilder {
    pub(super) fn new(clients: Clients) -> Self {
        Self {
            clients,
            config: WorkerConfig::default(),
            plugins: Plugins::new(),
            providers: Providers::new(),
            store: None,
            clock: Clock::system(),
            auto_create: AutoCreate::Broker,
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

    /// Whether topics that sources write and sinks read may come to be because they are asked for. They may unless
    /// told otherwise: an embedded broker makes them with its defaults, a cluster if it has
    /// `auto.create.topics.enable`.
    pub fn create_topics(mut self, create: bool) -> Self {
        self.auto_create = if create { AutoCreate::Broker } else { AutoCreate::Never };
        self
    }

    /// The worker. It has no connectors yet, and needs no further task of its own.
    ///
    /// # Errors
    /// A config error for converters that do not exist, for settings of clients that are wrong, or for an offset file
    /// that cannot be read. On a Kafka cluster also that the cluster does not answer within
    /// `default.api.timeout.ms`, or refuses this client, and why.
    pub async fn build(self) -> Result<Worker> {
        let Self { clients, config, plugins, providers, store, clock, auto_create } = self;
        let plugins = with_converters(plugins);
        let (settings, _) = ClientSettings::new(clients.clone(), &config)?;
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
        let broker = clients.own()?;
        if let Some(patience) = clients.patience() {
            reach(&*broker, patience).await?;
        }
        let topic_tracking = config.topic_tracking;
        let budget = ByteBudget::new(config.memory_budget);
        let metrics = Arc::new(WorkerMetrics::new(Measure { clock, windows: config.windows() }));
        Ok(Worker::new(Environment {
            config,
            plugins,
            providers,
            clients: settings,
            broker,
            store,
            budget,
            clock,
            auto_create,
            key_converter,
            value_converter,
            header_converter,
            metrics,
            changes: Arc::new(Changes::new(clock, topic_tracking)),
        }))
    }
}
