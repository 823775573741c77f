//! Configurations: new ones, other ones, changed ones.

use std::sync::Arc;

use super::super::{ConfigInput, ConnectorConfig, ConnectorInfo, HerderError, HerderErrorKind, Put, Result};
use super::gate::VALIDATE;
use super::names::{patched, whole};
use super::write::from_worker;
use super::{Entry, Inner, Stage, unknown};
use crate::progress::lock;
use crate::worker::{Doubts, InitialState, Made, Target};

impl Inner {
    pub(super) async fn create(
        self: &Arc<Self>,
        name: &str,
        config: ConfigInput,
        state: InitialState,
        stage: &Stage,
    ) -> Result<ConnectorInfo> {
        let config = whole(name, config)?;
        let made = self.make(name, &config, Doubts::Tell, stage).await?;
        if self.knows(name) {
            return Err(exists(name));
        }
        self.add(made, config, state.into(), true, stage).await?;
        self.info(name)
    }

    pub(super) async fn put_config(self: &Arc<Self>, name: &str, config: ConfigInput, stage: &Stage) -> Result<Put> {
        let config = whole(name, config)?;
        let made = self.make(name, &config, Doubts::Tell, stage).await?;
        let created = !self.knows(name);
        match self.entry(name) {
            None => self.add(made, config, Target::Started, true, stage).await?,
            Some(entry) => self.change(entry, made, config, stage).await?,
        }
        Ok(Put { created, info: self.info(name)? })
    }

    pub(super) async fn patch_config(
        self: &Arc<Self>,
        name: &str,
        patch: ConfigInput,
        stage: &Stage,
    ) -> Result<ConnectorInfo> {
        let entry = self.entry(name).ok_or_else(|| unknown(name))?;
        let config = patched(name, &entry.config, patch)?;
        let made = self.make(name, &config, Doubts::Tell, stage).await?;
        self.change(entry, made, config, stage).await?;
        self.info(name)
    }

    /// Reads a configuration, and has its connector check it.
    pub(super) async fn make(
        &self,
        name: &str,
        config: &ConnectorConfig,
        doubts: Doubts,
        stage: &Stage,
    ) -> Result<Made> {
        stage.enter(VALIDATE);
        let (made, warnings) = self.worker.make(config.clone(), doubts).await.map_err(HerderError::config)?;
        for warning in warnings {
            tracing::warn!(connector = name, "{warning}");
        }
        Ok(made)
    }

    /// Begins a connector that is not there yet.
    pub(super) async fn add(
        self: &Arc<Self>,
        made: Made,
        config: ConnectorConfig,
        target: Target,
        stored: bool,
        stage: &Stage,
    ) -> Result<()> {
        let name = Arc::clone(made.job.name());
        if self.worker.known(&name).is_ok() {
            let message = format!("connector {name:?} was started by the program, and has no configuration");
            return Err(HerderError::new(HerderErrorKind::Conflict, message));
        }
        if stored {
            self.keep_config(&name, &config, target, stage).await?;
        }
        let entry = Entry { config: Arc::new(config), target, stored, broken: None };
        lock(&self.book).insert(Arc::clone(&name), entry);
        stage.enter("splits");
        self.worker.start(made, target).await.map_err(|error| from_worker(&error))?;
        self.keep_tasks(&name, stage).await
    }

    /// Gives a connector that is there another configuration.
    pub(super) async fn change(
        self: &Arc<Self>,
        entry: Entry,
        made: Made,
        config: ConnectorConfig,
        stage: &Stage,
    ) -> Result<()> {
        let name = Arc::clone(made.job.name());
        self.keep_config(&name, &config, entry.target, stage).await?;
        let entry = Entry { config: Arc::new(config), stored: true, broken: None, ..entry };
        let target = entry.target;
        lock(&self.book).insert(Arc::clone(&name), entry);
        stage.enter("splits");
        let changed = match self.worker.known(&name) {
            Ok(_) => self.worker.reconfigure(made).await,
            Err(_) => self.worker.start(made, target).await,
        };
        changed.map_err(|error| from_worker(&error))?;
        self.keep_tasks(&name, stage).await
    }

    /// Starts a connector that the worker could not make before; says whether it is such a one.
    pub(super) async fn mended(self: &Arc<Self>, name: &str, stage: &Stage) -> Result<bool> {
        let Some(entry) = self.entry(name).filter(|entry| entry.broken.is_some()) else { return Ok(false) };
        let made = self.make(name, &entry.config, Doubts::Warn, stage).await?;
        let config = ConnectorConfig::clone(&entry.config);
        self.change(entry, made, config, stage).await?;
        Ok(true)
    }
}

pub(super) fn exists(name: &str) -> HerderError {
    HerderError::new(HerderErrorKind::Conflict, format!("there is a connector named {name:?} already"))
}
