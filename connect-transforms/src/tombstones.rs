//! What the two handlers of tombstones share.

use std::sync::atomic::{AtomicBool, Ordering};

use connect_api::{Error, Flow, Record, Result};

/// What is done to a record whose value is null.
#[derive(Debug)]
pub(crate) enum Tombstones {
    Drop,
    /// Drops it, and logs the first one. Whether one was logged.
    Warn(AtomicBool),
    Fail,
}

impl Tombstones {
    pub(crate) const fn warn() -> Self {
        Self::Warn(AtomicBool::new(false))
    }

    pub(crate) fn flow(&self, record: &Record) -> Result<Flow> {
        if !record.value.is_null() {
            return Ok(Flow::Keep);
        }
        match self {
            Self::Drop => {}
            Self::Warn(logged) => {
                if !logged.swap(true, Ordering::Relaxed) {
                    tracing::warn!(topic = %record.topic, "dropped a tombstone; further ones are dropped without a word");
                }
            }
            Self::Fail => return Err(Error::data("the value is null, and tombstones are to fail")),
        }
        Ok(Flow::Drop)
    }
}
