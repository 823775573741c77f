//! Which records are done with, in the order of their offsets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use connect_api::{Offsets, TopicPartition};

/// Where a record stands in the tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// A partition's time with this task; 0 for a record that came again, whose first copy counts.
    life: u64,
    number: u64,
}

/// Of each partition the records that are not done with.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    lives: BTreeMap<Arc<TopicPartition>, u64>,
    states: BTreeMap<u64, State>,
    last_life: u64,
    /// The partition of the record before, which most records share.
    recent: Option<(Arc<TopicPartition>, u64)>,
}

#[derive(Debug, Default)]
struct State {
    /// Offsets from the first that is not done, and whether each is.
    pending: VecDeque<(i64, bool)>,
    /// The number of the first of them.
    first: u64,
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
        let state = self.states.entry(life).or_default();
        if state.last.is_some_and(|last| offset <= last) {
            return Place { life: 0, number: 0 };
        }
        state.last = Some(offset);
        state.pending.push_back((offset, false));
        Place { life, number: state.first + state.pending.len() as u64 - 1 }
    }

    fn life(&mut self, origin: &Arc<TopicPartition>) -> u64 {
        if let Some(life) = self.lives.get(origin) {
            return *life;
        }
        self.last_life += 1;
        self.lives.insert(Arc::clone(origin), self.last_life);
        self.last_life
    }

    /// Topic, partition and offset of a record that is not done with.
    pub(super) fn origin(&self, place: Place) -> Option<(Arc<str>, i32, i64)> {
        let (partition, _) = self.lives.iter().find(|(_, life)| **life == place.life)?;
        let state = self.states.get(&place.life)?;
        let at = usize::try_from(place.number.checked_sub(state.first)?).ok()?;
        let (offset, _) = state.pending.get(at)?;
        Some((Arc::clone(&partition.topic), partition.partition, *offset))
    }

    /// A record is done with.
    pub(super) fn done(&mut self, place: Place) {
        let Some(state) = self.states.get_mut(&place.life) else { return };
        let at = place.number.checked_sub(state.first).and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| state.pending.get_mut(at)) {
            entry.1 = true;
        }
        while state.pending.front().is_some_and(|(_, done)| *done) {
            state.pending.pop_front();
            state.first += 1;
        }
    }

    /// How far each partition is done with: never past a record that is pending, and never past `seen`.
    pub(super) fn done_of(&self, seen: &Offsets) -> Offsets {
        let of = |partition: &TopicPartition, seen: i64| {
            let state = self.lives.get(partition).and_then(|life| self.states.get(life));
            state.and_then(|state| state.pending.front()).map_or(seen, |(offset, _)| seen.min(*offset))
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
