//! Compressed batches are unpacked a few at a time.

use super::*;
use crate::batch::Compressor;
use crate::producer::{Producer, ProducerConfig};

/// What a batch has; a hundredth of that compressed.
const UNPACKED: usize = 10_000;
const ROOM: usize = 25_000;

fn producer(broker: &InMemoryBroker, transactional_id: Option<&str>) -> Producer {
    let compression = Compressor::new("zstd", None).unwrap();
    let transactional_id = transactional_id.map(Into::into);
    Producer::new(Arc::new(broker.clone()), ProducerConfig { compression, transactional_id, ..Default::default() })
}

/// A batch of one record that begins with `name` and shrinks well.
async fn put_large(producer: &mut Producer, partition: i32, name: &str) {
    let value = format!("{name:<UNPACKED$}");
    producer.append(&"t".into(), Some(partition), None, None, Some(value.as_bytes()), []).await.unwrap();
    producer.flush_batches();
    producer.next_ack().await.result.unwrap();
}

fn consumer(broker: &InMemoryBroker, change: impl FnOnce(&mut FetchConfig)) -> PartitionConsumer {
    let mut config = FetchConfig { max_bytes: ROOM, partition_max_bytes: ROOM, ..FetchConfig::default() };
    change(&mut config);
    PartitionConsumer::new(Arc::new(broker.clone()), config)
}

/// Offsets and names.
fn names(batches: &FetchedBatches) -> Vec<(i64, String)> {
    let one = |(_, record): (_, Result<crate::batch::FetchedRecord, _>)| {
        let record = record.unwrap();
        (record.offset, String::from_utf8_lossy(&record.value.unwrap()).trim().to_owned())
    };
    batches.records().map(one).collect()
}

#[tokio::test(start_paused = true)]
async fn one_fetch_is_unpacked_a_few_batches_at_a_time() {
    let broker = broker(2).await;
    let mut producer = producer(&broker, None);
    for n in 0..30 {
        put_large(&mut producer, n % 2, &n.to_string()).await;
    }
    let mut consumer = consumer(&broker, |config| config.ahead = false);
    consumer.assign([(at(0), 0), (at(1), 0)]);
    let mut seen: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    while seen.values().map(Vec::len).sum::<usize>() < 30 {
        let batches = consumer.next().await.unwrap();
        // Beside what the room allows, one batch of each partition.
        assert!(batches.bytes() < ROOM + 2 * (UNPACKED + 200), "{}", batches.bytes());
        for (partition, record) in batches.records() {
            let value = String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap();
            seen.entry(partition.partition).or_default().push(value.trim().to_owned());
        }
    }
    let every_other = |first: i32| (first..30).step_by(2).map(|n| n.to_string()).collect();
    assert_eq!(seen, BTreeMap::from([(0, every_other(0)), (1, every_other(1))]));
    assert_eq!(broker.faults().calls(Api::Fetch), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_still_packed_follows_seeks_and_pauses() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, None);
    for n in 0..10 {
        put_large(&mut producer, 0, &n.to_string()).await;
    }
    let offsets = |batches: FetchedBatches| names(&batches).into_iter().map(|(offset, _)| offset).collect::<Vec<_>>();
    for ahead in [false, true] {
        let mut consumer = consumer(&broker, |config| config.ahead = ahead);
        consumer.assign([(at(0), 0)]);
        assert_eq!(offsets(consumer.next().await.unwrap()), [0, 1, 2]);
        consumer.pause(&[at(0)]);
        assert!(timeout(Duration::from_secs(5), consumer.next()).await.is_err());
        consumer.resume(&[at(0)]);
        assert_eq!(offsets(consumer.next().await.unwrap()), [3, 4, 5]);
        consumer.seek(&at(0), 8);
        assert_eq!(offsets(consumer.next().await.unwrap()), [8, 9]);
        consumer.seek(&at(0), 5);
        assert_eq!(offsets(consumer.next().await.unwrap()), [5, 6, 7]);
        consumer.assign([(at(0), 1)]);
        assert_eq!(offsets(consumer.next().await.unwrap()), [1, 2, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn aborted_batches_stay_hidden_in_what_is_unpacked_later() {
    let broker = broker(1).await;
    let mut kept = producer(&broker, Some("kept"));
    let mut dropped = producer(&broker, Some("dropped"));
    for producer in [&mut kept, &mut dropped] {
        producer.init_transactions().await.unwrap();
    }
    for round in 0..4 {
        kept.begin().unwrap();
        dropped.begin().unwrap();
        for n in 0..4 {
            put_large(&mut kept, 0, &format!("kept {round} {n}")).await;
            put_large(&mut dropped, 0, &format!("dropped {round} {n}")).await;
        }
        kept.commit().await.unwrap();
        dropped.abort().await.unwrap();
    }
    let mut consumer = consumer(&broker, |config| config.isolation = Isolation::ReadCommitted);
    consumer.assign([(at(0), 0)]);
    let mut seen = Vec::new();
    while seen.len() < 16 {
        seen.extend(names(&consumer.next().await.unwrap()).into_iter().map(|(_, name)| name));
    }
    let expected: Vec<_> = (0..16).map(|n| format!("kept {} {}", n / 4, n % 4)).collect();
    assert_eq!(seen, expected);
    assert!(timeout(Duration::from_secs(5), consumer.next()).await.is_err());
}
