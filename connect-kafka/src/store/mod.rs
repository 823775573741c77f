//! The disk under a durable embedded broker.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::memory::EmbeddedOptions;
use crate::memory::state::change::{Change, LogId, TopicRecord};
use crate::memory::state::header::BatchMeta;
use crate::{BrokerError, Code, Result, TopicPartition};

/// What a durable broker asks of its store. Calls block.
pub(crate) trait Store: fmt::Debug + Send + Sync {
    /// Writes all of the changes or none, and returns when they are on disk.
    fn write(&self, changes: &[Change]) -> Result<()>;

    /// The batch at `base`, if it is still there.
    fn read(&self, log: LogId, base: i64) -> Result<Option<Bytes>>;

    /// Lets go of the directory. Later calls fail.
    fn close(&self);
}

/// What a store holds when it is opened, batches without their data.
#[derive(Debug, Default)]
pub(crate) struct Image {
    pub(crate) cluster_id: String,
    pub(crate) topics: Vec<(Arc<str>, TopicRecord)>,
    pub(crate) starts: Vec<(LogId, i64)>,
    /// In offset order within each log.
    pub(crate) batches: Vec<(LogId, BatchMeta)>,
    pub(crate) offsets: Vec<(Arc<str>, TopicPartition, i64)>,
    pub(crate) next_producer: i64,
    pub(crate) next_log: LogId,
}

#[derive(Debug)]
pub(crate) struct NoStore;
impl Store for NoStore {
    fn write(&self, _: &[Change]) -> Result<()> {
        Ok(())
    }
    fn read(&self, _: LogId, _: i64) -> Result<Option<Bytes>> {
        Ok(None)
    }
    fn close(&self) {}
}
/// Opens the store in a directory, making it if needed.
pub(crate) fn open(directory: &Path, _options: &EmbeddedOptions) -> Result<(NoStore, Image)> {
    Err(BrokerError::new(Code::StorageError, format!("{}: not yet", directory.display())))
}
