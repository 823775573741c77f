//! A worker's lives: it starts, crashes, and starts again.

use std::sync::{Arc, Weak};
use std::time::Duration;

use connect_kafka::{Broker, Clock, InMemoryBroker};
use tokio::time::{Instant, sleep};

use super::store::SharedStore;
use super::worker::TestWorker;
use crate::config::WorkerConfig;
use crate::plugins::Plugins;
use crate::providers::Providers;
use crate::worker::{Target, Worker};

/// A worker from its start to its end.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) worker: Worker,
    /// Dead when nothing of the worker is left.
    pub(super) broker: Weak<dyn Broker>,
}

impl Life {
    pub(super) async fn start(
        broker: &InMemoryBroker,
        store: &SharedStore,
        clock: Clock,
        config: &WorkerConfig,
        plugins: &Plugins,
        providers: &Providers,
    ) -> Self {
        let broker: Arc<dyn Broker> = Arc::new(broker.clone());
        let weak = Arc::downgrade(&broker);
        let builder = Worker::on(broker).config(config.clone()).plugins(plugins.clone()).providers(providers.clone());
        let builder = builder.offset_store(store.clone()).clock(clock);
        let worker = builder.build().await.unwrap_or_else(|error| panic!("the worker did not start: {error:?}"));
        Self { worker, broker: weak }
    }
}

impl TestWorker {
    /// Ends the worker as `kill -9` would: tasks end where they are, nothing is committed, flushed or stopped.
    /// Broker and stored offsets stay. The group is told at once that its members are gone, instead of after
    /// `session.timeout.ms`.
    ///
    /// What a connector does on other threads cannot be ended, and goes on.
    ///
    /// # Panics
    /// When the worker has crashed already, or when somebody holds a clone of [`worker`](Self::worker).
    pub async fn crash(&mut self) {
        let Life { worker, broker } = self.life.take().expect("the worker has crashed already");
        self.made = worker.made_connectors();
        drop(worker);
        let deadline = Instant::now() + self.patience;
        let mut looks = 0;
        // An aborted task is dropped when the runtime next comes to it, and what it owned after that.
        while broker.strong_count() > 0 {
            assert!(Instant::now() < deadline, "tasks of the crashed worker are still there: who holds a clone of it?");
            looks += 1;
            if looks % 100 == 0 { sleep(Duration::from_millis(1)).await } else { tokio::task::yield_now().await }
        }
        for made in &self.made {
            let group = self.group(made.job.name());
            for member in self.broker.members(&group) {
                // It may have left by itself.
                let _ = self.broker.expire_member(&group, &member);
            }
        }
    }

    /// Starts the worker again with the connectors it had, after a [`crash`](Self::crash) or, if there was none, an
    /// orderly shutdown.
    ///
    /// # Panics
    /// When a task did not stop in time.
    pub async fn restart(&mut self) {
        if let Some(Life { worker, .. }) = self.life.take() {
            self.made = worker.made_connectors();
            worker.shutdown().await.unwrap_or_else(|error| panic!("the worker did not stop in time: {error}"));
        }
        let life =
            Life::start(&self.broker, &self.store, self.clock, &self.config, &self.plugins, &self.providers).await;
        for made in std::mem::take(&mut self.made) {
            let started = async { life.worker.start(life.worker.adopted(made).await?, Target::Started).await };
            started.await.unwrap_or_else(|error| panic!("a connector did not start again: {error:?}"));
        }
        self.life = Some(life);
    }
}
