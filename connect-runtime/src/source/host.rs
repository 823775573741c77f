//! What stands behind a source task's context.

use std::sync::Arc;

use async_trait::async_trait;
use connect_api::host::SourceHost;
use connect_api::{OffsetMap, Result, TaskId};

use crate::offsets::OffsetStore;

pub(super) struct Host {
    pub(super) id: TaskId,
    pub(super) store: Arc<dyn OffsetStore>,
}

#[async_trait]
impl SourceHost for Host {
    async fn offsets(&self, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.store.load(&self.id.connector, partitions).await
    }
}
