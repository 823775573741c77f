//! Connectors that come, wait, go on, stop and go.

use std::sync::Arc;

use connect_api::Error;

use super::super::{HerderError, Result};
use super::{Inner, Stage};
use crate::progress::lock;
use crate::worker::Target;

impl Inner {
    pub(super) async fn pause(&self, name: &str, stage: &Stage) -> Result<()> {
        self.must_know(name)?;
        self.keep_target(name, Target::Paused, stage).await?;
        stage.enter("pause");
        self.of_worker(name, self.worker.pause(name).await)
    }

    pub(super) async fn resume(self: &Arc<Self>, name: &str, stage: &Stage) -> Result<()> {
        self.must_know(name)?;
        self.keep_target(name, Target::Started, stage).await?;
        if self.mended(name, stage).await? {
            return Ok(());
        }
        stage.enter("resume");
        self.of_worker(name, self.worker.resume(name).await)
    }

    pub(super) async fn stop(&self, name: &str, stage: &Stage) -> Result<()> {
        self.must_know(name)?;
        self.keep_target(name, Target::Stopped, stage).await?;
        stage.enter("stop");
        match self.worker.stop(name).await {
            // It is stopped all the same; which task was ended the hard way, in which call, is logged.
            Err(error) if self.worker.known(name).is_ok() => {
                tracing::warn!(connector = name, %error, "tasks were ended the hard way");
                Ok(())
            }
            stopped => self.of_worker(name, stopped),
        }
    }

    pub(super) async fn delete(&self, name: &str, stage: &Stage) -> Result<()> {
        self.must_know(name)?;
        self.forget(name, stage).await?;
        stage.enter("stop");
        if let Err(error) = self.worker.delete(name).await
            && self.entry(name).is_none_or(|entry| entry.broken.is_none())
        {
            tracing::warn!(connector = name, %error, "tasks were ended the hard way");
        }
        lock(&self.book).remove(name);
        self.worker.changes().forget_used(name);
        Ok(())
    }

    /// What the worker answered. One that does not have the connector, because its configuration could not be read, has
    /// nothing to do.
    pub(super) fn of_worker(&self, name: &str, answer: connect_api::Result<()>) -> Result<()> {
        match answer {
            Err(_) if self.entry(name).is_some_and(|entry| entry.broken.is_some()) => Ok(()),
            answer => answer.map_err(|error| from_worker(&error)),
        }
    }
}

pub(super) fn from_worker(error: &Error) -> HerderError {
    HerderError::internal(error)
}
