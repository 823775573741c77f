//! What the producer knows of topics, and the choice of a partition.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use crate::TopicPartition;
use crate::batch::partition_for_key;

use super::open::Open;

#[derive(Debug)]
pub(super) struct Topic {
    pub(super) name: Arc<str>,
    pub(super) partitions: Vec<Partition>,
    pub(super) loaded: Instant,
    /// Where keyless records go until that batch is full or flushed.
    sticky: Option<usize>,
    shrinkage: Shrinkage,
}

/// What is left of this topic's records when compressed, in thousandths, as guessed from the last batches.
#[derive(Debug)]
struct Shrinkage(usize);

#[derive(Debug)]
pub(super) struct Partition {
    pub(super) id: TopicPartition,
    pub(super) lane: usize,
    pub(super) open: Option<Open>,
}

/// Topics by name and by a dense index; partitions get dense lane numbers.
#[derive(Debug)]
pub(super) struct Topics {
    by_name: BTreeMap<Arc<str>, usize>,
    all: Vec<Topic>,
    /// The topic asked for last: records mostly come in runs.
    last: usize,
    lanes: usize,
    random: u64,
}

impl Topics {
    pub(super) fn new(seed: u64) -> Self {
        Self { by_name: BTreeMap::new(), all: Vec::new(), last: 0, lanes: 0, random: seed }
    }

    #[inline]
    pub(super) fn find(&mut self, name: &Arc<str>) -> Option<usize> {
        if self.all.get(self.last).is_some_and(|topic| Arc::ptr_eq(&topic.name, name)) {
            return Some(self.last);
        }
        self.last = *self.by_name.get(name)?;
        Some(self.last)
    }

    #[inline]
    pub(super) fn get(&mut self, topic: usize) -> &mut Topic {
        &mut self.all[topic]
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Topic> {
        self.all.iter_mut()
    }

    /// Notes that a topic has so many partitions; the number never shrinks.
    pub(super) fn learn(&mut self, name: &Arc<str>, partitions: i32) {
        let index = *self.by_name.entry(name.clone()).or_insert_with(|| {
            let name = name.clone();
            self.all.push(Topic {
                name,
                partitions: Vec::new(),
                loaded: Instant::now(),
                sticky: None,
                shrinkage: Shrinkage(1000),
            });
            self.all.len() - 1
        });
        let topic = &mut self.all[index];
        topic.loaded = Instant::now();
        for partition in topic.partitions.len() as i32..partitions {
            let id = TopicPartition { topic: topic.name.clone(), partition };
            topic.partitions.push(Partition { id, lane: self.lanes, open: None });
            self.lanes += 1;
        }
    }

    /// The partition for a record; `None` when the one asked for is not known.
    #[inline]
    pub(super) fn choose(&mut self, topic: usize, wanted: Option<i32>, key: Option<&[u8]>) -> Option<usize> {
        let topic = &mut self.all[topic];
        let count = topic.partitions.len();
        match (wanted, key) {
            (Some(wanted), _) => usize::try_from(wanted).ok().filter(|wanted| *wanted < count),
            _ if count == 0 => None,
            (None, Some(key)) => Some(partition_for_key(key, count as i32) as usize),
            (None, None) => {
                Some(*topic.sticky.get_or_insert_with(|| (split_mix(&mut self.random) % count as u64) as usize))
            }
        }
    }
}

impl Topic {
    /// A batch left: the next keyless record chooses anew.
    pub(super) fn unstick(&mut self) {
        self.sticky = None;
    }

    /// Bytes that a batch may have before compression, to have about `wanted` after it.
    #[inline]
    pub(super) fn room(&self, wanted: usize, most: usize) -> usize {
        match self.shrinkage.0 {
            1000 => wanted,
            left => (wanted.saturating_mul(1000) / left).min(most).max(wanted),
        }
    }

    /// Notes what compression did to a batch.
    pub(super) fn shrank(&mut self, before: usize, after: usize) {
        let seen = (after.saturating_mul(1000) / before.max(1)).clamp(1, 1000);
        let guess = &mut self.shrinkage.0;
        // Believes bad news at once and good news bit by bit, so that batches seldom become too large.
        *guess = if seen >= *guess { seen } else { *guess - (*guess - seen).div_ceil(4) };
    }
}

/// SplitMix64: a step of a seeded sequence.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
