//! That there is something new to see of connectors: for whoever keeps a record of their states.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use connect_kafka::Clock;
use tokio::sync::Notify;

use crate::progress::lock;

/// The task that was first seen to use a topic, and when.
pub(crate) type FirstUse = (usize, i64);

type Topics = BTreeMap<Arc<str>, FirstUse>;

/// Names of connectors that changed since somebody looked. What changed is to be seen in their views: changes that
/// nobody looked at in between are one.
#[derive(Debug)]
pub(crate) struct Changes {
    changed: Mutex<BTreeSet<Arc<str>>>,
    news: Notify,
    clock: Clock,
    /// The topics that each connector used; none when nobody wants to know.
    used: Option<Mutex<BTreeMap<Arc<str>, Topics>>>,
}

impl Changes {
    pub(crate) fn new(clock: Clock, tracks_topics: bool) -> Self {
        let used = tracks_topics.then(Mutex::default);
        Self { changed: Mutex::default(), news: Notify::new(), clock, used }
    }

    pub(crate) fn note(&self, connector: &Arc<str>) {
        let new = {
            let mut changed = lock(&self.changed);
            !changed.contains(connector) && changed.insert(Arc::clone(connector))
        };
        if new {
            self.news.notify_one();
        }
    }

    /// Waits until there are any, and takes them. For one listener at a time.
    pub(crate) async fn next(&self) -> BTreeSet<Arc<str>> {
        loop {
            let changed = std::mem::take(&mut *lock(&self.changed));
            if !changed.is_empty() {
                return changed;
            }
            self.news.notified().await;
        }
    }

    /// Notes that a task read a topic or wrote to it. To be called for batches rather than records.
    pub(crate) fn uses(&self, connector: &Arc<str>, topic: &Arc<str>, task: usize) {
        let Some(used) = &self.used else { return };
        {
            let mut used = lock(used);
            if used.get(connector).is_some_and(|topics| topics.contains_key(topic)) {
                return;
            }
            used.entry(Arc::clone(connector)).or_default().insert(Arc::clone(topic), (task, self.clock.now_ms()));
        }
        self.note(connector);
    }

    /// Takes over what was known of a connector's topics.
    pub(crate) fn used_before(&self, connector: &str, topic: &str, first: FirstUse) {
        if let Some(used) = &self.used {
            lock(used).entry(connector.into()).or_default().insert(topic.into(), first);
        }
    }

    /// The topics that a connector used; none when that is not tracked.
    pub(crate) fn used(&self, connector: &str) -> Option<Topics> {
        Some(lock(self.used.as_ref()?).get(connector).cloned().unwrap_or_default())
    }

    /// Forgets the topics that a connector used.
    pub(crate) fn forget_used(&self, connector: &str) {
        if let Some(used) = &self.used {
            lock(used).remove(connector);
        }
        self.note(&connector.into());
    }
}

/// A task, as far as the topics it uses are concerned.
#[derive(Debug, Clone)]
pub(crate) struct Uses {
    pub(super) connector: Arc<str>,
    pub(super) task: usize,
    pub(super) changes: Arc<Changes>,
}

impl Uses {
    pub(crate) fn note(&self, topic: &Arc<str>) {
        self.changes.uses(&self.connector, topic, self.task);
    }
}
