//! Which offsets may be stored: in each source partition, the last of the records that are done with before
//! the first that is not.

use std::collections::VecDeque;
use std::sync::Arc;

use connect_api::{OffsetMap, SourceRecord};

/// Where a record stands: a partition's number and a place in its queue.
type Place = (u32, u64);

/// Records of a task that are not done with, in order.
///
/// A record is *done with* when the broker acknowledged it, a transform dropped it, or it was dead-lettered.
/// An offset becomes storable when its record and all before it in the same source partition are done with.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    partitions: Vec<Partition>,
    /// Places of produced records by ticket, from `first_ticket` on.
    tickets: VecDeque<Place>,
    first_ticket: u64,
    unfinished: usize,
    keep_records: bool,
}

#[derive(Debug)]
struct Partition {
    key: Arc<OffsetMap>,
    /// Records from the first one that is not done with.
    queue: VecDeque<Slot>,
    /// Number of the queue's first record.
    first: u64,
    /// Storable and not taken yet.
    storable: Option<OffsetMap>,
    /// Done with, their offsets storable; kept only on request.
    done: Vec<SourceRecord>,
}

#[derive(Debug)]
struct Slot {
    done: bool,
    offset: OffsetMap,
    record: Option<Box<SourceRecord>>,
}

/// Offsets to store, and the records that they cover.
#[derive(Debug, Default)]
pub(super) struct Storable {
    pub(super) offsets: Vec<(Arc<OffsetMap>, OffsetMap)>,
    pub(super) records: Vec<SourceRecord>,
}

impl Tracker {
    /// A tracker that keeps the records themselves for the task's `commit`, or does not.
    pub(super) fn new(keep_records: bool) -> Self {
        Self { keep_records, ..Self::default() }
    }

    /// Whether it keeps the records.
    pub(super) const fn keeps_records(&self) -> bool {
        self.keep_records
    }

    /// Notes the next record of its source partition, not done with.
    pub(super) fn submit(&mut self, record: &SourceRecord) -> Pending {
        let number = self.partition(&record.source_partition);
        let partition = &mut self.partitions[number as usize];
        let place = partition.first + partition.queue.len() as u64;
        partition.queue.push_back(Slot {
            done: false,
            offset: record.source_offset.clone(),
            record: self.keep_records.then(|| Box::new(record.clone())),
        });
        self.unfinished += 1;
        Pending((number, place))
    }

    /// The record was appended to the producer, with this ticket. Tickets come in order without gaps.
    pub(super) fn sent(&mut self, pending: Pending, ticket: u64) {
        if self.tickets.is_empty() {
            self.first_ticket = ticket;
        }
        debug_assert_eq!(ticket, self.first_ticket + self.tickets.len() as u64, "tickets come in order");
        self.tickets.push_back(pending.0);
    }

    /// The record ends here: dropped or dead-lettered.
    pub(super) fn ended(&mut self, pending: Pending) {
        self.finish(pending.0);
    }

    /// The record of this ticket was acknowledged, or given up.
    pub(super) fn acknowledged(&mut self, ticket: u64) {
        const DONE: Place = (u32::MAX, 0);
        let Some(index) = ticket.checked_sub(self.first_ticket) else { return };
        let Some(place) = self.tickets.get_mut(index as usize) else { return };
        let place = std::mem::replace(place, DONE);
        if place == DONE {
            return;
        }
        self.finish(place);
        while self.tickets.front() == Some(&DONE) {
            self.tickets.pop_front();
            self.first_ticket += 1;
        }
    }

    /// The ticket of the first produced record that is not acknowledged; with none, the next one.
    pub(super) const fn first_ticket(&self) -> u64 {
        self.first_ticket
    }

    /// The ticket that the next produced record gets.
    pub(super) fn next_ticket(&self) -> u64 {
        self.first_ticket + self.tickets.len() as u64
    }

    /// How many records are not done with.
    pub(super) fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// Whether there is something to store.
    pub(super) fn has_storable(&self) -> bool {
        self.partitions.iter().any(|partition| partition.storable.is_some())
    }

    /// Takes what can be stored now.
    pub(super) fn take_storable(&mut self) -> Storable {
        let mut storable = Storable::default();
        for partition in &mut self.partitions {
            if let Some(offset) = partition.storable.take() {
                storable.offsets.push((Arc::clone(&partition.key), offset));
                storable.records.append(&mut partition.done);
            }
        }
        storable
    }

    /// Puts back what could not be stored; what became storable since then wins.
    pub(super) fn put_back(&mut self, failed: Storable) {
        for (key, offset) in failed.offsets {
            let number = self.partition(&key);
            let storable = &mut self.partitions[number as usize].storable;
            storable.get_or_insert(offset);
        }
        for record in failed.records.into_iter().rev() {
            let number = self.partition(&record.source_partition);
            self.partitions[number as usize].done.insert(0, record);
        }
    }

    fn partition(&mut self, key: &Arc<OffsetMap>) -> u32 {
        let by_address = self.partitions.iter().position(|partition| Arc::ptr_eq(&partition.key, key));
        let found = by_address.or_else(|| self.partitions.iter().position(|partition| partition.key == *key));
        let number = found.unwrap_or_else(|| {
            self.partitions.push(Partition {
                key: Arc::clone(key),
                queue: VecDeque::new(),
                first: 0,
                storable: None,
                done: Vec::new(),
            });
            self.partitions.len() - 1
        });
        // A task has far fewer source partitions than that.
        u32::try_from(number).unwrap_or(u32::MAX - 1)
    }

    fn finish(&mut self, (number, place): Place) {
        let Some(partition) = self.partitions.get_mut(number as usize) else { return };
        let Some(index) = place.checked_sub(partition.first) else { return };
        let Some(slot) = partition.queue.get_mut(index as usize) else { return };
        slot.done = true;
        self.unfinished -= 1;
        while let Some(slot) = partition.queue.pop_front_if(|slot| slot.done) {
            partition.first += 1;
            partition.storable = Some(slot.offset);
            partition.done.extend(slot.record.map(|record| *record));
        }
    }
}

/// A record that was submitted, until it is sent or has ended.
#[derive(Debug)]
#[must_use = "it blocks its source partition until it is done with"]
pub(super) struct Pending(Place);

#[cfg(test)]
mod tests;
