//! Compaction and retention.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_kafka::batch::BatchHeader;
use connect_kafka::{Broker, Clock, Code, EmbeddedBroker, EmbeddedOptions, InMemoryBroker, ProducerId, TopicPartition};

use crate::support::{
    TestRecord, begin, big, code, committed, encode, fetch, in_txn, plain, produce, records, topic, tp,
};

const DAY_MS: i64 = 86_400_000;

async fn on_each<F: Future<Output = ()>>(clock_ms: i64, check: impl Fn(EmbeddedBroker) -> F) {
    check(InMemoryBroker::with_clock(Clock::starting_at(clock_ms))).await;
    let directory = tempfile::tempdir().unwrap();
    let mut options = EmbeddedOptions::default();
    options.clock = Clock::starting_at(clock_ms);
    options.tail_cache_bytes = 200;
    let durable = EmbeddedBroker::open(directory.path(), options).unwrap();
    check(durable.clone()).await;
    durable.close().await;
}

fn batch(records: &[TestRecord<'_>]) -> Bytes {
    encode(records, ProducerId::NONE, -1)
}

async fn content(broker: &EmbeddedBroker, partition: &TopicPartition) -> Vec<(i64, String, Option<String>)> {
    records(&broker.batches(partition).await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn compaction_keeps_the_newest_of_a_key() {
    on_each(10 * DAY_MS, |broker| async move {
        let t = tp("t", 0);
        broker.create_topic(topic("t", 1, &[("cleanup.policy", "compact")])).await.unwrap();
        let now = 10 * DAY_MS;
        let batches: [&[TestRecord<'_>]; 4] = [
            &[("a", Some("1"), now), ("b", Some("1"), now)],
            &[("a", Some("2"), now)],
            &[("old", None, now - 2 * DAY_MS), ("c", None, now)],
            &[("a", Some("3"), now), ("old", None, now - 2 * DAY_MS)],
        ];
        for records in batches {
            produce(&broker, &t, batch(records)).await.unwrap();
        }
        broker.compact("t").await.unwrap();
        let kept = |offset: i64, key: &str, value: Option<&str>| (offset, key.to_owned(), value.map(str::to_owned));
        let expected = [kept(1, "b", Some("1")), kept(4, "c", None), kept(5, "a", Some("3"))];
        assert_eq!(content(&broker, &t).await, expected);
        assert_eq!(broker.log_end(&t).unwrap(), 7);
        // From a gap on, the next batch comes.
        let data = fetch(&broker, &t, 2).await.unwrap();
        assert_eq!(records(&data.batches)[0].0, 4);
        assert_eq!(produce(&broker, &t, batch(&[("d", Some("1"), now)])).await.unwrap(), 7);
        assert_eq!(code(broker.compact("none").await), Code::UnknownTopicOrPartition);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn compaction_may_leave_an_empty_tail() {
    on_each(10 * DAY_MS, |broker| async move {
        let t = tp("t", 0);
        broker.create_topic(topic("t", 1, &[])).await.unwrap();
        for value in [Some("1"), None] {
            produce(&broker, &t, batch(&[("a", value, DAY_MS)])).await.unwrap();
        }
        broker.compact("t").await.unwrap();
        let batches = broker.batches(&t).await.unwrap();
        assert_eq!((batches.len(), records(&batches).len()), (1, 0));
        assert_eq!(broker.log_end(&t).unwrap(), 2);
        assert_eq!(fetch(&broker, &t, 1).await.unwrap().batches.len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn compaction_knows_transactions() {
    on_each(10 * DAY_MS, |broker| async move {
        let t = tp("t", 0);
        broker.create_topic(topic("t", 1, &[])).await.unwrap();
        let (a, b) = (begin(&broker, "a").await, begin(&broker, "b").await);
        for (txn, value, sequence, end) in [(&a, "old", 0, true), (&a, "kept", 1, true), (&b, "aborted", 0, false)] {
            broker.add_partitions(txn, std::slice::from_ref(&t)).await.unwrap();
            produce(&broker, &t, in_txn(txn, value, sequence)).await.unwrap();
            broker.end_txn(txn, end).await.unwrap();
        }
        let open = begin(&broker, "c").await;
        broker.add_partitions(&open, std::slice::from_ref(&t)).await.unwrap();
        produce(&broker, &t, in_txn(&open, "open", 0)).await.unwrap();
        // Aborted records replace nothing, open ones neither; markers stay for a day.
        broker.compact("t").await.unwrap();
        let shared: Arc<dyn Broker> = Arc::new(broker.clone());
        assert_eq!(committed(&shared, "t").await, ["kept"]);
        let bases = async || {
            let batches = broker.batches(&t).await.unwrap();
            batches.iter().map(|b| BatchHeader::parse(b).unwrap().base_offset).collect::<Vec<_>>()
        };
        // The aborted batch keeps its header: it is its producer's last one.
        assert_eq!(bases().await, [1, 2, 3, 4, 5, 6]);
        broker.end_txn(&open, false).await.unwrap();
        tokio::time::advance(Duration::from_hours(25)).await;
        broker.compact("t").await.unwrap();
        // The producers are forgotten by now, too.
        assert_eq!(bases().await, [2, 3, 7]);
        assert_eq!(committed(&shared, "t").await, ["kept"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retention_by_bytes() {
    on_each(0, |broker| async move {
        let t = tp("t", 0);
        broker.create_topic(topic("t", 1, &[("retention.bytes", "3000")])).await.unwrap();
        for _ in 0..10 {
            produce(&broker, &t, big(1000)).await.unwrap();
        }
        // Data that is not on disk yet is not dropped, so the durable broker may keep one batch more.
        assert!(broker.log_start(&t).unwrap() >= 6, "{}", broker.log_start(&t).unwrap());
        assert!(broker.batches(&t).await.unwrap().len() >= 3);
        assert_eq!(code(fetch(&broker, &t, 0).await), Code::OffsetOutOfRange);
        assert_eq!(broker.log_end(&t).unwrap(), 10);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retention_by_age() {
    on_each(10 * DAY_MS, |broker| async move {
        let t = tp("t", 0);
        broker.create_topic(topic("t", 1, &[("retention.ms", "86400000")])).await.unwrap();
        for time in [8 * DAY_MS, 10 * DAY_MS] {
            produce(&broker, &t, batch(&[("a", Some("x"), time)])).await.unwrap();
        }
        broker.enforce_retention();
        assert_eq!((broker.log_start(&t).unwrap(), broker.log_end(&t).unwrap()), (1, 2));
        // Within five minutes of its time the rest goes by itself.
        tokio::time::advance(Duration::from_hours(25)).await;
        drop(fetch(&broker, &t, 1).await);
        assert_eq!((broker.log_start(&t).unwrap(), broker.log_end(&t).unwrap()), (2, 2));
        assert_eq!(produce(&broker, &t, plain(1)).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn records_are_deleted_up_to_an_offset() {
    on_each(0, |broker| async move {
        let t = tp("t", 0);
        broker.create_topic(topic("t", 1, &[])).await.unwrap();
        for _ in 0..3 {
            produce(&broker, &t, plain(2)).await.unwrap();
        }
        broker.truncate_before(&t, 3).unwrap();
        assert_eq!(broker.log_start(&t).unwrap(), 3);
        assert_eq!(code(fetch(&broker, &t, 2).await), Code::OffsetOutOfRange);
        assert_eq!(fetch(&broker, &t, 3).await.unwrap().batches.len(), 2);
        assert_eq!(code(broker.truncate_before(&t, 7)), Code::OffsetOutOfRange);
    })
    .await;
}
