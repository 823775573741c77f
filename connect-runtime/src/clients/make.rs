//! Where clients come from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connect_api::config::ConfigErrors;
use connect_api::{Error, Result};
use connect_kafka::{Broker, EmbeddedBroker, KeyErrors, WireBroker, WireConfig};

use super::ClientSettings;
use crate::config::WorkerConfig;

type Properties = BTreeMap<String, String>;
type Make = dyn Fn(&Properties) -> Result<Arc<dyn Broker>> + Send + Sync;

/// Makes the clients of a worker and its connectors.
///
/// Each task has clients of its own, one for each role, with the properties of that role. On a Kafka cluster that keeps
/// one task's requests from waiting behind another's: a broker answers those of a connection one after the other.
#[derive(Clone)]
pub struct Clients {
    way: Way,
    /// What the worker's own clients are told.
    worker: Arc<Properties>,
    /// Whether properties about connections mean anything.
    connects: bool,
}

#[derive(Clone)]
enum Way {
    /// One broker for all.
    Shared(Arc<dyn Broker>),
    Kafka(Arc<AtomicU64>),
    Custom(Arc<Make>),
}

impl Clients {
    /// All of them are this broker, such as an embedded one. Properties about connections mean nothing then.
    #[must_use]
    pub fn shared(broker: Arc<dyn Broker>) -> Self {
        Self { way: Way::Shared(broker), worker: Arc::default(), connects: false }
    }

    /// Clients of a Kafka cluster. Of a worker's properties those that have no prefix are for its own clients:
    /// `bootstrap.servers`, `security.protocol`, `sasl.*`, `ssl.*` and so on, see [`WireConfig`].
    ///
    /// Nothing is asked of the cluster yet.
    ///
    /// # Errors
    /// Everything that is wrong with the properties.
    pub fn kafka(worker: Properties) -> Result<Self, ConfigErrors> {
        let clients = Self { way: Way::Kafka(Arc::default()), worker: Arc::new(worker), connects: true };
        clients.check(&clients.worker).into_result()?;
        Ok(clients)
    }

    /// Clients that `make` makes of properties: a worker's own, or those of a connector's client.
    #[must_use]
    pub fn custom(
        worker: Properties,
        make: impl Fn(&Properties) -> Result<Arc<dyn Broker>> + Send + Sync + 'static,
    ) -> Self {
        Self { way: Way::Custom(Arc::new(make)), worker: Arc::new(worker), connects: false }
    }

    /// With the same checks of properties, but nobody is reached: for validating only.
    #[must_use]
    pub fn offline(mut self) -> Self {
        self.way = Way::Shared(Arc::new(EmbeddedBroker::new()));
        self
    }

    /// Checks what a worker's configuration says of clients. Gives what an operator should hear of it.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    pub fn validate(&self, config: &WorkerConfig) -> Result<Vec<String>, ConfigErrors> {
        ClientSettings::new(self.clone(), config).map(|(_, warnings)| warnings)
    }

    /// The worker's own properties.
    pub(super) fn worker(&self) -> &Properties {
        &self.worker
    }

    /// The worker's own client.
    pub(crate) fn own(&self) -> Result<Arc<dyn Broker>> {
        let mut properties = self.worker.as_ref().clone();
        properties.entry("client.id".to_owned()).or_insert_with(|| "connect-worker".to_owned());
        self.make(&properties)
    }

    /// What is wrong with the properties of a client, as far as they are about its connections.
    pub(super) fn check(&self, properties: &Properties) -> ConfigErrors {
        match self.connects {
            true => WireConfig::from_properties(properties).err().map(errors).unwrap_or_default(),
            false => ConfigErrors::new(),
        }
    }

    pub(super) fn make(&self, properties: &Properties) -> Result<Arc<dyn Broker>> {
        match &self.way {
            Way::Shared(broker) => Ok(Arc::clone(broker)),
            Way::Custom(make) => make(properties),
            Way::Kafka(made) => {
                let config = WireConfig::from_properties(properties).map_err(|wrong| Error::from(errors(wrong)))?;
                // Clients that lose a broker at the same time are not to come back at the same time.
                let config = config.with_seed(made.fetch_add(1, Ordering::Relaxed));
                let broker = WireBroker::new(config)
                    .map_err(|error| Error::config("no client can be made of the properties").with_source(error))?;
                Ok(Arc::new(broker))
            }
        }
    }

    /// How long the cluster may take to answer when the worker starts; none when it is in this process.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let millis = self.worker.get("default.api.timeout.ms").and_then(|text| text.trim().parse().ok());
        (!matches!(self.way, Way::Shared(_))).then(|| Duration::from_millis(millis.unwrap_or(60_000)))
    }

    /// How often consumers look for topics, unless told.
    pub(super) fn refresh(&self) -> Duration {
        // Kafka's default, or what costs nothing in this process.
        Duration::from_secs(if matches!(self.way, Way::Shared(_)) { 1 } else { 300 })
    }
}

fn errors(wrong: KeyErrors) -> ConfigErrors {
    let mut errors = ConfigErrors::new();
    for error in wrong.0 {
        errors.add(error.key, None, error.message);
    }
    errors
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::Shared(_) => "Clients::shared",
            Way::Kafka(_) => "Clients::kafka",
            Way::Custom(_) => "Clients::custom",
        })
    }
}
