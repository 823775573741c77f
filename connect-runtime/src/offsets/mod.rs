//! Where the offsets of source connectors are kept.
//!
//! An [`OffsetStore`] keeps, for each partition of a connector's source, the offset to go on from.
//! Two of the stores here speak Kafka Connect's own formats, so that a worker can take over from Java and hand back:
//! [`TopicOffsetStore`] the compacted topic of distributed workers, [`FileOffsetStore`] the file of standalone ones.
//! [`MemoryOffsetStore`] keeps nothing beyond its life.

use std::fmt::Debug;

use connect_api::{OffsetMap, Result, async_trait};

mod file;
mod java;
pub(crate) mod json;
mod memory;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod topic;

pub use file::FileOffsetStore;
pub use memory::MemoryOffsetStore;
pub use topic::{TopicOffsetSettings, TopicOffsetStore};

/// Keeps the offsets of source connectors.
///
/// Partitions are equal when their maps are: entries in any order, integers by value. What is stored reads back as
/// JSON does, which [`OffsetMap`] describes. The null map as an offset is the same as no offset.
///
/// Any number of tasks may call at once. Stores take effect in the order in which their futures were first polled,
/// and what is loaded contains every store that had ended by then.
#[async_trait]
pub trait OffsetStore: Send + Sync + Debug + 'static {
    /// The stored offsets, in the order of `partitions`; `None` where there is none.
    ///
    /// # Errors
    /// Retriable when the store cannot be read now. A data error when what is stored for one of the partitions is no
    /// offset: going on without it would read the source from its start.
    ///
    /// # Cancellation
    /// Nothing is lost.
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>>;

    /// Stores offsets; `None` forgets the partition. Of a partition given twice the last one counts. `Ok` says that
    /// all of it is durable.
    ///
    /// # Errors
    /// A data error when a map cannot be stored; then nothing was. Retriable when the store cannot be written now:
    /// then nothing was stored, or with a store that has no transactions some of it was; the same call again
    /// completes it.
    ///
    /// # Cancellation
    /// What was begun goes on: the offsets may or may not be stored, as after a retriable error. Later calls find
    /// the store in order.
    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()>;

    /// Every partition of a connector that has an offset, in an order that depends on nothing but the partitions.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    ///
    /// # Cancellation
    /// Nothing is lost.
    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>>;
}
