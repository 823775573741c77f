//! That there is something new to see of connectors: for whoever keeps a record of their states.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::progress::lock;

/// Names of connectors that changed since somebody looked. What changed is to be seen in their views: changes that
/// nobody looked at in between are one.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    changed: Mutex<BTreeSet<Arc<str>>>,
    news: Notify,
}

impl Changes {
    pub(crate) fn note(&self, connector: &Arc<str>) {
        let new = {
            let mut changed = lock(&self.changed);
            !changed.contains(connector) && changed.insert(Arc::clone(connector))
        };
        if new {
            self.news.notify_one();
        }
    }

    #[expect(dead_code, reason = "the recorder of states comes next")]
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
}
