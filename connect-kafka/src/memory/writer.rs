//! Group commit: one blocking thread at a time takes every queued change, writes them as one, and lets the
//! calls go that waited for it. More changes queue up meanwhile.

use std::sync::Arc;

use super::shared::{Inner, Shared};
use crate::store::Store;
use crate::{BrokerError, Code};

/// Bytes of data written as one; more would cost memory and gain no speed.
const TRANSACTION_BYTES: usize = 2 << 20;
/// A compacted partition is compacted again after so many new bytes.
const DIRTY_BYTES: u64 = 4 << 20;

impl Inner {
    /// Sees to it that the journal is being written.
    pub(super) fn start_writer(self: &Arc<Self>, shared: &mut Shared) {
        let Some(store) = &self.store else { return };
        if shared.writing || !shared.state.journal().has_work() {
            return;
        }
        // Outside of a runtime there is nobody who waits; the next call from within one goes on.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        shared.writing = true;
        let (inner, store) = (self.clone(), store.clone());
        runtime.spawn_blocking(move || inner.write(&*store));
    }

    fn write(self: Arc<Self>, store: &dyn Store) {
        let unfinished = Unfinished(&self);
        let mut since_check = 0;
        loop {
            let changes = {
                let mut shared = self.lock();
                let changes = shared.state.journal().hand_out(TRANSACTION_BYTES);
                if changes.is_empty() {
                    shared.writing = false;
                    break;
                }
                changes
            };
            let result = self.faults.store_failure().map_or_else(|| store.write(&changes), Err);
            let count = changes.len();
            since_check += count;
            drop(changes);
            let mut shared = self.lock();
            if let Err(error) = result {
                shared.writing = false;
                shared.give_up(&error);
                break;
            }
            shared.state.settle(count);
            shared.deliver();
        }
        std::mem::forget(unfinished);
        if since_check > 0 {
            self.compact_dirty();
        }
    }

    /// Kafka's log cleaner, as far as one is needed.
    fn compact_dirty(self: &Arc<Self>) {
        let dirty = self.lock().state.dirty_partitions(DIRTY_BYTES);
        for partition in dirty {
            if let Err(error) = self.compact_partition(&partition) {
                tracing::warn!(%partition, %error, "compaction failed");
            }
        }
    }
}

impl Shared {
    /// The disk refused: so do we, for everything that is not on it.
    fn give_up(&mut self, error: &BrokerError) {
        self.state.fail_pending();
        self.fail_acks(error);
        self.deliver();
    }
}

/// Turns a panic of the store into errors for the calls that wait for it.
struct Unfinished<'a>(&'a Arc<Inner>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let mut shared = self.0.lock();
        shared.writing = false;
        shared.give_up(&BrokerError::new(Code::StorageError, "the store panicked"));
    }
}
