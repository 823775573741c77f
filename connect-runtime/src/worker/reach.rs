//! Whether the cluster is there, before anything is started on it.

use connect_api::{Error, Result};
use connect_kafka::Broker;
use tokio::time::{Duration, Instant, sleep, timeout_at};

/// The longest wait between two attempts.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Asks for the cluster's id until it answers.
///
/// # Errors
/// It refuses this client, or did not answer in time; with the reason of the last attempt.
pub(super) async fn reach(broker: &dyn Broker, patience: Duration) -> Result<()> {
    let deadline = Instant::now() + patience;
    let mut wait = Duration::from_millis(50);
    let mut last = None;
    loop {
        match timeout_at(deadline, broker.cluster_id()).await {
            Ok(Ok(id)) => {
                tracing::info!(cluster = id, "Kafka cluster reached");
                return Ok(());
            }
            Ok(Err(error)) if !error.is_retriable() => {
                return Err(Error::config("the Kafka cluster does not take this client").with_source(error));
            }
            Ok(Err(error)) => {
                if last.is_none() {
                    tracing::warn!(%error, ?patience, "the Kafka cluster cannot be reached yet, trying again");
                }
                last = Some(error);
            }
            Err(_) => {}
        }
        if Instant::now() + wait >= deadline {
            let failed = Error::fatal(format!("no Kafka broker answered within {patience:?}"));
            return Err(match last {
                Some(error) => failed.with_source(error),
                None => failed,
            });
        }
        sleep(wait).await;
        wait = (wait * 2).min(AGAIN_AFTER);
    }
}
