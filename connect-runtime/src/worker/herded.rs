//! What a herder needs of its worker beyond what everybody may ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Error, Result};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::changes::Changes;
use super::commands::Command;
use super::concerns::Difference;
use super::handle::Worker;
use super::made::{Doubts, Made};
use super::spawn::Environment;
use crate::progress::lock;

/// What is seen of a connector at a moment.
pub(crate) struct Seen {
    pub(crate) made: Made,
    /// The call of the connector itself that is under way, and since when.
    pub(crate) stage: Option<(&'static str, Instant)>,
    /// The split of each task.
    pub(crate) splits: Vec<String>,
}

impl Worker {
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.inner.environment
    }

    /// What is new to see of connectors; for one listener.
    pub(crate) fn changes(&self) -> &Arc<Changes> {
        &self.inner.environment.changes
    }

    /// Reads a configuration and has the connector check it. With it come warnings.
    pub(crate) async fn make(
        &self,
        properties: BTreeMap<String, String>,
        doubts: Doubts,
    ) -> Result<(Made, Vec<String>), ConfigErrors> {
        self.inner.environment.make(properties, doubts).await
    }

    pub(crate) fn seen(&self, name: &str) -> Result<Seen> {
        let connector = self.known(name)?;
        let view = lock(&connector.view);
        let splits = view.tasks.iter().map(|task| task.split.clone()).collect();
        Ok(Seen { made: view.made.clone(), stage: view.stage, splits })
    }

    pub(crate) fn difference(&self, old: &Made, new: &Made) -> Difference {
        Difference::between(old, new, self.plugins())
    }

    /// Gives a connector another configuration; done when its tasks are spawned, or it failed.
    ///
    /// # Errors
    /// A config error that lists the connectors there are.
    pub(crate) async fn reconfigure(&self, made: Made) -> Result<()> {
        let connector = self.known(made.job.name())?;
        let old = lock(&connector.view).made.clone();
        let concerns = self.difference(&old, &made).concerns();
        let (done, is_done) = oneshot::channel();
        let command = Command::Reconfigure { made: Box::new(made), concerns, done };
        let gone = || Error::fatal(format!("connector {:?} has ended", old.job.name()));
        connector.commands.send(command).await.map_err(|_| gone())?;
        is_done.await.map_err(|_| gone())
    }
}
