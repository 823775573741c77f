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
