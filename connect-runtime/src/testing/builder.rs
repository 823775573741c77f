//! Making a test's worker.

use std::time::Duration;

use connect_kafka::{Clock, EmbeddedOptions, InMemoryBroker};

use super::life::Life;
use super::store::SharedStore;
use super::worker::TestWorker;
use crate::config::WorkerConfig;
use crate::offsets::OffsetStore;
use crate::plugins::Plugins;
use crate::providers::Providers;

/// When a test's clock starts: 2025-01-01 UTC.
const EPOCH_MS: i64 = 1_735_689_600_000;

/// Makes a [`TestWorker`] that is not the usual one.
#[derive(Debug)]
#[must_use = "call start()"]
pub struct TestWorkerBuilder {
    config: WorkerConfig,
    plugins: Plugins,
    providers: Providers,
    store: SharedStore,
    patience: Duration,
}

impl TestWorkerBuilder {
    pub(super) fn new() -> Self {
        Self {
            config: WorkerConfig::default(),
            plugins: Plugins::new(),
            providers: Providers::new(),
            store: SharedStore::default(),
            patience: Duration::from_secs(300),
        }
    }

    /// Sets the worker's configuration.
    pub fn config(mut self, config: WorkerConfig) -> Self {
        self.config = config;
        self
    }

    /// Keys and values are JSON with schemas, so that structs arrive as they were sent. They are strings otherwise.
    pub fn json(mut self) -> Self {
        let json = "org.apache.kafka.connect.json.JsonConverter";
        self.config.key_converter = json.into();
        self.config.value_converter = json.into();
        self
    }

    /// Sets what [`TestWorker::create`] can name.
    pub fn plugins(mut self, plugins: Plugins) -> Self {
        self.plugins = plugins;
        self
    }

    /// Sets where the values of variables in what [`TestWorker::create`] is given come from.
    pub fn providers(mut self, providers: Providers) -> Self {
        self.providers = providers;
        self
    }

    /// Sets where source offsets are kept, over all lives of the worker; in memory unless told otherwise.
    pub fn offset_store(mut self, store: impl OffsetStore) -> Self {
        self.store = SharedStore::of(store);
        self
    }

    /// How long a wait may take, on the test's clock, before it panics; five minutes unless told otherwise.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts the worker.
    ///
    /// # Panics
    /// When the configuration names what is not there.
    pub async fn start(self) -> TestWorker {
        let Self { config, plugins, providers, store, patience } = self;
        let clock = Clock::starting_at(EPOCH_MS);
        let mut options = EmbeddedOptions::default();
        options.clock = clock;
        let broker = InMemoryBroker::with_options(options);
        let life = Life::start(&broker, &store, clock, &config, &plugins, &providers).await;
        let converters = life.worker.converters();
        let life = Some(life);
        TestWorker { broker, store, clock, config, plugins, providers, converters, patience, life, made: Vec::new() }
    }
}
