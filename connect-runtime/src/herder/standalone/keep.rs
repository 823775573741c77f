//! What is kept of what operators said.

use super::super::{ActiveTopics, ConnectorConfig, Result};
use super::{Inner, Stage};
use crate::worker::Target;

impl Inner {
    pub(super) async fn keep_config(
        &self,
        _name: &str,
        _config: &ConnectorConfig,
        _target: Option<Target>,
        _stage: &Stage,
    ) -> Result<()> {
        Ok(())
    }

    pub(super) async fn keep_target(&self, name: &str, target: Target, _stage: &Stage) -> Result<()> {
        self.target(name, target);
        Ok(())
    }

    pub(super) async fn keep_tasks(&self, _name: &str, _stage: &Stage) -> Result<()> {
        Ok(())
    }

    pub(super) async fn forget(&self, _name: &str, _stage: &Stage) -> Result<()> {
        Ok(())
    }

    pub(super) fn active_topics(&self, name: &str) -> Result<ActiveTopics> {
        Ok(ActiveTopics { connector: name.to_owned(), topics: Vec::new() })
    }

    pub(super) fn reset_active_topics(&self, _name: &str) -> Result<()> {
        Ok(())
    }
}
