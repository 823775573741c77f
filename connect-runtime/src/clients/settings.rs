//! From the properties of a worker and a connector to each of the connector's clients.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_api::config::ConfigErrors;
use connect_api::{Error, Result, TaskId};
use connect_kafka::Broker;
use connect_kafka::producer::ProducerConfig;

use super::layers::Layers;
use super::policy::Policy;
use super::{Clients, ConsumerClient, ProducerClient, consumer, producer};
use crate::config::WorkerConfig;
use crate::plugins::PluginKind;

type Properties = BTreeMap<String, String>;

/// A worker's part of what its connectors' clients are told.
#[derive(Clone)]
pub(crate) struct ClientSettings {
    clients: Clients,
    producer: Properties,
    consumer: Properties,
    admin: Properties,
    policy: Policy,
    topic_creation: bool,
}

impl ClientSettings {
    /// With it come warnings.
    ///
    /// # Errors
    /// Everything that is wrong in the worker's configuration.
    pub(crate) fn new(clients: Clients, config: &WorkerConfig) -> Result<(Self, Vec<String>), ConfigErrors> {
        let mut errors = ConfigErrors::new();
        let policy = Policy::read(&config.override_policy, &config.override_allowlist).unwrap_or_else(|wrong| {
            errors.merge(wrong);
            Policy::All
        });
        let settings = Self {
            clients,
            producer: config.producer.0.clone(),
            consumer: config.consumer.0.clone(),
            admin: config.admin.0.clone(),
            policy,
            topic_creation: config.topic_creation,
        };
        let none = Properties::new();
        errors.merge(settings.read(&none, PluginKind::Source));
        errors.merge(settings.read(&none, PluginKind::Sink));
        errors.into_result()?;
        let mut warnings = settings.producer_layers(&none, "").unread::<producer::Keys>("producer.");
        warnings.extend(settings.consumer_layers(&none, "").unread::<consumer::Keys>("consumer."));
        let admin = settings.admin_layers(&none, "").unread::<()>("admin.");
        // Where a worker's REST server listens begins the same.
        warnings.extend(admin.into_iter().filter(|warning| !warning.contains("\"admin.listeners")));
        Ok((settings, warnings))
    }

    /// Whether the broker is a cluster that others may use too.
    pub(crate) fn is_cluster(&self) -> bool {
        self.clients.patience().is_some()
    }

    /// Whether sources may make their topics.
    pub(crate) fn topic_creation(&self) -> bool {
        self.topic_creation
    }

    /// What is wrong with a connector's properties for its clients, and what its operator should hear of them.
    pub(crate) fn check(&self, connector: &Properties, kind: PluginKind) -> (ConfigErrors, Vec<String>) {
        let mut errors = self.policy.check(connector);
        errors.merge(self.read(connector, kind));
        let mut warnings = self.producer_layers(connector, "").unread::<producer::Keys>("producer.override.");
        warnings.extend(self.consumer_layers(connector, "").unread::<consumer::Keys>("consumer.override."));
        warnings.extend(self.admin_layers(connector, "").unread::<()>("admin.override."));
        (errors, warnings)
    }

    /// Reads all that a connector of this kind may have clients of.
    fn read(&self, connector: &Properties, kind: PluginKind) -> ConfigErrors {
        let mut errors = ConfigErrors::new();
        let mut layers = vec![self.producer_layers(connector, ""), self.admin_layers(connector, "")];
        let producer = ProducerClient::read(layers[0].clone(), ProducerConfig::default());
        errors.merge(producer.err().unwrap_or_default());
        if kind == PluginKind::Sink {
            let consumer = self.consumer_layers(connector, "");
            errors.merge(ConsumerClient::read(consumer.clone(), "", Duration::ZERO).err().unwrap_or_default());
            layers.push(consumer);
        }
        for layers in layers {
            for error in layers.blame(self.clients.check(layers.properties())) {
                // Of a key with two readers the first one's error is enough.
                if errors.of(&error.key).next().is_none() {
                    errors.add(error.key, error.value, error.message);
                }
            }
        }
        errors
    }

    /// The producer called `client_id`; `base` is what no property says.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(crate) fn producer(
        &self,
        connector: &Properties,
        client_id: &str,
        base: ProducerConfig,
    ) -> Result<ProducerClient, ConfigErrors> {
        ProducerClient::read(self.producer_layers(connector, client_id), base)
    }

    /// The consumer of a sink's task.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(crate) fn consumer(&self, connector: &Properties, id: &TaskId) -> Result<ConsumerClient, ConfigErrors> {
        let layers = self.consumer_layers(connector, &format!("connector-consumer-{id}"));
        ConsumerClient::read(layers, &id.connector, self.clients.refresh())
    }

    /// A client for a producer.
    ///
    /// # Errors
    /// It cannot be made, such as for a certificate that is gone.
    pub(crate) fn producing(&self, producer: &ProducerClient) -> Result<Arc<dyn Broker>> {
        self.clients.make(&producer.properties).map_err(|error| error.context("producer"))
    }

    /// A client for a consumer.
    ///
    /// # Errors
    /// As [`producing`](Self::producing).
    pub(crate) fn consuming(&self, consumer: &ConsumerClient) -> Result<Arc<dyn Broker>> {
        self.clients.make(&consumer.properties).map_err(|error| error.context("consumer"))
    }

    /// A client for creating topics.
    ///
    /// # Errors
    /// As [`producing`](Self::producing).
    pub(crate) fn admin(&self, connector: &Properties, client_id: &str) -> Result<Arc<dyn Broker>> {
        let layers = self.admin_layers(connector, client_id);
        self.clients.make(layers.properties()).map_err(|error: Error| error.context("admin client"))
    }

    pub(super) fn producer_layers(&self, connector: &Properties, client_id: &str) -> Layers {
        let layers = Layers::default().stripped(&self.producer, "producer.");
        self.for_connector(layers.prefixed(connector, "producer.override."), client_id)
    }

    pub(super) fn consumer_layers(&self, connector: &Properties, client_id: &str) -> Layers {
        let layers = Layers::default().stripped(&self.consumer, "consumer.");
        self.for_connector(layers.prefixed(connector, "consumer.override."), client_id)
    }

    pub(super) fn admin_layers(&self, connector: &Properties, client_id: &str) -> Layers {
        let layers = Layers::default().connection(self.clients.worker()).stripped(&self.admin, "admin.");
        self.for_connector(layers.prefixed(connector, "admin.override."), client_id)
    }

    /// Of the worker's own properties connectors' clients have the cluster only.
    fn for_connector(&self, mut layers: Layers, client_id: &str) -> Layers {
        if let Some(servers) = self.clients.worker().get("bootstrap.servers") {
            layers = layers.or("bootstrap.servers", servers);
        }
        layers.or("client.id", client_id)
    }
}
