//! Chunks that wait to be filled, and a body that is being written.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::Chunks;

/// Bytes of a chunk. The kernel takes several at once, so larger ones would only be less full.
pub(super) const CHUNK: usize = 64 << 10;
/// Chunks that are kept while there is nothing to do.
const SPARE: usize = 16;

/// Chunks that nobody uses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Chunk {
        let bytes = self.free().pop().unwrap_or_else(|| Vec::with_capacity(CHUNK));
        Chunk { bytes, pool: self.clone() }
    }

    /// Nothing is under way: all but a few chunks go back to the allocator.
    pub(crate) fn rest(&self) {
        let mut free = self.free();
        if free.len() > SPARE {
            free.truncate(SPARE);
            free.shrink_to_fit();
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.free().len()
    }
}

/// A chunk that goes back to its pool when the last who reads it is done.
#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    pool: Pool,
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.pool.free().push(bytes);
    }
}

/// A body to which bytes are added.
#[derive(Debug, Default)]
pub(crate) struct Filling {
    full: Vec<Bytes>,
    open: Option<Chunk>,
    len: usize,
}

impl Filling {
    /// How many bytes there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Adds bytes, with chunks of this pool.
    pub(crate) fn add(&mut self, mut bytes: &[u8], pool: &Pool) {
        self.len += bytes.len();
        while !bytes.is_empty() {
            let open = self.open.get_or_insert_with(|| pool.take());
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - open.bytes.len()));
            open.bytes.extend_from_slice(now);
            bytes = later;
            if open.bytes.len() == CHUNK {
                self.full.extend(self.open.take().map(Bytes::from_owner));
            }
        }
    }

    /// All of it, to be read.
    pub(crate) fn finish(mut self) -> Chunks {
        self.full.extend(self.open.map(Bytes::from_owner));
        Chunks::new(self.full)
    }
}
