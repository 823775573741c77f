//! Source offsets that outlive a worker.

use std::sync::Arc;

use connect_api::{OffsetMap, Result, async_trait};

use crate::offsets::{MemoryOffsetStore, OffsetStore};

/// One store for all lives of a worker.
#[derive(Debug, Clone)]
pub(super) struct SharedStore(Arc<dyn OffsetStore>);

impl SharedStore {
    pub(super) fn of(store: impl OffsetStore) -> Self {
        Self(Arc::new(store))
    }
}

impl Default for SharedStore {
    fn default() -> Self {
        Self::of(MemoryOffsetStore::new())
    }
}

#[async_trait]
impl OffsetStore for SharedStore {
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.0.load(connector, partitions).await
    }

    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()> {
        self.0.store(connector, offsets).await
    }

    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        self.0.all(connector).await
    }
}
