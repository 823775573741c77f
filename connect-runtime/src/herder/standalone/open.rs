//! The beginning and the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connect_api::{Error, Result};
use tokio::time::timeout;

use super::gate::Gates;
use super::{Inner, StandaloneHerder};
use crate::worker::Worker;

impl StandaloneHerder {
    /// A herder of this worker.
    ///
    /// # Errors
    /// The broker does not answer, or refuses what it is asked.
    pub async fn open(worker: Worker) -> Result<Self> {
        let limit = worker.environment().config.request_timeout.duration();
        let answer = timeout(limit, worker.broker().cluster_id()).await;
        let answer = answer.map_err(|_| Error::fatal(format!("the broker did not answer within {limit:?}")))?;
        let cluster_id = answer.map_err(|error| Error::fatal("the broker was asked for its id").with_source(error))?;
        let inner = Inner {
            worker,
            cluster_id,
            ready: AtomicBool::new(false),
            book: std::sync::Mutex::default(),
            gates: Gates::new(limit),
        };
        let herder = Self { inner: Arc::new(inner) };
        herder.inner.ready.store(true, Ordering::Release);
        Ok(herder)
    }
}
