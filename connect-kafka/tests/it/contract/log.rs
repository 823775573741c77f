use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use connect_kafka::{Broker, Code, Isolation, OffsetSpec, ProducerId};
use tokio::time::Instant;

use crate::support::{big, code, encode, fetch, fetch_request, plain, produce, records, topic, tp};

pub(super) async fn offsets_count_records(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 2, &[])).await.unwrap();
    for (count, base) in [(3, 0), (1, 3), (2, 4)] {
        assert_eq!(produce(&*broker, &tp("t", 0), plain(count)).await.unwrap(), base);
    }
    assert_eq!(produce(&*broker, &tp("t", 1), plain(1)).await.unwrap(), 0);
    let data = fetch(&*broker, &tp("t", 0), 4).await.unwrap();
    assert_eq!(data.high_watermark, 6);
    assert_eq!(records(&data.batches).iter().map(|r| r.0).collect::<Vec<_>>(), [4, 5]);
    // From within a batch the whole batch comes.
    let data = fetch(&*broker, &tp("t", 0), 1).await.unwrap();
    assert_eq!(records(&data.batches).len(), 6);
}

pub(super) async fn damaged_batches_are_refused(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[("max.message.bytes", "2000")])).await.unwrap();
    let good = plain(2);
    let with = |at: usize, byte: u8| {
        let mut data = BytesMut::from(&good[..]);
        data[at] ^= byte;
        data.freeze()
    };
    // Kafka says of some that the record is invalid instead.
    let cases: [(&str, Bytes, Code); 6] = [
        ("cut off", good.slice(..good.len() - 1), Code::CorruptMessage),
        ("no header", good.slice(..20), Code::CorruptMessage),
        ("two batches", Bytes::from([&good[..], &good[..]].concat()), Code::CorruptMessage),
        ("wrong checksum", with(30, 1), Code::CorruptMessage),
        ("wrong record", with(good.len() - 1, 1), Code::CorruptMessage),
        ("too large", big(3000), Code::MessageTooLarge),
    ];
    for (what, data, expected) in cases {
        let refused = code(produce(&*broker, &tp("t", 0), data).await);
        let invalid = refused == Code::InvalidRecord && expected == Code::CorruptMessage;
        assert!(refused == expected || invalid, "{what}: {refused:?}");
    }
    assert_eq!(produce(&*broker, &tp("t", 0), good.clone()).await.unwrap(), 0);
    assert_eq!(code(produce(&*broker, &tp("t", 1), good).await), Code::UnknownTopicOrPartition);
}

pub(super) async fn idempotent_producers_are_recognised(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let me = broker.init_producer(None).await.unwrap();
    assert_ne!(broker.init_producer(None).await.unwrap().id, me.id);
    let next_epoch = ProducerId { epoch: me.epoch + 1, ..me };
    // Producer, first sequence, records, expected.
    let steps: [(ProducerId, i32, usize, Result<i64, Code>); 14] = [
        (me, 0, 2, Ok(0)),
        (me, 0, 2, Ok(0)),
        (me, 3, 1, Err(Code::OutOfOrderSequence)),
        (me, 2, 1, Ok(2)),
        (me, 3, 1, Ok(3)),
        (me, 4, 1, Ok(4)),
        (me, 5, 1, Ok(5)),
        (me, 2, 1, Ok(2)),
        (me, 0, 2, Ok(0)),
        (me, 6, 1, Ok(6)),
        (me, 0, 2, Err(Code::OutOfOrderSequence)),
        (next_epoch, 1, 1, Err(Code::OutOfOrderSequence)),
        (next_epoch, 0, 1, Ok(7)),
        (me, 7, 1, Err(Code::InvalidProducerEpoch)),
    ];
    for (step, (producer, sequence, count, expected)) in steps.into_iter().enumerate() {
        let data = encode(&vec![("k", Some("v"), 0); count], producer, sequence);
        let result = produce(&*broker, &tp("t", 0), data).await.map_err(|error| error.code);
        assert_eq!(result, expected, "step {step}");
    }
}

pub(super) async fn sequences_wrap(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let me = broker.init_producer(None).await.unwrap();
    for (sequence, count, base) in [(i32::MAX - 1, 3, 0), (1, 1, 3), (i32::MAX - 1, 3, 0)] {
        let data = encode(&vec![("k", Some("v"), 0); count], me, sequence);
        assert_eq!(produce(&*broker, &tp("t", 0), data).await.unwrap(), base, "{sequence}");
    }
}

pub(super) async fn fetch_limits_bytes(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    for _ in 0..4 {
        produce(&*broker, &tp("t", 0), big(1000)).await.unwrap();
    }
    for (per_partition, in_all, batches) in [(1, 1, 1), (2500, 1 << 20, 2), (1 << 20, 3500, 3), (1 << 20, 1 << 20, 4)] {
        let mut request = fetch_request(&tp("t", 0), 0);
        request.partitions[0].max_bytes = per_partition;
        request.max_bytes = in_all;
        let fetched = broker.fetch(request).await.unwrap().remove(0).result.unwrap();
        assert_eq!(fetched.batches.len(), batches, "{per_partition} {in_all}");
    }
}

pub(super) async fn fetch_waits_for_data(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let mut request = fetch_request(&tp("t", 0), 0);
    request.max_wait = Duration::from_secs(5);
    request.min_bytes = 150;
    let start = Instant::now();
    let empty = broker.fetch(request.clone()).await.unwrap().remove(0).result.unwrap();
    assert!(empty.batches.is_empty());
    assert!(start.elapsed() >= Duration::from_secs(5));

    request.max_wait = Duration::from_secs(600);
    let start = Instant::now();
    let waiting = tokio::spawn({
        let (broker, request) = (broker.clone(), request.clone());
        async move { broker.fetch(request).await }
    });
    // One batch of 68 bytes is not enough, three are.
    for _ in 0..3 {
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        produce(&*broker, &tp("t", 0), plain(1)).await.unwrap();
    }
    let data = waiting.await.unwrap().unwrap().remove(0).result.unwrap();
    assert_eq!(data.batches.len(), 3);
    assert!(start.elapsed() < Duration::from_secs(500));

    // A dropped fetch is no trouble to anyone.
    request.partitions[0].offset = 3;
    drop(tokio::time::timeout(Duration::from_millis(10), broker.fetch(request)).await);
    assert_eq!(produce(&*broker, &tp("t", 0), plain(1)).await.unwrap(), 3);
}

pub(super) async fn fetch_outside_of_the_log(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    produce(&*broker, &tp("t", 0), plain(1)).await.unwrap();
    for offset in [-1, 2] {
        assert_eq!(code(fetch(&*broker, &tp("t", 0), offset).await), Code::OffsetOutOfRange);
    }
    assert!(fetch(&*broker, &tp("t", 0), 1).await.unwrap().batches.is_empty());
    assert_eq!(code(fetch(&*broker, &tp("x", 0), 0).await), Code::UnknownTopicOrPartition);
}

pub(super) async fn offsets_are_looked_up(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    for times in [[100, 200], [400, 300], [500, 600]] {
        let batch = encode(&times.map(|time| ("k", Some("v"), time)), ProducerId::NONE, -1);
        produce(&*broker, &tp("t", 0), batch).await.unwrap();
    }
    let cases = [
        (OffsetSpec::Earliest, 0),
        (OffsetSpec::Latest(Isolation::ReadCommitted), 6),
        (OffsetSpec::Timestamp(0), 0),
        (OffsetSpec::Timestamp(150), 1),
        (OffsetSpec::Timestamp(250), 2),
        (OffsetSpec::Timestamp(401), 4),
        (OffsetSpec::Timestamp(600), 5),
        (OffsetSpec::Timestamp(601), 6),
    ];
    for (spec, expected) in cases {
        let found = broker.list_offsets(vec![(tp("t", 0), spec)]).await.unwrap().remove(0).1;
        assert_eq!(found.unwrap(), expected, "{spec:?}");
    }
}
