//! Idempotent producers of one partition: which batches were the last ones, so that a repeated one is recognised.

use std::collections::{BTreeMap, VecDeque};

use super::header::{BatchMeta, sequence_after};
use crate::{BrokerError, Code};

/// Kafka remembers as many batches as a producer may have in flight.
const REMEMBERED: usize = 5;
/// `producer.id.expiration.ms`
const EXPIRY_MS: i64 = 86_400_000;

#[derive(Debug, Clone, Copy)]
struct Appended {
    first_sequence: i32,
    last_sequence: i32,
    base: i64,
}

#[derive(Debug)]
struct Producer {
    epoch: i16,
    last: VecDeque<Appended>,
    /// Offset of the last transaction marker.
    marker: Option<i64>,
    used_ms: i64,
}

impl Producer {
    /// Offset of the newest batch that tells of it.
    fn newest(&self) -> Option<i64> {
        self.last.back().map(|batch| batch.base).max(self.marker)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Producers(BTreeMap<i64, Producer>);

/// What to do with a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Append,
    /// It is there already, at this offset.
    Duplicate(i64),
}

impl Producers {
    /// Kafka's sequence check. A producer that the partition does not know may start anywhere, since its
    /// batches may have been deleted.
    pub(crate) fn check(&self, meta: &BatchMeta) -> Result<Verdict, BrokerError> {
        let Some(known) = (meta.producer.id >= 0).then(|| self.0.get(&meta.producer.id)).flatten() else {
            return Ok(Verdict::Append);
        };
        let (id, epoch, sequence) = (meta.producer.id, meta.producer.epoch, meta.base_sequence);
        let out_of_order = |expected: i32| {
            BrokerError::new(
                Code::OutOfOrderSequence,
                format!("producer {id} sent sequence {sequence} in epoch {epoch}, expected {expected}"),
            )
        };
        if epoch < known.epoch {
            let newest = known.epoch;
            let message = format!("producer {id} has epoch {newest} by now, the batch has {epoch}");
            return Err(BrokerError::new(Code::InvalidProducerEpoch, message));
        }
        if epoch > known.epoch {
            return if sequence == 0 { Ok(Verdict::Append) } else { Err(out_of_order(0)) };
        }
        let same = |batch: &&Appended| batch.first_sequence == sequence && batch.last_sequence == meta.last_sequence();
        if let Some(batch) = known.last.iter().find(same) {
            return Ok(Verdict::Duplicate(batch.base));
        }
        match known.last.back().map(|batch| sequence_after(batch.last_sequence, 1)) {
            Some(expected) if expected != sequence => Err(out_of_order(expected)),
            // A marker began the epoch.
            None if sequence != 0 => Err(out_of_order(0)),
            _ => Ok(Verdict::Append),
        }
    }

    pub(crate) fn appended(&mut self, meta: &BatchMeta, now_ms: i64) {
        if meta.producer.id < 0 {
            return;
        }
        let fresh = || Producer { epoch: meta.producer.epoch, last: VecDeque::new(), marker: None, used_ms: now_ms };
        let producer = self.0.entry(meta.producer.id).or_insert_with(fresh);
        if producer.epoch != meta.producer.epoch {
            *producer = fresh();
        }
        producer.used_ms = now_ms;
        if meta.marker.is_some() {
            producer.marker = Some(meta.base);
            return;
        }
        producer.last.push_back(Appended {
            first_sequence: meta.base_sequence,
            last_sequence: meta.last_sequence(),
            base: meta.base,
        });
        while producer.last.len() > REMEMBERED {
            producer.last.pop_front();
        }
    }

    /// Whether the batch at `base` is the newest of its producer; compaction keeps its header.
    pub(crate) fn is_last(&self, base: i64) -> bool {
        self.0.values().any(|producer| producer.last.back().is_some_and(|batch| batch.base == base))
    }

    pub(crate) fn forget_before(&mut self, start: i64) {
        self.0.retain(|_, producer| producer.newest() >= Some(start));
    }

    pub(crate) fn forget_from(&mut self, end: i64) {
        self.0.retain(|_, producer| {
            producer.last.retain(|batch| batch.base < end);
            producer.marker = producer.marker.filter(|marker| *marker < end);
            producer.newest().is_some()
        });
    }

    pub(crate) fn expire(&mut self, now_ms: i64) {
        self.0.retain(|_, producer| producer.used_ms.saturating_add(EXPIRY_MS) > now_ms);
    }
}
