//! The herder of one worker by itself.

mod change;
mod gate;
mod keep;
mod names;
mod offsets;
mod open;
mod plan;
mod read;
mod record;
mod restart;
mod topics;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::{
    ActiveTopics, ConfigInput, ConfigPlan, ConnectorConfig, ConnectorInfo, ConnectorOffsets, ConnectorStateInfo,
    Herder, HerderError, Message, Put, Result, TaskInfo, TaskState,
};
use crate::progress::lock;
use crate::worker::{InitialState, Linked, RestartOptions, Target, Worker};
use gate::{Gates, Stage};
use keep::Kept;

/// The herder of one worker by itself. Clones are handles of the same herder.
///
/// A write is done when its answer comes: connectors run, tasks have their configurations, or have ended. What was said is
/// in the topics of [`WorkerConfig`](crate::WorkerConfig), as Kafka Connect's distributed workers write it, so that a herder
/// that is opened on the same broker later knows it.
#[derive(Clone)]
pub struct StandaloneHerder {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Worker,
    cluster_id: String,
    ready: AtomicBool,
    /// Every connector that has a configuration.
    book: Mutex<BTreeMap<Arc<str>, Entry>>,
    gates: Gates,
    kept: Kept,
    /// Connectors that the status topic knew at the start.
    once: BTreeSet<String>,
    /// Ends the recorder.
    end: mpsc::Sender<oneshot::Sender<()>>,
    _recorder: Linked<()>,
}

/// A connector as the herder knows it.
#[derive(Debug, Clone)]
struct Entry {
    config: Arc<ConnectorConfig>,
    target: Target,
    /// Whether it is in the topic of connectors; those of files are not.
    stored: bool,
    /// Why the worker does not have it, in the shape of a Java stack trace.
    broken: Option<String>,
}

impl Inner {
    fn entry(&self, name: &str) -> Option<Entry> {
        lock(&self.book).get(name).cloned()
    }

    /// Whether there is such a connector, with a configuration or started from code.
    fn knows(&self, name: &str) -> bool {
        lock(&self.book).contains_key(name) || self.worker.known(name).is_ok()
    }

    /// # Errors
    /// `NotFound` when there is none.
    fn must_know(&self, name: &str) -> Result<()> {
        if self.knows(name) { Ok(()) } else { Err(unknown(name)) }
    }

    fn target(&self, name: &str, target: Target) {
        if let Some(entry) = lock(&self.book).get_mut(name) {
            entry.target = target;
        }
    }
}

fn unknown(name: &str) -> HerderError {
    HerderError::not_found(format!("connector {name:?} not found"))
}

#[async_trait]
impl Herder for StandaloneHerder {
    fn worker(&self) -> &Worker {
        &self.inner.worker
    }

    fn cluster_id(&self) -> &str {
        &self.inner.cluster_id
    }

    fn is_ready(&self) -> bool {
        self.inner.ready.load(Ordering::Acquire)
    }

    fn connectors(&self) -> Vec<Arc<str>> {
        self.inner.names()
    }

    fn connector(&self, name: &str) -> Result<ConnectorInfo> {
        self.inner.info(name)
    }

    fn config(&self, name: &str) -> Result<ConnectorConfig> {
        self.inner.config(name)
    }

    fn status(&self, name: &str) -> Result<ConnectorStateInfo> {
        self.inner.status(name)
    }

    fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>> {
        self.inner.tasks(name)
    }

    fn task_status(&self, name: &str, task: usize) -> Result<TaskState> {
        self.inner.task_status(name, task)
    }

    fn active_topics(&self, name: &str) -> Result<ActiveTopics> {
        self.inner.active_topics(name)
    }

    async fn reset_active_topics(&self, name: &str) -> Result<()> {
        self.inner.reset_active_topics(name)
    }

    async fn create(&self, name: &str, config: ConfigInput, state: InitialState) -> Result<ConnectorInfo> {
        let work = move |of: Write| async move { of.herder.create(&of.name, config, state, &of.stage).await };
        self.write(name.trim(), "creation", work).await
    }

    async fn put_config(&self, name: &str, config: ConfigInput) -> Result<Put> {
        let work = move |of: Write| async move { of.herder.put_config(&of.name, config, &of.stage).await };
        self.write(name, "new configuration", work).await
    }

    async fn patch_config(&self, name: &str, patch: ConfigInput) -> Result<ConnectorInfo> {
        let work = move |of: Write| async move { of.herder.patch_config(&of.name, patch, &of.stage).await };
        self.write(name, "changed configuration", work).await
    }

    async fn plan(&self, name: &str, config: ConfigInput) -> Result<ConfigPlan> {
        let work = move |of: Write| async move { of.herder.plan(&of.name, config, &of.stage).await };
        self.look(name, "plan", work).await
    }

    async fn delete(&self, name: &str) -> Result<()> {
        let work = |of: Write| async move { of.herder.delete(&of.name, &of.stage).await };
        self.write(name, "deletion", work).await
    }

    async fn pause(&self, name: &str) -> Result<()> {
        let work = |of: Write| async move { of.herder.pause(&of.name, &of.stage).await };
        self.write(name, "pause", work).await
    }

    async fn resume(&self, name: &str) -> Result<()> {
        let work = |of: Write| async move { of.herder.resume(&of.name, &of.stage).await };
        self.write(name, "resumption", work).await
    }

    async fn stop(&self, name: &str) -> Result<()> {
        let work = |of: Write| async move { of.herder.stop(&of.name, &of.stage).await };
        self.write(name, "stop", work).await
    }

    async fn restart(&self, name: &str, options: RestartOptions) -> Result<Option<ConnectorStateInfo>> {
        let work = move |of: Write| async move { of.herder.restart(&of.name, options, &of.stage).await };
        if !options.include_tasks && !options.only_failed {
            self.write(name, "restart", work).await?;
            return Ok(None);
        }
        let planned = self.inner.planned_restart(name, options)?;
        let (herder, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            if let Err(error) = herder.write(&name, "restart", work).await {
                tracing::error!(connector = name, %error, "restart failed");
            }
        });
        Ok(Some(planned))
    }

    async fn restart_task(&self, name: &str, task: usize) -> Result<()> {
        let work = move |of: Write| async move { of.herder.restart_task(&of.name, task, &of.stage).await };
        self.write(name, "restart of a task", work).await
    }

    async fn offsets(&self, name: &str) -> Result<ConnectorOffsets> {
        let work = |of: Write| async move { of.herder.offsets(&of.name, &of.stage).await };
        self.look(name, "offsets", work).await
    }

    async fn alter_offsets(&self, name: &str, offsets: ConnectorOffsets) -> Result<Message> {
        let work = move |of: Write| async move { of.herder.alter_offsets(&of.name, offsets, &of.stage).await };
        self.write(name, "change of offsets", work).await
    }

    async fn reset_offsets(&self, name: &str) -> Result<Message> {
        let work = |of: Write| async move { of.herder.reset_offsets(&of.name, &of.stage).await };
        self.write(name, "reset of offsets", work).await
    }
}

/// A write of a connector.
struct Write {
    herder: Arc<Inner>,
    name: String,
    stage: Stage,
}

impl StandaloneHerder {
    async fn write<T, F>(&self, name: &str, what: &str, work: impl FnOnce(Write) -> F + Send + 'static) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
        T: Send + 'static,
    {
        self.through(name, name, what, work).await
    }

    /// Looks at what takes time to see, which needs no turn.
    async fn look<T, F>(&self, name: &str, what: &str, work: impl FnOnce(Write) -> F + Send + 'static) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
        T: Send + 'static,
    {
        // No connector's name has control characters.
        self.through(&format!("{name}\0{what}"), name, what, work).await
    }

    async fn through<T, F>(
        &self,
        gate: &str,
        name: &str,
        what: &str,
        work: impl FnOnce(Write) -> F + Send + 'static,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
        T: Send + 'static,
    {
        let (herder, owned) = (Arc::clone(&self.inner), name.to_owned());
        let work = move |stage: Stage| {
            // Waiting for the connector is waiting for the call that it is in.
            let (of, at) = (Arc::downgrade(&herder), owned.clone());
            stage.follow(move || of.upgrade()?.worker.seen(&at).ok()?.stage);
            work(Write { herder, name: owned, stage })
        };
        self.inner.gates.through(gate, format!("{what} of connector {name:?}"), work).await
    }
}

impl fmt::Debug for StandaloneHerder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandaloneHerder").field("connectors", &self.inner.names()).finish_non_exhaustive()
    }
}
