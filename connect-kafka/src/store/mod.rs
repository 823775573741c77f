//! The disk under a durable embedded broker.
//!
//! # Why fjall
//! redb 4.6 and fjall 3.1 did the same work with the same small cache (4 MiB): append batches under one key each
//! with one sync per transaction, be killed with SIGKILL, open again, read all, delete half and write it again.
//! The program was the loop just described, release build, one run each, two shared
//! cores, a virtual disk whose sync takes 0.2 ms; expect a spread of 30 %.
//!
//! | | redb (quick repair) | fjall (batches as blobs, one worker) |
//! |---|---|---|
//! | append 100 KiB batches, 5 a transaction, 1 GiB | 168 MB/s | 269 MB/s |
//! | append 2 KiB batches, 64 a transaction, 256 MiB | 22 MB/s | 135 MB/s |
//! | append 2 KiB batches, 1 a transaction | 0.80 ms each | 0.17 ms each |
//! | file size for 1 GiB in batches of 100 KiB | 2.6 GB | 1.08 GB |
//! | open after SIGKILL | 2 to 15 ms | 10 to 115 ms |
//! | read the index of 131,072 batches | 289 ms | 36 ms |
//! | read 1 GiB in order | 1.1 GB/s | 1.5 GB/s |
//! | peak resident memory | 12 MB | 31 to 53 MB |
//! | deleted space | used again | used again with blob files of 16 MiB: 0.6 GB at most for 256 MiB kept of 2 GiB; not soon enough with the default |
//!
//! The whole broker on fjall (`examples/embedded_speed.rs`), 5 calls in flight: 190 to 260 MB/s in batches of 100 KiB
//! with at most 23 MB resident, 430 to 470 MB/s in batches of 1 MB with at most 38 MB; 64 calls in flight with 2 KiB
//! each: 93 MB/s, 34 MB. Opening a log of 1 GiB takes 40 ms in batches of 100 KiB; each 100,000 batches cost 40 to
//! 150 ms more. With `retention.bytes` of 256 MiB, 2 GiB through one partition took at most 345 MB of disk.
//!
//! redb syncs twice for a commit that recovers quickly, and rewrites a path of its tree for each; fjall appends to
//! a journal. fjall's memory is the price, and is bounded by the sizes set in `fjall.rs`.

mod encode;
mod fjall;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::memory::EmbeddedOptions;
use crate::memory::state::change::{Change, LogId, TopicRecord};
use crate::memory::state::header::BatchMeta;
use crate::memory::state::txn::TxnRecord;
use crate::{Result, TopicPartition};

/// What a durable broker asks of its store. Calls block.
pub(crate) trait Store: fmt::Debug + Send + Sync {
    /// Writes all of the changes or none, and returns when they are on disk. After an error the changes may
    /// be there or not; a later call may succeed.
    fn write(&self, changes: &[Change]) -> Result<()>;

    /// The batch at `base`, if it is still there.
    fn read(&self, log: LogId, base: i64) -> Result<Option<Bytes>>;

    /// Lets go of the directory. Later calls fail.
    fn close(&self);
}

/// What a store holds when it is opened, the batches aside.
#[derive(Debug, Default)]
pub(crate) struct Image {
    pub(crate) cluster_id: String,
    pub(crate) topics: Vec<(Arc<str>, TopicRecord)>,
    pub(crate) starts: Vec<(LogId, i64)>,
    pub(crate) offsets: Vec<(Arc<str>, TopicPartition, i64)>,
    pub(crate) txns: Vec<(Arc<str>, TxnRecord)>,
    pub(crate) next_producer: i64,
    /// Log ids below this were used.
    pub(crate) next_log: LogId,
}

/// Gets every batch of an opened store: those of a log in offset order.
pub(crate) type OnBatch<'a> = &'a mut dyn FnMut(LogId, &BatchMeta);

/// Opens the store in a directory, making it if needed. `on_image` makes the one that gets the batches.
pub(crate) fn open<B>(
    directory: &Path,
    options: &EmbeddedOptions,
    on_image: impl FnOnce(Image) -> B,
    mut on_batch: impl FnMut(&mut B, LogId, &BatchMeta),
) -> Result<(Arc<dyn Store>, B)> {
    let (store, image) = fjall::FjallStore::open(directory, options)?;
    let mut loaded = on_image(image);
    store.each_batch(&mut |log, meta| on_batch(&mut loaded, log, meta))?;
    Ok((Arc::new(store), loaded))
}
