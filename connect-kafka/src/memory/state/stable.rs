//! Transactions within one log: which offsets are not stable yet, and which records were aborted.
//!
//! All of it follows from the batches in the log, so that a store need not keep it.

use std::ops::Range;

use super::header::{BatchMeta, Marker};

/// A transaction that is open, or whose marker is not settled yet.
#[derive(Debug, Clone, Copy)]
struct Open {
    producer: i64,
    first: i64,
    marker: Option<(i64, Marker)>,
}

#[derive(Debug, Clone, Copy)]
struct Aborted {
    producer: i64,
    first: i64,
    /// Offset of the marker.
    last: i64,
}

/// The transactions of one log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transactions {
    /// By first offset.
    open: Vec<Open>,
    /// By last offset.
    aborted: Vec<Aborted>,
}

impl Transactions {
    /// Takes in a batch that was appended: records or a marker.
    pub(crate) fn appended(&mut self, meta: &BatchMeta) {
        if !meta.is_transactional() {
            return;
        }
        let producer = meta.producer.id;
        let open = self.open.iter_mut().find(|open| open.producer == producer && open.marker.is_none());
        match (open, meta.marker) {
            (Some(open), Some(marker)) => open.marker = Some((meta.base, marker)),
            (None, None) => self.open.push(Open { producer, first: meta.base, marker: None }),
            (Some(_), None) | (None, Some(_)) => {}
        }
    }

    /// Everything below `high` is visible: transactions whose markers are have ended.
    pub(crate) fn settle(&mut self, high: i64) {
        let before = self.aborted.len();
        let aborted = &mut self.aborted;
        self.open.retain(|open| match open.marker.filter(|(at, _)| *at < high) {
            None => true,
            Some((last, marker)) => {
                if marker == Marker::Abort {
                    aborted.push(Aborted { producer: open.producer, first: open.first, last });
                }
                false
            }
        });
        self.aborted[before..].sort_by_key(|aborted| aborted.last);
    }

    /// First offset of the oldest transaction that has not ended.
    pub(crate) fn first_open(&self) -> Option<i64> {
        self.open.first().map(|open| open.first)
    }

    /// Whether the producer has written records of a transaction that no marker follows.
    pub(crate) fn is_open(&self, producer: i64) -> bool {
        self.open.iter().any(|open| open.producer == producer && open.marker.is_none())
    }

    /// Producer and first offset of the aborted transactions that have records or their marker in the range.
    pub(crate) fn aborted_in(&self, range: Range<i64>) -> Vec<(i64, i64)> {
        let from = self.aborted.partition_point(|aborted| aborted.last < range.start);
        let within = self.aborted[from..].iter().filter(|aborted| aborted.first < range.end);
        within.map(|aborted| (aborted.producer, aborted.first)).collect()
    }

    /// Whether records of this producer at this offset, which are part of a transaction, were aborted.
    pub(crate) fn is_aborted(&self, producer: i64, base: i64) -> bool {
        let from = self.aborted.partition_point(|aborted| aborted.last < base);
        self.aborted[from..].iter().any(|aborted| aborted.producer == producer && aborted.first <= base)
    }

    /// The log starts at `start` now.
    pub(crate) fn forget_before(&mut self, start: i64) {
        self.aborted.retain(|aborted| aborted.last >= start);
    }

    /// Batches from `end` on were taken back.
    pub(crate) fn forget_from(&mut self, end: i64) {
        self.open.retain(|open| open.first < end);
        for open in &mut self.open {
            open.marker = open.marker.filter(|(at, _)| *at < end);
        }
    }
}
