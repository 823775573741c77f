//! What every broker must do. The checks know nothing but the seam, so that they run on each implementation.

pub(crate) mod checks;
mod groups;
mod log;
mod offsets;
mod tcp;
mod topics;
mod transactions;
mod workers;

use std::future::Future;
use std::sync::Arc;

use connect_kafka::{Broker, EmbeddedBroker, EmbeddedOptions, InMemoryBroker};

/// Runs a check on the embedded broker, in memory and on disk, each empty.
async fn on_each<F: Future<Output = ()>>(check: impl Fn(Arc<dyn Broker>) -> F) {
    check(Arc::new(InMemoryBroker::new())).await;
    let directory = tempfile::tempdir().unwrap();
    let durable = EmbeddedBroker::open(directory.path(), EmbeddedOptions::default()).unwrap();
    check(Arc::new(durable.clone())).await;
    durable.close().await;
}

macro_rules! contract {
    ($($module:ident :: $check:ident),* $(,)?) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $check() {
                on_each($module::$check).await;
            }
        )*
    };
}

checks::with_checks!(contract);
