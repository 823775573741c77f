//! Compaction: of records with the same key only the newest stays. Offsets stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Bytes, BytesMut};

use super::change::{Change, LogId};
use super::header::{BatchMeta, with_records};
use super::log::Piece;
use super::records::{RawRecord, Records};
use super::stable::Transactions;
use super::{BrokerState, Moment};
use crate::{Result, TopicPartition};

/// One partition's compaction: first it sees every batch, then it rewrites every batch, so that a log on disk is read twice and never held.
#[derive(Debug)]
pub(crate) struct Compaction {
    pub(crate) log: LogId,
    newest: BTreeMap<Vec<u8>, i64>,
    txns: Transactions,
    /// Producers of which transactional records remain since their last marker.
    remaining: BTreeSet<i64>,
    /// Records younger than this stay.
    young_from_ms: i64,
    /// Tombstones older than this go.
    tombstones_until_ms: i64,
}

/// What becomes of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rewritten {
    Same,
    Gone,
    Smaller(Bytes),
}

impl BrokerState {
    /// A compaction of what the partition holds now, up to the first open transaction, and the batches: each with
    /// whether its header must stay though no record does.
    pub(crate) fn start_compaction(
        &mut self,
        partition: &TopicPartition,
        now: Moment,
    ) -> Result<(Compaction, Vec<(Piece, bool)>)> {
        let config = self.topic(&partition.topic)?.config.clone();
        let log = self.log(partition)?;
        let count = log.entries().take_while(|entry| entry.end() <= log.last_stable()).count();
        let keep = |index: usize| {
            index + 1 == count || log.entry(index).is_some_and(|entry| log.producers.is_last(entry.base))
        };
        let batches = (0..count).filter_map(|index| Some((log.piece(index)?, keep(index)))).collect();
        let (id, txns) = (log.id, log.txns.clone());
        if let Some(log) = self.logs.get_mut(&id) {
            log.dirty = 0;
        }
        let compaction = Compaction {
            log: id,
            newest: BTreeMap::new(),
            txns,
            remaining: BTreeSet::new(),
            young_from_ms: now.wall_ms.saturating_sub(config.compaction_lag_ms),
            tombstones_until_ms: now.wall_ms.saturating_sub(config.delete_retention_ms),
        };
        Ok((compaction, batches))
    }

    /// Puts a rewritten batch in the place of the original one.
    pub(crate) fn rewrite(&mut self, log: LogId, original: &Bytes, rewritten: Rewritten) {
        let Some(base) = BatchMeta::read(original).map(|meta| meta.base) else { return };
        let batch = match rewritten {
            Rewritten::Same => return,
            Rewritten::Gone => None,
            Rewritten::Smaller(data) => BatchMeta::read(&data).map(|meta| (meta, data)),
        };
        // The batch may have fallen to retention meanwhile.
        let Some(found) = self.logs.get_mut(&log).filter(|found| found.start <= base) else { return };
        let change = found.rewrite(base, batch.as_ref());
        self.cached_bytes = self.cached_bytes.saturating_add_signed(change);
        self.record(Change::Rewrite { log, base, batch });
    }

    /// Partitions of compacted topics that collected more than `bytes`, and more than they had, since the last
    /// compaction.
    pub(crate) fn dirty_partitions(&self, bytes: u64) -> Vec<TopicPartition> {
        let mut found = Vec::new();
        for (name, topic) in self.topics.iter().filter(|(_, topic)| topic.config.compact) {
            for (partition, id) in (0..).zip(topic.record.logs()) {
                if self.logs.get(&id).is_some_and(|log| log.dirty > bytes && log.dirty * 2 > log.bytes) {
                    found.push(TopicPartition::new(name.clone(), partition));
                }
            }
        }
        found
    }
}

impl Compaction {
    /// First pass: notes the batch's keys.
    pub(crate) fn see(&mut self, batch: &Bytes) {
        if BatchMeta::read(batch).is_none_or(|meta| meta.marker.is_some() || self.is_aborted(&meta)) {
            return;
        }
        for record in Records::of(batch).into_iter().flatten().flatten() {
            if let Some(key) = record.key {
                self.newest.insert(key.to_vec(), record.offset);
            }
        }
    }

    /// Second pass, in offset order: the batch without what a newer record of the same key replaced, or what was
    /// aborted. A marker goes when it is old and no record of its transaction is left.
    pub(crate) fn rewrite(&mut self, batch: &Bytes, keep_header: bool) -> Rewritten {
        let Some(meta) = BatchMeta::read(batch) else { return Rewritten::Same };
        if meta.marker.is_some() {
            let needed = self.remaining.remove(&meta.producer.id) || meta.max_timestamp >= self.tombstones_until_ms;
            return if needed || keep_header { Rewritten::Same } else { Rewritten::Gone };
        }
        let rewritten = self.rewrite_records(batch, self.is_aborted(&meta), keep_header);
        if meta.is_transactional() && rewritten != Rewritten::Gone {
            self.remaining.insert(meta.producer.id);
        }
        rewritten
    }

    fn is_aborted(&self, meta: &BatchMeta) -> bool {
        meta.is_transactional() && self.txns.is_aborted(meta.producer.id, meta.base)
    }

    fn rewrite_records(&self, batch: &Bytes, aborted: bool, keep_header: bool) -> Rewritten {
        // Compressed batches stay as they are, as does one that is malformed.
        let Some(records) = Records::of(batch) else { return Rewritten::Same };
        let Some(records) = records.collect::<Option<Vec<RawRecord<'_>>>>() else { return Rewritten::Same };
        let mut kept = BytesMut::new();
        let mut count = 0_i32;
        let total = records.len();
        for record in records.iter().filter(|record| !aborted && self.stays(record)) {
            kept.extend_from_slice(record.raw);
            count += 1;
        }
        match count {
            0 if !keep_header => Rewritten::Gone,
            _ if usize::try_from(count) == Ok(total) => Rewritten::Same,
            _ => Rewritten::Smaller(with_records(batch, count, &kept)),
        }
    }

    fn stays(&self, record: &RawRecord<'_>) -> bool {
        if record.timestamp >= self.young_from_ms.saturating_add(1) {
            return true;
        }
        let Some(key) = record.key else { return true };
        let newest = self.newest.get(key).is_none_or(|newest| *newest <= record.offset);
        newest && !(record.tombstone && record.timestamp < self.tombstones_until_ms)
    }
}
