//! From the bytes of a fetch to batches, as many at a time as memory allows.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;

use crate::batch::{Batch, Batches};
use crate::{FetchedData, Isolation, TopicPartition};

use super::{ConsumerError, FetchConfig};

/// What was read of one partition.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) batches: Vec<Batch>,
    /// Where to go on: past everything looked at, shown to the user or not.
    pub(super) next: i64,
    pub(super) high_watermark: Option<i64>,
    /// What was fetched beyond that.
    pub(super) rest: Option<Packed>,
}

/// What was fetched of one partition and is still as it came. Compressed batches may grow a hundredfold, so that they
/// are not all decompressed at once.
#[derive(Debug)]
pub(super) struct Packed {
    data: VecDeque<Bytes>,
    aborted: Aborted,
    /// The position that was asked for; batches may begin before it.
    pub(super) from: i64,
    end: i64,
}

impl Packed {
    /// What came of a fetch from `from`.
    pub(super) fn new(data: FetchedData, from: i64, isolation: Isolation) -> Self {
        let end = match isolation {
            Isolation::ReadUncommitted => data.high_watermark,
            Isolation::ReadCommitted => data.last_stable,
        };
        Self { data: data.batches.into(), aborted: Aborted::new(data.aborted, isolation), from, end }
    }

    /// Users' batches until they have `room` bytes, at least one when there is one; what is beyond stays packed. A bad
    /// batch is an error only when nothing before it makes progress.
    pub(super) fn unpack(
        mut self,
        partition: &TopicPartition,
        room: usize,
        config: &FetchConfig,
    ) -> Result<Read, ConsumerError> {
        let offset = self.from;
        let mut read = Read { next: offset, high_watermark: Some(self.end), ..Read::default() };
        let mut memory = 0_usize;
        while let Some(data) = self.data.pop_front() {
            let mut batches = Batches::new(data, config.checksum).within(config.limits);
            while let Some(batch) = batches.next() {
                let batch = match batch {
                    Ok(batch) => batch,
                    Err(_) if read.next > offset => return Ok(read),
                    Err(error) => return Err(ConsumerError::Batch { partition: partition.clone(), offset, error }),
                };
                let visible = self.aborted.visible(&batch);
                if batch.last_offset() < offset {
                    continue;
                }
                // Also past what is not shown: a log may end in markers or batches that compaction emptied.
                read.next = batch.last_offset().saturating_add(1);
                if visible && batch.header().record_count > 0 {
                    memory = memory.saturating_add(batch.memory_len());
                    read.batches.push(batch);
                }
                if memory >= room {
                    let rest = batches.rest();
                    if !rest.is_empty() {
                        self.data.push_front(rest);
                    }
                    self.from = read.next;
                    read.rest = (!self.data.is_empty()).then_some(self);
                    return Ok(read);
                }
            }
        }
        Ok(read)
    }
}

/// Which transactional batches were aborted, found out by walking through them in offset order.
#[derive(Debug)]
struct Aborted {
    /// Producer by first offset, ascending.
    ahead: std::vec::IntoIter<(i64, i64)>,
    next: Option<(i64, i64)>,
    now: BTreeSet<i64>,
}

impl Aborted {
    fn new(mut aborted: Vec<(i64, i64)>, isolation: Isolation) -> Self {
        if isolation == Isolation::ReadUncommitted {
            aborted.clear();
        }
        aborted.sort_by_key(|(_, first)| *first);
        let mut ahead = aborted.into_iter();
        Self { next: ahead.next(), ahead, now: BTreeSet::new() }
    }

    fn visible(&mut self, batch: &Batch) -> bool {
        while let Some((producer, _)) = self.next.filter(|(_, first)| *first <= batch.last_offset()) {
            self.now.insert(producer);
            self.next = self.ahead.next();
        }
        let header = batch.header();
        if batch.is_control() {
            if batch.is_abort_marker() {
                self.now.remove(&header.producer.id);
            }
            return false;
        }
        !(header.is_transactional() && self.now.contains(&header.producer.id))
    }
}
