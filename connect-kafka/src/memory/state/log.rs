//! One partition's log: an index of batches, and the data of the newest ones.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;

use super::change::{LogId, Ticket};
use super::header::BatchMeta;
use super::parking::ParkId;
use super::producers::Producers;
use super::stable::Transactions;
use crate::Isolation;

/// One batch in the index: 24 bytes, since a log of 1 GB in small batches has half a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) base: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) span: u32,
    pub(crate) size: u32,
}

impl Entry {
    pub(crate) fn of(meta: &BatchMeta) -> Self {
        Self {
            base: meta.base,
            max_timestamp: meta.max_timestamp,
            span: meta.last_delta.unsigned_abs(),
            size: meta.size,
        }
    }

    /// Offset after the batch.
    pub(crate) fn end(&self) -> i64 {
        self.base + i64::from(self.span) + 1
    }
}

/// One batch as a reader gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// At hand.
    Data(Bytes),
    /// In the store.
    Stored { log: LogId, base: i64 },
}

/// A partition's log.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) id: LogId,
    /// First offset there.
    pub(crate) start: i64,
    /// High watermark: readers see what is below.
    pub(crate) high: i64,
    /// Offset of the next record.
    pub(crate) next: i64,
    /// Bytes of all batches.
    pub(crate) bytes: u64,
    /// Bytes appended since the last compaction.
    pub(crate) dirty: u64,
    entries: VecDeque<Entry>,
    /// Data of the last `tail.len()` entries.
    tail: VecDeque<Bytes>,
    pub(crate) producers: Producers,
    pub(crate) txns: Transactions,
    /// Parked fetches that read this log.
    pub(crate) watchers: BTreeSet<ParkId>,
    /// The last append; its durability is that of all before it.
    pub(crate) last_append: Ticket,
}

impl Log {
    pub(crate) fn new(id: LogId, start: i64) -> Self {
        Self {
            id,
            start,
            high: start,
            next: start,
            bytes: 0,
            dirty: 0,
            entries: VecDeque::new(),
            tail: VecDeque::new(),
            producers: Producers::default(),
            txns: Transactions::default(),
            watchers: BTreeSet::new(),
            last_append: 0,
        }
    }

    /// Puts a stored batch into the index while the log is being loaded.
    pub(crate) fn load(&mut self, meta: &BatchMeta, now_ms: i64) {
        let overlaps = self.entries.back().is_some_and(|last| last.end() > meta.base);
        if overlaps || meta.last() < self.start {
            return;
        }
        self.entries.push_back(Entry::of(meta));
        self.bytes += u64::from(meta.size);
        self.producers.appended(meta, now_ms);
        self.txns.appended(meta);
        self.next = self.next.max(meta.last() + 1);
        self.settled(self.next);
    }

    /// Everything below `high` is stored.
    pub(crate) fn settled(&mut self, high: i64) {
        self.high = high;
        self.txns.settle(high);
    }

    /// Last stable offset: below it no transaction is open.
    pub(crate) fn last_stable(&self) -> i64 {
        self.txns.first_open().map_or(self.high, |first| first.max(self.start).min(self.high))
    }

    /// Where readers of this isolation end.
    pub(crate) fn end_for(&self, isolation: Isolation) -> i64 {
        match isolation {
            Isolation::ReadUncommitted => self.high,
            Isolation::ReadCommitted => self.last_stable(),
        }
    }

    pub(crate) fn append(&mut self, meta: &BatchMeta, data: Bytes, now_ms: i64) {
        self.entries.push_back(Entry::of(meta));
        self.tail.push_back(data);
        self.bytes += u64::from(meta.size);
        self.dirty += u64::from(meta.size);
        self.producers.appended(meta, now_ms);
        self.txns.appended(meta);
        self.next = meta.last() + 1;
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// Index of the first batch that ends after `offset`.
    pub(crate) fn position(&self, offset: i64) -> usize {
        self.entries.partition_point(|entry| entry.end() <= offset)
    }

    pub(crate) fn piece(&self, index: usize) -> Option<Piece> {
        let entry = self.entries.get(index)?;
        let first_cached = self.entries.len() - self.tail.len();
        Some(match index.checked_sub(first_cached).and_then(|at| self.tail.get(at)) {
            Some(data) => Piece::Data(data.clone()),
            None => Piece::Stored { log: self.id, base: entry.base },
        })
    }

    /// Drops the data of the oldest cached batch if the store has it. The bytes let go.
    pub(crate) fn evict_one(&mut self) -> Option<usize> {
        let first = self.entries.get(self.entries.len() - self.tail.len())?;
        if first.end() > self.high {
            return None;
        }
        self.tail.pop_front().map(|data| data.len())
    }

    pub(crate) fn has_cache(&self) -> bool {
        !self.tail.is_empty()
    }

    pub(crate) fn cached_bytes(&self) -> usize {
        self.tail.iter().map(Bytes::len).sum()
    }

    /// Moves the start; batches wholly below it go. The cached bytes let go.
    pub(crate) fn start_at(&mut self, offset: i64) -> usize {
        self.start = self.start.max(offset);
        let mut freed = 0;
        while self.entries.front().is_some_and(|first| first.end() <= self.start) {
            if self.tail.len() == self.entries.len() {
                freed += self.tail.pop_front().map_or(0, |data| data.len());
            }
            self.bytes -= self.entries.pop_front().map_or(0, |entry| u64::from(entry.size));
        }
        self.producers.forget_before(self.start);
        self.txns.forget_before(self.start);
        freed
    }

    /// Takes back every batch at or above `end`. The cached bytes let go.
    pub(crate) fn cut_at(&mut self, end: i64) -> usize {
        let mut freed = 0;
        while self.entries.back().is_some_and(|last| last.base >= end) {
            freed += self.tail.pop_back().map_or(0, |data| data.len());
            self.bytes -= self.entries.pop_back().map_or(0, |entry| u64::from(entry.size));
        }
        self.next = end;
        self.high = self.high.min(end);
        self.producers.forget_from(end);
        self.txns.forget_from(end);
        freed
    }

    /// Replaces or drops the batch at `base`. How the cached bytes change.
    pub(crate) fn rewrite(&mut self, base: i64, batch: Option<&(BatchMeta, Bytes)>) -> isize {
        let Ok(index) = self.entries.binary_search_by_key(&base, |entry| entry.base) else { return 0 };
        let cached = index.checked_sub(self.entries.len() - self.tail.len());
        let old = cached.and_then(|at| self.tail.get(at)).map_or(0, Bytes::len).cast_signed();
        self.bytes -= u64::from(self.entries[index].size);
        if let Some((meta, data)) = batch {
            self.entries[index] = Entry::of(meta);
            self.bytes += u64::from(meta.size);
            if let Some(at) = cached {
                self.tail[at] = data.clone();
                return data.len().cast_signed() - old;
            }
        } else {
            self.entries.remove(index);
            if let Some(at) = cached {
                self.tail.remove(at);
            }
        }
        -old
    }
}
