//! One write to a connector after the other, each with a deadline.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::Error;
use tokio::time::{Instant, timeout};

use super::super::{HerderError, Result};
use crate::progress::lock;

/// The stage in which a new configuration is checked, whatever the connector does meanwhile.
pub(super) const VALIDATE: &str = "validate";

/// The stage that a write is in, and since when.
#[derive(Debug, Clone)]
pub(super) struct Stage(Arc<Inside>);

struct Inside {
    at: Mutex<(&'static str, Instant)>,
    /// The call of the connector that is under way, which says more.
    call: Mutex<Option<Call>>,
}

type Call = Box<dyn Fn() -> Option<(&'static str, Instant)> + Send + Sync>;

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lock(&self.at).fmt(f)
    }
}

impl Stage {
    fn new() -> Self {
        Self(Arc::new(Inside { at: Mutex::new(("queue", Instant::now())), call: Mutex::default() }))
    }

    pub(super) fn enter(&self, stage: &'static str) {
        *lock(&self.0.at) = (stage, Instant::now());
    }

    /// While it waits for the connector, the call that is under way there is the stage.
    pub(super) fn follow(&self, call: impl Fn() -> Option<(&'static str, Instant)> + Send + Sync + 'static) {
        *lock(&self.0.call) = Some(Box::new(call));
    }

    fn get(&self) -> (&'static str, Duration) {
        let at = *lock(&self.0.at);
        let call = lock(&self.0.call).as_ref().and_then(|call| call()).filter(|_| at.0 != VALIDATE);
        let (stage, since) = call.unwrap_or(at);
        (stage, since.elapsed())
    }
}

/// What a write is, and where it stands.
#[derive(Debug, Clone)]
struct Work {
    what: String,
    stage: Stage,
}

#[derive(Debug, Default)]
struct Gate {
    turn: tokio::sync::Mutex<()>,
    /// The write whose turn it is.
    inside: Mutex<Option<Work>>,
}

/// A gate for each connector that is written to.
#[derive(Debug)]
pub(super) struct Gates {
    gates: Mutex<BTreeMap<String, Arc<Gate>>>,
    limit: Duration,
}

impl Gates {
    pub(super) fn new(limit: Duration) -> Self {
        Self { gates: Mutex::default(), limit }
    }

    /// Does `work` when it is its turn, in a task of its own, so that it goes on when whoever asked is gone. Ends it at
    /// the deadline, wherever it waits then.
    ///
    /// # Errors
    /// A timeout that names the stage: of the work, or of the work that is before it.
    pub(super) async fn through<T, F>(
        &self,
        connector: &str,
        what: String,
        work: impl FnOnce(Stage) -> F + Send + 'static,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
        T: Send + 'static,
    {
        let gate = self.gate(connector);
        let (stage, limit) = (Stage::new(), self.limit);
        let write = Work { what, stage };
        let life = tokio::spawn(async move {
            let ours = write.clone();
            let worked = timeout(limit, async {
                let _turn = gate.turn.lock().await;
                *lock(&gate.inside) = Some(ours);
                let worked = work(write.stage.clone()).await;
                *lock(&gate.inside) = None;
                worked
            });
            if let Ok(worked) = worked.await {
                return worked;
            }
            let before = lock(&gate.inside).clone().filter(|before| !Arc::ptr_eq(&before.stage.0, &write.stage.0));
            let (stage, since) = before.as_ref().map_or_else(|| write.stage.get(), |before| before.stage.get());
            let what = match before {
                Some(before) => format!("{}, which waits for {},", write.what, before.what),
                None => write.what,
            };
            tracing::warn!(stage, ?since, "{what} did not end in time");
            Err(HerderError::timeout(&what, stage, since))
        });
        life.await.unwrap_or_else(|error| {
            Err(HerderError::internal(&Error::fatal("the request did not come to its end").with_source(error)))
        })
    }

    /// The gate of a connector; those that nobody uses any more are forgotten.
    fn gate(&self, connector: &str) -> Arc<Gate> {
        let mut gates = lock(&self.gates);
        gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        Arc::clone(gates.entry(connector.to_owned()).or_default())
    }
}
