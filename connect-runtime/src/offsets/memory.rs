//! Offsets in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use connect_api::{OffsetMap, Result, async_trait};

use super::OffsetStore;
use super::table::{Keep, Table};

/// Keeps offsets as long as it lives: for tests, and for hosts that always read their sources from the start.
///
/// Offsets read back as from the other stores, through JSON.
#[derive(Debug)]
pub struct MemoryOffsetStore(Mutex<Table>);

impl MemoryOffsetStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self(Mutex::new(Table::new(Keep::Live)))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing that runs under the lock panics; and each entry is whole by itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryOffsetStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl OffsetStore for MemoryOffsetStore {
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.table().load(connector, partitions)
    }

    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()> {
        let mut table = self.table();
        for entry in table.plan(connector, offsets)? {
            table.apply(entry, 0);
        }
        Ok(())
    }

    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        self.table().all(connector)
    }
}
