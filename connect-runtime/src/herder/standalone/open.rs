//! The beginning and the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use connect_api::{Error, Result};
use connect_kafka::Isolation;
use futures::stream::{self, StreamExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::super::store::{ConfigState, StateTopic, StatusState};
use super::super::{ConnectorConfig, ConnectorInfo, HerderError};
use super::gate::Gates;
use super::keep::Kept;
use super::record::Recorder;
use super::{Entry, Inner, Stage, StandaloneHerder, Write};
use crate::config::WorkerConfig;
use crate::offsets::TopicOffsetSettings;
use crate::offsets::topic::prepare::Keeps;
use crate::progress::lock;
use crate::worker::{Doubts, InitialState, Linked, Target, Worker};

const CONFIGS: Keeps = Keeps { what: "configurations", key: "config.storage.topic" };
const STATUSES: Keeps = Keeps { what: "states", key: "status.storage.topic" };

/// How many connectors are started at the same time.
const AT_ONCE: usize = 8;

impl StandaloneHerder {
    /// A herder of this worker, which knows what its topics have: `config.storage.topic` and `status.storage.topic`, on the
    /// worker's broker, made if they are not there. Nothing is started yet, see [`start`](Self::start).
    ///
    /// # Errors
    /// A config error when a topic is not what it has to be, or belongs to distributed workers; otherwise that the broker
    /// does not answer, or refuses what it is asked.
    pub async fn open(worker: Worker) -> Result<Self> {
        let environment = Arc::clone(worker.environment());
        let config = &environment.config;
        let limit = config.request_timeout.duration();
        let answer = timeout(limit, worker.broker().cluster_id()).await;
        let answer = answer.map_err(|_| Error::fatal(format!("the broker did not answer within {limit:?}")))?;
        let cluster_id = answer.map_err(|error| Error::fatal("the broker was asked for its id").with_source(error))?;

        let mut configs = ConfigState::default();
        let settings = settings(&environment, &config.config_topic, 1, config.config_replication);
        let each = |offset: i64, key: Option<&[u8]>, value: Option<&[u8]>| drop(configs.apply(offset, key, value));
        let topic = open_topic(&worker, settings, CONFIGS, each).await?;
        if configs.session_key().is_some() && environment.clients.is_cluster() {
            return Err(Error::config(format!(
                "topic {:?} belongs to distributed workers: it has their session key. Their connectors would run twice; \
                 name another topic in config.storage.topic, or leave it blank to keep connectors in memory",
                config.config_topic
            )));
        }
        let mut statuses = StatusState::default();
        let settings = settings_of_statuses(&environment, config);
        let each = |_, key: Option<&[u8]>, value: Option<&[u8]>| statuses.apply(key, value);
        let status_topic = open_topic(&worker, settings, STATUSES, each).await?;
        for used in statuses.topics() {
            worker.changes().used_before(&used.connector, &used.topic, (used.task, used.timestamp));
        }

        let changes = Arc::clone(worker.changes());
        let (end, ends) = mpsc::channel(1);
        let inner = Arc::new_cyclic(|herder: &Weak<Inner>| {
            let recorder = Recorder::new(Weak::clone(herder), changes, status_topic, statuses.clone());
            Inner {
                worker,
                cluster_id,
                ready: AtomicBool::new(false),
                book: Mutex::new(book(&configs)),
                gates: Gates::new(limit),
                kept: Kept {
                    topic,
                    targets: Mutex::new(
                        configs.targets().iter().map(|(name, target)| (name.clone(), Some(*target))).collect(),
                    ),
                    tasks: tokio::sync::Mutex::new(tasks(&configs)),
                },
                once: statuses.connectors(),
                end,
                _recorder: Linked::spawn(recorder.run(ends)),
            }
        });
        Ok(Self { inner })
    }

    /// Creates a connector that a file describes: it is there for as long as it is created at every start, and the topic of
    /// connectors is not told of it. One that was changed with [`put_config`](super::super::Herder::put_config) since is in
    /// the topic; the file wins then. A target state that was kept goes before `state`.
    ///
    /// # Errors
    /// As [`create`](super::super::Herder::create).
    pub async fn create_from_file(
        &self,
        config: ConnectorConfig,
        state: InitialState,
    ) -> super::super::Result<ConnectorInfo> {
        let name = config.get("name").map_or("", |name| name.trim()).to_owned();
        let work = move |of: Write| async move { of.herder.from_file(&of.name, config, state.into(), &of.stage).await };
        self.write(&name, "creation", work).await
    }

    /// Starts the connectors that the topic has, as far as they can be: one whose configuration cannot be read any more
    /// has FAILED. Then what is known of connectors that are no more is forgotten.
    ///
    /// *Cancellation*: what was begun goes on.
    pub async fn start(&self) {
        let names: Vec<_> = lock(&self.inner.book).keys().cloned().collect();
        let waiting = names.into_iter().filter(|name| self.inner.worker.known(name).is_err());
        stream::iter(waiting)
            .for_each_concurrent(AT_ONCE, async |name| {
                let work = |of: Write| async move { of.herder.begin(&of.name, &of.stage).await };
                if let Err(error) = self.write(&name, "start", work).await {
                    tracing::error!(connector = %name, %error, "the connector could not be started");
                    self.inner.note_broken(&name, &error);
                }
            })
            .await;
        self.inner.ready.store(true, Ordering::Release);
        for gone in self.inner.once.iter().filter(|name| !self.inner.knows(name)) {
            self.inner.worker.changes().forget_used(gone);
        }
        let orphans: Vec<_> =
            lock(&self.inner.kept.targets).keys().filter(|name| !self.inner.knows(name)).cloned().collect();
        for name in orphans {
            let work = |of: Write| async move { of.herder.forget(&of.name, &of.stage).await };
            if let Err(error) = self.write(&name, "clean-up", work).await {
                tracing::warn!(connector = name, %error, "a target state without a connector could not be removed");
            }
        }
    }

    /// Stops all connectors, each within `task.shutdown.graceful.timeout.ms`, and says so in the status topic.
    ///
    /// # Errors
    /// As [`Worker::shutdown`].
    pub async fn shutdown(&self) -> Result<()> {
        let stopped = self.inner.worker.shutdown().await;
        let (done, is_done) = oneshot::channel();
        if self.inner.end.send(done).await.is_ok() {
            // It has a limit of its own, the producer's.
            let _ = is_done.await;
        }
        stopped
    }
}

impl Inner {
    async fn from_file(
        self: &Arc<Self>,
        name: &str,
        config: ConnectorConfig,
        target: Target,
        stage: &Stage,
    ) -> super::super::Result<ConnectorInfo> {
        let made = self.make(name, &config, Doubts::Warn, stage).await?;
        match self.entry(name) {
            Some(entry) if self.worker.known(name).is_err() => self.change(entry, made, config, stage).await?,
            Some(_) => return Err(super::change::exists(name)),
            None => {
                let target = self.kept.target(name).unwrap_or(target);
                self.add(made, config, target, false, stage).await?;
            }
        }
        self.info(name)
    }

    /// Starts a connector of the topic.
    async fn begin(self: &Arc<Self>, name: &str, stage: &Stage) -> super::super::Result<()> {
        let Some(entry) = self.entry(name).filter(|_| self.worker.known(name).is_err()) else { return Ok(()) };
        let made = self.make(name, &entry.config, Doubts::Warn, stage).await?;
        stage.enter("splits");
        let started = self.worker.start(made, entry.target).await;
        started.map_err(|error| HerderError::internal(&error))?;
        self.keep_tasks(name, stage).await
    }

    fn note_broken(&self, name: &str, error: &HerderError) {
        // One that the worker has, but whose splits take long, is not broken.
        if self.worker.known(name).is_ok() {
            return;
        }
        if let Some(entry) = lock(&self.book).get_mut(name) {
            entry.broken = Some(Error::config(error.to_string()).trace());
        }
        self.worker.changes().note(&name.into());
    }
}

async fn open_topic(
    worker: &Worker,
    settings: Option<TopicOffsetSettings>,
    keeps: Keeps,
    each: impl FnMut(i64, Option<&[u8]>, Option<&[u8]>) + Send,
) -> Result<Option<StateTopic>> {
    match settings {
        Some(settings) => {
            let opened = StateTopic::open(Arc::clone(worker.broker()), settings, keeps, each).await;
            opened.map(Some).map_err(|error| error.context(format!("{} (blank: keep them in memory)", keeps.key)))
        }
        None => Ok(None),
    }
}

fn settings(
    environment: &crate::worker::Environment,
    topic: &str,
    partitions: i32,
    replication_factor: i16,
) -> Option<TopicOffsetSettings> {
    let topic = topic.trim();
    (!topic.is_empty()).then(|| {
        let mut settings = TopicOffsetSettings::new(topic);
        settings.partitions = partitions;
        settings.replication_factor = replication_factor;
        settings.isolation = Isolation::ReadUncommitted;
        settings.producer.client_id = format!("{topic}-writer");
        settings.producer.clock = environment.clock;
        settings
    })
}

fn settings_of_statuses(
    environment: &crate::worker::Environment,
    config: &WorkerConfig,
) -> Option<TopicOffsetSettings> {
    settings(environment, &config.status_topic, config.status_partitions, config.status_replication)
}

/// The connectors of the topic. A value that is null counts as none.
fn book(configs: &ConfigState) -> std::collections::BTreeMap<Arc<str>, Entry> {
    let entries = configs.connectors().iter().map(|(name, config)| {
        let target = configs.targets().get(name).copied().unwrap_or(Target::Started);
        let entry = Entry { config: Arc::new(written(config)), target, stored: true, broken: None };
        (Arc::from(name.as_str()), entry)
    });
    entries.collect()
}

fn tasks(configs: &ConfigState) -> std::collections::BTreeMap<String, Vec<ConnectorConfig>> {
    let names = configs.connectors().keys();
    names.map(|name| (name.clone(), configs.tasks(name).into_iter().map(written).collect())).collect()
}

fn written(config: &std::collections::BTreeMap<String, Option<String>>) -> ConnectorConfig {
    config.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect()
}
