//! The topics that connectors use (KIP-558).

use super::super::{ActiveTopics, HerderError, HerderErrorKind, Result};
use super::Inner;

impl Inner {
    pub(super) fn active_topics(&self, name: &str) -> Result<ActiveTopics> {
        let used = self.worker.changes().used(name);
        let used = used.ok_or_else(|| forbidden("topic.tracking.enable=false: topics are not tracked"))?;
        let topics = used.keys().map(ToString::to_string).collect();
        Ok(ActiveTopics { connector: name.to_owned(), topics })
    }

    pub(super) fn reset_active_topics(&self, name: &str) -> Result<()> {
        let config = &self.worker.environment().config;
        if !config.topic_tracking {
            return Err(forbidden("topic.tracking.enable=false: topics are not tracked"));
        }
        if !config.topic_tracking_reset {
            return Err(forbidden("topic.tracking.allow.reset=false: tracked topics may not be reset"));
        }
        self.worker.changes().forget_used(name);
        Ok(())
    }
}

fn forbidden(message: &str) -> HerderError {
    HerderError::new(HerderErrorKind::Forbidden, message)
}
