//! Waiting for what a test is about.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::worker::TestWorker;
use crate::worker::{Drained, State};

impl TestWorker {
    /// Waits until everything has arrived: sources have nothing more, sinks delivered all there is, and all offsets
    /// are committed. Records that were given up as `errors.*` allow count as done with.
    ///
    /// # Panics
    /// When something has FAILED, with its trace, or when patience runs out.
    pub async fn drained(&self) -> Drained {
        let drained = self.settled().await;
        let failed = drained.connectors.iter().any(|status| status.worst_state() == State::Failed);
        assert!(!failed, "a connector failed{}", self.statuses());
        drained
    }

    /// As [`drained`](Self::drained), but it returns as well when something has FAILED, for tests of that.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn settled(&self) -> Drained {
        let settle = async {
            loop {
                match self.worker().drained().await {
                    Ok(drained) => return drained,
                    // A fault made for the connector struck the look.
                    Err(error) if error.is_retriable() => sleep(Duration::from_millis(10)).await,
                    Err(error) => panic!("the broker could not be asked: {error:?}"),
                }
            }
        };
        match timeout(self.patience, settle).await {
            Ok(drained) => drained,
            Err(_) => panic!("not drained after {:?}{}", self.patience, self.statuses()),
        }
    }

    /// Waits until something is so, looking once a millisecond of the test's clock.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn until(&self, mut what: impl FnMut() -> bool) {
        let deadline = Instant::now() + self.patience;
        while !what() {
            assert!(Instant::now() < deadline, "it did not come to be within {:?}{}", self.patience, self.statuses());
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets time pass. With a paused clock it takes none, and what is due meanwhile happens in order.
    pub async fn advance(&self, time: Duration) {
        sleep(time).await;
    }

    /// All statuses with their traces, a line each.
    fn statuses(&self) -> String {
        let worker = self.worker();
        let mut text = String::new();
        for status in worker.connectors().iter().filter_map(|name| worker.status(name).ok()) {
            text += &format!("\n{} {} {}", status.kind, status.name, status.state);
            text += &status.trace.map(|trace| format!(": {trace}")).unwrap_or_default();
            for task in status.tasks {
                let (doing, since) = task.doing;
                text += &format!("\n  task {} {}, in {doing} since {since:?}: {:?}", task.id, task.state, task.counts);
                text += &task.trace.map(|trace| format!("\n    {trace}")).unwrap_or_default();
            }
        }
        text
    }
}
