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
mod tests {
    use std::collections::BTreeMap;

    use connect_api::{Record, Value};
    use proptest::prelude::*;

    use super::*;

    fn record(partition: i64, offset: i64) -> SourceRecord {
        let record = Record::new("t", Value::Null);
        SourceRecord::new(record, Arc::new(OffsetMap::of("p", partition)), OffsetMap::of("o", offset))
    }

    #[test]
    fn an_unfinished_head_blocks_its_own_partition_only() {
        let mut tracker = Tracker::new(true);
        let [a0, b0, a1] = [record(0, 1), record(1, 1), record(0, 2)].map(|record| tracker.submit(&record));
        tracker.sent(a0, 0);
        tracker.sent(b0, 1);
        tracker.sent(a1, 2);
        tracker.acknowledged(2);
        assert!(!tracker.has_storable());
        tracker.acknowledged(1);
        let storable = tracker.take_storable();
        assert_eq!(storable.offsets, [(Arc::new(OffsetMap::of("p", 1)), OffsetMap::of("o", 1))]);
        assert_eq!(storable.records, [record(1, 1)]);
        tracker.put_back(storable);
        tracker.acknowledged(0);
        tracker.acknowledged(0);
        let storable = tracker.take_storable();
        assert_eq!(storable.offsets.len(), 2);
        assert_eq!(storable.records, [record(0, 1), record(0, 2), record(1, 1)]);
        assert_eq!(tracker.unfinished(), 0);
    }

    /// What happens to a record, and when: at once, or after so many others.
    #[derive(Debug, Clone)]
    enum Fate {
        Ended,
        Acknowledged,
        Never,
    }

    proptest! {
        /// No schedule of acknowledgements, drops and failed stores makes an offset storable before its time.
        #[test]
        fn no_offset_passes_an_unfinished_record(
            records in prop::collection::vec((0..3i64, prop_oneof![
                2 => Just(Fate::Acknowledged), 1 => Just(Fate::Ended), 1 => Just(Fate::Never)
            ]), 1..60),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
            failing in prop::collection::vec(any::<bool>(), 80),
        ) {
            let mut tracker = Tracker::new(false);
            let mut next: BTreeMap<i64, i64> = BTreeMap::new();
            let mut unproven: Vec<(i64, i64)> = Vec::new();
            let mut sent: Vec<(u64, i64, i64, bool)> = Vec::new();
            let mut tickets = 0;
            for (partition, fate) in records {
                let offset = next.entry(partition).or_insert(0);
                *offset += 1;
                let pending = tracker.submit(&record(partition, *offset));
                match fate {
                    Fate::Ended => tracker.ended(pending),
                    fate => {
                        tracker.sent(pending, tickets);
                        unproven.push((partition, *offset));
                        sent.push((tickets, partition, *offset, matches!(fate, Fate::Acknowledged)));
                        tickets += 1;
                    }
                }
            }
            let check = |tracker: &mut Tracker, unproven: &[(i64, i64)], fails: bool| {
                let storable = tracker.take_storable();
                for (key, offset) in &storable.offsets {
                    let (partition, offset) = (key.get_i64("p").unwrap(), offset.get_i64("o").unwrap());
                    prop_assert!(unproven.iter().all(|(p, o)| *p != partition || *o > offset));
                }
                if fails {
                    tracker.put_back(storable);
                }
                Ok(())
            };
            for (step, index) in order.into_iter().enumerate() {
                if sent.is_empty() { break }
                let (ticket, partition, offset, acknowledged) = sent.swap_remove(index.index(sent.len()));
                if acknowledged {
                    tracker.acknowledged(ticket);
                    unproven.retain(|place| *place != (partition, offset));
                }
                check(&mut tracker, &unproven, failing[step])?;
            }
            prop_assert_eq!(tracker.unfinished(), unproven.len());
        }
    }
}
