//! A worker from outside.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use connect_api::config::{ConfigErrors, ConfigKey};
use connect_api::{Error, Result};
use connect_kafka::Broker;
use futures::future::join_all;
use tokio::sync::{mpsc, oneshot};

use super::builder::WorkerBuilder;
use super::commands::Command;
use super::connector::{Job, TaskRecord};
use super::linked::Linked;
use super::made::{Doubts, Made, Renewed};
use super::spawn::Environment;
use super::status::ConnectorStatus;
use super::view::{self, SharedView};
use crate::clients::{Clients, ConsumerClient};
use crate::config::SinkOptions;
use crate::convert::Converters;
use crate::dry_run::DryRun;
use crate::infos::{self, ConfigInfos};
use crate::metrics::{Collect, MetricsSnapshot};
use crate::offsets::OffsetStore;
use crate::plugins::Plugins;
use crate::progress::lock;

/// Runs connectors. Clones are handles of the same worker; with the last one it ends, as if killed, so call
/// [`shutdown`](Self::shutdown) before.
///
/// Connectors are started from code with [`start_source`](Self::start_source) and
/// [`start_sink`](Self::start_sink), or from Connect configurations with [`create`](Self::create).
#[derive(Clone)]
pub struct Worker {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) environment: Arc<Environment>,
    pub(super) connectors: Mutex<BTreeMap<Arc<str>, Connector>>,
}

#[derive(Clone)]
pub(crate) struct Connector {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) view: SharedView,
    pub(super) _actor: Arc<Linked<()>>,
}

/// What a restart takes along.
#[derive(Debug, Clone, Copy, Default)]
pub struct RestartOptions {
    /// The tasks too, not only the connector itself.
    pub include_tasks: bool,
    /// Only what has failed.
    pub only_failed: bool,
}

impl Worker {
    /// Builds a worker on a broker.
    pub fn builder(broker: impl Broker) -> WorkerBuilder {
        Self::on(Arc::new(broker))
    }

    /// Builds a worker on a broker that others use too.
    pub fn on(broker: Arc<dyn Broker>) -> WorkerBuilder {
        Self::with_clients(Clients::shared(broker))
    }

    /// Builds a worker whose connectors have clients of their own, such as those of a Kafka cluster.
    pub fn with_clients(clients: Clients) -> WorkerBuilder {
        WorkerBuilder::new(clients)
    }

    pub(super) fn new(environment: Environment) -> Self {
        let inner = Inner { environment: Arc::new(environment), connectors: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// What can be named in configurations.
    #[must_use]
    pub fn plugins(&self) -> &Plugins {
        &self.inner.environment.plugins
    }

    /// The broker it works on, as the worker's own client sees it.
    #[must_use]
    pub fn broker(&self) -> &Arc<dyn Broker> {
        &self.inner.environment.broker
    }

    /// Where it keeps source offsets.
    #[must_use]
    pub fn offset_store(&self) -> &Arc<dyn OffsetStore> {
        &self.inner.environment.store
    }

    /// Bytes of records that are under way in all tasks, as far as the memory budget counts them.
    #[must_use]
    pub fn memory_used(&self) -> usize {
        self.inner.environment.budget.used()
    }

    /// Checks a Connect configuration as [`create`](Self::create) does, and starts nothing. The connector's own check
    /// is made whenever its own keys could be read.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    pub async fn validate(&self, properties: &BTreeMap<String, String>) -> Result<Vec<String>, ConfigErrors> {
        Ok(self.inner.environment.make(properties.clone(), Doubts::Tell).await?.1)
    }

    /// Checks a Connect configuration and answers with a row for each key, whatever is wrong with it. A key may be there
    /// without a value. `plugin` is the connector that it was sent to: `connector.class` must end like it.
    ///
    /// # Errors
    /// A config error when `connector.class` is missing, is not that plugin, or there is no such connector.
    pub async fn config_infos(
        &self,
        plugin: &str,
        properties: &BTreeMap<String, Option<String>>,
    ) -> Result<ConfigInfos> {
        self.inner.environment.config_infos(plugin, properties).await
    }

    /// The keys of a plugin of any kind; a connector's own first, then those of every connector. None when there is no
    /// such plugin.
    ///
    /// # Errors
    /// A config error: the plugin is not there in this version, or range of versions.
    pub fn plugin_config(&self, class: &str, version: Option<&str>) -> Result<Option<Vec<ConfigKey>>> {
        infos::plugin_config(self.plugins(), class, version)
    }

    /// Reads the transforms, predicates and converters of a Connect configuration, to try them on records. What else
    /// is in the configuration, its connector too, is not looked at.
    ///
    /// # Errors
    /// What is wrong with these keys.
    pub async fn dry_run(&self, properties: &BTreeMap<String, String>) -> Result<DryRun, ConfigErrors> {
        DryRun::new(&self.inner.environment, properties).await
    }

    /// All numbers of the worker as they are now; see [`metrics`](crate::metrics). It waits for nothing.
    #[must_use]
    pub fn metrics(&self) -> MetricsSnapshot {
        let connectors = lock(&self.inner.connectors).clone();
        let environment = &self.inner.environment;
        let mut collect = Collect::new(&environment.metrics, &environment.config);
        collect.memory(environment.config.memory_budget, self.memory_used());
        for connector in connectors.values() {
            view::measure(&mut collect, &environment.config, &environment.plugins, &connector.view);
        }
        collect.done()
    }

    /// Names of all connectors, sorted.
    #[must_use]
    pub fn connectors(&self) -> Vec<Arc<str>> {
        lock(&self.inner.connectors).keys().cloned().collect()
    }

    /// What a connector and its tasks are doing.
    ///
    /// # Errors
    /// A config error that lists the connectors there are.
    pub fn status(&self, name: &str) -> Result<ConnectorStatus> {
        let connector = self.known(name)?;
        let config = &self.inner.environment.config;
        Ok(view::status(&config.worker_id, config.progress_deadline.duration(), &connector.view))
    }

    /// The configuration a connector was created with, as it was written: with variables, not their values. None
    /// when it was started from code.
    ///
    /// # Errors
    /// A config error that lists the connectors there are.
    pub fn config(&self, name: &str) -> Result<Option<BTreeMap<String, String>>> {
        Ok(self.made(name)?.properties.map(|properties| properties.as_ref().clone()))
    }

    /// Pauses a connector: its tasks stay, and wait.
    ///
    /// # Errors
    /// A config error that lists the connectors there are.
    pub async fn pause(&self, name: &str) -> Result<()> {
        self.ask(name, Command::Pause).await
    }

    /// Ends [`pause`](Self::pause) or [`stop`](Self::stop). A connector without tasks is given the values that config
    /// providers have now.
    ///
    /// # Errors
    /// A config error that lists the connectors there are, or says what is wrong with the values there are now.
    pub async fn resume(&self, name: &str) -> Result<()> {
        let renewed = self.renewed(name).await?;
        self.ask(name, |answer| Command::Resume(renewed, answer)).await
    }

    /// Ends a connector's tasks; it stays, STOPPED.
    ///
    /// # Errors
    /// A config error that lists the connectors there are; a fatal one that says which tasks did not stop in
    /// time, were aborted, and what they were doing. The connector is STOPPED then too.
    pub async fn stop(&self, name: &str) -> Result<()> {
        self.ask(name, Command::Stop).await
    }

    /// Restarts a connector. When config providers have other values now, all its tasks are restarted with them.
    ///
    /// # Errors
    /// As [`stop`](Self::stop), or a config error with what is wrong with the values there are now; nothing is restarted
    /// then.
    pub async fn restart(&self, name: &str, options: RestartOptions) -> Result<()> {
        let RestartOptions { include_tasks, only_failed } = options;
        let renewed = self.renewed(name).await?;
        self.ask(name, |answer| Command::Restart { include_tasks, only_failed, renewed, answer }).await
    }

    /// Restarts a task; all tasks when config providers have other values now.
    ///
    /// # Errors
    /// As [`restart`](Self::restart), or a config error when there is no such task.
    pub async fn restart_task(&self, name: &str, task: usize) -> Result<()> {
        let renewed = self.renewed(name).await?;
        self.ask(name, |answer| Command::RestartTask(task, renewed, answer)).await
    }

    /// Stops a connector and forgets it. Its offsets stay.
    ///
    /// # Errors
    /// As [`stop`](Self::stop).
    pub async fn delete(&self, name: &str) -> Result<()> {
        let stopped = self.ask(name, Command::Shutdown).await;
        lock(&self.inner.connectors).remove(name);
        stopped
    }

    /// Stops all connectors, each within `task.shutdown.graceful.timeout.ms`, all at the same time.
    ///
    /// # Errors
    /// A fatal error that says which tasks did not stop in time, were aborted, and what they were doing.
    pub async fn shutdown(&self) -> Result<()> {
        let connectors = std::mem::take(&mut *lock(&self.inner.connectors));
        let stopped = join_all(connectors.values().map(|connector| send(connector, Command::Shutdown))).await;
        let late: Vec<_> = connectors
            .keys()
            .zip(stopped)
            .filter_map(|(name, stopped)| Some(format!("{name}: {}", stopped.err()?)))
            .collect();
        if late.is_empty() { Ok(()) } else { Err(Error::fatal(late.join("; "))) }
    }

    /// Every connector, as [`start`](Self::start) takes it.
    pub(crate) fn made_connectors(&self) -> Vec<Made> {
        lock(&self.inner.connectors).values().map(|known| lock(&known.view).made.clone()).collect()
    }

    /// A connector of an earlier worker, with the values that config providers have now.
    pub(crate) async fn adopted(&self, made: Made) -> Result<Made> {
        let again = self.inner.environment.make_again(&made).await?;
        Ok(again.map_or(made, |again| *again))
    }

    /// What connectors without converters of their own convert with.
    pub(crate) fn converters(&self) -> Converters {
        let environment = &self.inner.environment;
        Converters {
            key: environment.key_converter.clone(),
            value: environment.value_converter.clone(),
            header: environment.header_converter.clone(),
        }
    }

    pub(super) fn job(&self, name: &str) -> Result<Job> {
        Ok(self.made(name)?.job)
    }

    fn made(&self, name: &str) -> Result<Made> {
        let connector = self.known(name)?;
        let made = lock(&connector.view).made.clone();
        Ok(made)
    }

    /// What a sink reads with.
    pub(super) fn consumer(&self, options: &SinkOptions) -> Result<ConsumerClient> {
        self.inner.environment.consumer(options, 0)
    }

    /// The connector as its configuration makes it now, if config providers have other values than before.
    async fn renewed(&self, name: &str) -> Result<Renewed> {
        self.inner.environment.make_again(&self.made(name)?).await
    }

    pub(super) fn records(&self, name: &str) -> Result<Vec<Arc<TaskRecord>>> {
        Ok(view::records(&self.known(name)?.view))
    }

    pub(crate) fn known(&self, name: &str) -> Result<Connector> {
        let connectors = lock(&self.inner.connectors);
        connectors.get(name).cloned().ok_or_else(|| {
            let known: Vec<_> = connectors.keys().map(|name| &**name).collect();
            let known = if known.is_empty() { "none".into() } else { known.join(", ") };
            Error::config(format!("no connector named {name:?}; there are: {known}"))
        })
    }

    async fn ask(&self, name: &str, command: impl FnOnce(oneshot::Sender<Result<()>>) -> Command) -> Result<()> {
        send(&self.known(name)?, command).await
    }
}

async fn send(connector: &Connector, command: impl FnOnce(oneshot::Sender<Result<()>>) -> Command) -> Result<()> {
    let (answer, answered) = oneshot::channel();
    let gone = || Error::fatal(format!("connector {:?} has ended", lock(&connector.view).made.job.name()));
    connector.commands.send(command(answer)).await.map_err(|_| gone())?;
    answered.await.map_err(|_| gone())?
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("connectors", &self.connectors()).finish_non_exhaustive()
    }
}
