//! Which records are done with, in the order of their offsets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use connect_api::{Offsets, TopicPartition};

/// Where a record stands in the tracker, and where it was read. It is all that is kept of a record: its bytes can be read
/// once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// A partition's time with this task.
    life: u32,
    /// Of a record that came again the first copy counts.
    again: bool,
    offset: i64,
}

/// Of each partition the records that are not done with.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    lives: BTreeMap<Arc<TopicPartition>, u32>,
    states: BTreeMap<u32, State>,
    last_life: u32,
    /// The partition of the record before, which most records share.
    recent: Option<(Arc<TopicPartition>, u32)>,
}

#[derive(Debug)]
struct State {
    origin: Arc<TopicPartition>,
    /// Offsets in their order from the first that is not done; of those that are, the complement, which is negative.
    pending: VecDeque<i64>,
    /// The highest offset seen.
    last: Option<i64>,
}

impl Tracker {
    /// A record came. It is pending until [`done`](Self::done).
    pub(super) fn add(&mut self, origin: &Arc<TopicPartition>, offset: i64) -> Place {
        let life = match &self.recent {
            Some((recent, life)) if Arc::ptr_eq(recent, origin) => *life,
            _ => {
                let life = self.life(origin);
                self.recent = Some((Arc::clone(origin), life));
                life
            }
        };
        let empty = || State { origin: Arc::clone(origin), pending: VecDeque::new(), last: None };
        let state = self.states.entry(life).or_insert_with(empty);
        let again = state.last.is_some_and(|last| offset <= last);
        if !again {
            state.last = Some(offset);
            state.pending.push_back(offset);
        }
        Place { life, again, offset }
    }

    fn life(&mut self, origin: &Arc<TopicPartition>) -> u32 {
        if let Some(life) = self.lives.get(origin) {
            return *life;
        }
        self.last_life += 1;
        self.lives.insert(Arc::clone(origin), self.last_life);
        self.last_life
    }

    /// Where a record was read, unless its partition is gone.
    pub(super) fn origin(&self, place: Place) -> Option<(Arc<TopicPartition>, i64)> {
        let state = self.states.get(&place.life)?;
        Some((Arc::clone(&state.origin), place.offset))
    }

    /// A record is done with.
    pub(super) fn done(&mut self, place: Place) {
        let Some(state) = self.states.get_mut(&place.life).filter(|_| !place.again) else { return };
        if let Ok(at) = state.pending.binary_search_by_key(&place.offset, |entry| (*entry).max(!entry)) {
            state.pending[at] = !place.offset;
        }
        while state.pending.front().is_some_and(|entry| *entry < 0) {
            state.pending.pop_front();
        }
    }

    /// How far each partition is done with: never past a record that is pending, and never past `seen`.
    pub(super) fn done_of(&self, seen: &Offsets) -> Offsets {
        let of = |partition: &TopicPartition, seen: i64| {
            let state = self.lives.get(partition).and_then(|life| self.states.get(life));
            state.and_then(|state| state.pending.front()).map_or(seen, |offset| seen.min(*offset))
        };
        seen.iter().map(|(partition, seen)| (partition.clone(), of(partition, *seen))).collect()
    }

    /// A partition begins anew, or is gone: what is pending of it concerns nobody.
    pub(super) fn forget(&mut self, partition: &TopicPartition) {
        if let Some(life) = self.lives.remove(partition) {
            self.states.remove(&life);
        }
        self.recent = None;
    }
}
