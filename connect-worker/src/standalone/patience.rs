//! Waiting until everything has arrived, for a run that ends by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_api::Result;
use connect_runtime::{ConnectorStatus, Drained, State, Worker};
use tokio::time::{Instant, sleep};

/// How long a task may fail to start, because what it reads or writes does not answer. A server that is started together
/// with this run is there by then.
pub(super) const STARTS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Waits as [`Worker::drained`] does, but not for a task that fails to start again and again. A worker without an end
/// goes on trying; a run that somebody waits for would never end.
///
/// # Errors
/// What the broker answers.
pub(super) async fn drained(worker: &Worker) -> Result<Drained> {
    tokio::select! {
        biased;
        drained = worker.drained() => drained,
        connectors = given_up(worker) => Ok(Drained { connectors }),
    }
}

/// What connectors look like when a task has failed to start for too long.
async fn given_up(worker: &Worker) -> Vec<ConnectorStatus> {
    let mut starting: BTreeMap<(Arc<str>, usize), Instant> = BTreeMap::new();
    loop {
        let now = Instant::now();
        let statuses: Vec<_> = worker.connectors().iter().filter_map(|name| worker.status(name).ok()).collect();
        let failing = statuses
            .iter()
            // Nobody waits for those that are told to do nothing.
            .filter(|status| !matches!(status.state, State::Paused | State::Stopped))
            .flat_map(|status| status.tasks.iter().map(|task| (Arc::clone(&status.name), task)))
            .filter(|(_, task)| task.state == State::Unassigned && task.trouble.is_some())
            .map(|(name, task)| (name, task.id));
        starting = failing.map(|task| (task.clone(), *starting.get(&task).unwrap_or(&now))).collect();
        if starting.values().any(|since| now - *since >= STARTS_WITHIN) {
            return statuses;
        }
        sleep(LOOK_EVERY).await;
    }
}
