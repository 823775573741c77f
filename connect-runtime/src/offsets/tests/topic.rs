use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_api::{ErrorKind, OffsetMap, Value};
use connect_kafka::consumer::LogReader;
use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{Api, Broker, Code, Fault, InMemoryBroker, Isolation, NewTopic, TopicPartition};

use super::super::{OffsetStore, TopicOffsetSettings, TopicOffsetStore};
use super::{file, map, position};

async fn open(broker: &InMemoryBroker) -> TopicOffsetStore {
    TopicOffsetStore::open(Arc::new(broker.clone()), "offsets", 25, 1).await.unwrap()
}

/// Writes records as another worker would, in this order, a second apart.
async fn produce(broker: &InMemoryBroker, records: &[(&str, Option<&str>)]) {
    let mut producer = Producer::new(Arc::new(broker.clone()), ProducerConfig::default());
    for (second, (key, value)) in records.iter().enumerate() {
        let none = std::iter::empty::<(&[u8], Option<&[u8]>)>();
        let (key, value) = (Some(key.as_bytes()), value.map(str::as_bytes));
        producer.append(&"offsets".into(), None, Some(second as i64 * 1000), key, value, none).await.unwrap();
    }
    assert!(producer.close().await.iter().all(|ack| ack.result.is_ok()));
}

/// What each key has now, and how many records there are.
async fn content(broker: &InMemoryBroker) -> (BTreeMap<String, Option<String>>, usize) {
    let (mut last, mut count) = (BTreeMap::new(), 0);
    let mut reader = LogReader::new(Arc::new(broker.clone()), "offsets", Isolation::ReadUncommitted);
    let text = |bytes: bytes::Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let read = reader.read_to_end(|record, _| {
        count += 1;
        last.insert(text(record.key.unwrap()), record.value.map(text));
    });
    read.await.unwrap();
    (last, count)
}

fn expected(entries: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    entries.iter().map(|(key, value)| (key.to_string(), value.map(str::to_string))).collect()
}

#[tokio::test]
async fn the_topic_is_created_compacted_and_written_as_by_java() {
    let broker = InMemoryBroker::new();
    let settings = TopicOffsetSettings {
        replication_factor: 1,
        topic_configs: [("segment.bytes".into(), "1000000".into()), ("cleanup.policy".into(), "delete".into())].into(),
        ..TopicOffsetSettings::new("offsets")
    };
    let store = TopicOffsetStore::open_with(Arc::new(broker.clone()), settings).await.unwrap();
    let topic = broker.topics(None).await.unwrap().pop().unwrap();
    assert_eq!((&*topic.name, topic.partitions), ("offsets", 25));
    let configs = broker.topic_configs("offsets").await.unwrap();
    assert_eq!((&*configs["cleanup.policy"], &*configs["segment.bytes"]), ("compact", "1000000"));

    store.store("c", vec![(file("f"), Some(position(42)))]).await.unwrap();
    assert_eq!(broker.log_end(&TopicPartition::new("offsets", 19)).unwrap(), 1);
    assert_eq!(content(&broker).await.0, expected(&[(r#"["c",{"filename":"f"}]"#, Some(r#"{"position":42}"#))]));
    store.store("c", vec![(file("f"), None)]).await.unwrap();
    assert_eq!(content(&broker).await.0, expected(&[(r#"["c",{"filename":"f"}]"#, None)]));
}

#[tokio::test]
async fn a_topic_that_loses_records_is_refused() {
    for policy in ["delete", "compact,delete"] {
        let broker = InMemoryBroker::new();
        let configs = [("cleanup.policy".into(), policy.into())].into();
        let topic = NewTopic { name: "offsets".into(), partitions: 3, replication_factor: 1, configs };
        broker.create_topic(topic).await.unwrap();
        let error = TopicOffsetStore::open(Arc::new(broker), "offsets", 25, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(&format!("it has cleanup.policy={policy}")), "{error}");
    }
}

#[tokio::test]
async fn stores_see_one_another_and_outlive_compaction() {
    let broker = InMemoryBroker::new();
    let (a, b) = (open(&broker).await, open(&broker).await);
    for number in 0..30 {
        a.store("c", vec![(OffsetMap::of("n", number), Some(position(number)))]).await.unwrap();
        b.store("c", vec![(OffsetMap::of("n", number), Some(position(100 + number)))]).await.unwrap();
    }
    b.store("c", (10..30).map(|number| (OffsetMap::of("n", number), None)).collect()).await.unwrap();
    let expect: Vec<_> = (0..10).map(|number| (OffsetMap::of("n", number), position(100 + number))).collect();
    assert_eq!(a.all("c").await.unwrap(), expect);
    broker.compact("offsets").await.unwrap();
    assert_eq!(open(&broker).await.all("c").await.unwrap(), expect);
    assert_eq!(
        a.load("c", &[OffsetMap::of("n", 9i64), OffsetMap::of("n", 10i64)]).await.unwrap(),
        [Some(position(109)), None]
    );
}

#[tokio::test]
async fn keys_are_written_as_they_were_seen() {
    let broker = InMemoryBroker::new();
    let store = open(&broker).await;
    let partition = map(&[("protocol", Value::from("1")), ("table", Value::from("t"))]);
    let (java, patched) = (r#"["c",{"table":"t","protocol":"1"}]"#, r#"["c",{"protocol":"1","table":"t"}]"#);
    produce(&broker, &[(java, Some(r#"{"position":1}"#))]).await;
    // Seen when it is loaded, which every task does before it stores.
    assert_eq!(store.load("c", std::slice::from_ref(&partition)).await.unwrap(), [Some(position(1))]);
    store.store("c", vec![(partition.clone(), Some(position(2)))]).await.unwrap();
    assert_eq!(content(&broker).await.0, expected(&[(java, Some(r#"{"position":2}"#))]));

    // Two keys of one partition: the newer record counts, whichever topic partition is read first, and from then
    // on both are kept the same.
    for (newer, older) in [(java, patched), (patched, java)] {
        let broker = InMemoryBroker::new();
        open(&broker).await;
        produce(&broker, &[(older, Some(r#"{"position":3}"#)), (newer, Some(r#"{"position":4}"#))]).await;
        let store = open(&broker).await;
        assert_eq!(store.all("c").await.unwrap(), [(partition.clone(), position(4))]);
        store.store("c", vec![(partition.clone(), Some(position(5)))]).await.unwrap();
        let five = Some(r#"{"position":5}"#);
        assert_eq!(content(&broker).await.0, expected(&[(java, five), (patched, five)]));
        store.store("c", vec![(partition.clone(), None)]).await.unwrap();
        assert_eq!(content(&broker).await.0, expected(&[(java, None), (patched, None)]));
        assert_eq!(open(&broker).await.all("c").await.unwrap(), []);
    }
}

#[tokio::test]
async fn records_that_are_no_offsets_are_passed_over() {
    let broker = InMemoryBroker::new();
    open(&broker).await;
    produce(
        &broker,
        &[
            ("garbage", Some("x")),
            (r#"["c",{"filename":"a"}]"#, Some(r#"{"position":1}"#)),
            (r#"["c",{"filename":"b"}]"#, Some("garbage")),
        ],
    )
    .await;
    let store = open(&broker).await;
    assert_eq!(store.load("c", &[file("a")]).await.unwrap(), [Some(position(1))]);
    assert_eq!(store.load("c", &[file("b")]).await.unwrap_err().kind(), ErrorKind::Data);
    assert_eq!(store.all("c").await.unwrap_err().kind(), ErrorKind::Data);
}

#[tokio::test]
async fn what_is_too_large_leaves_nothing_behind() {
    let broker = InMemoryBroker::new();
    let store = open(&broker).await;
    let large = OffsetMap::of("text", "x".repeat(2 << 20));
    let error = store.store("c", vec![(file("a"), Some(position(1))), (file("b"), Some(large))]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.to_string().len() < 500, "{error}");
    assert_eq!(content(&broker).await.1, 0);
    // The largest that is let through is indeed taken.
    let fits = OffsetMap::of("text", "x".repeat((1 << 20) - 128 - r#"["c",{"filename":"b"}]{"text":""}"#.len()));
    store.store("c", vec![(file("b"), Some(fits.clone()))]).await.unwrap();
    assert_eq!(store.load("c", &[file("b")]).await.unwrap(), [Some(fits)]);
}

#[tokio::test(start_paused = true)]
async fn faults_on_the_way() {
    let broker = InMemoryBroker::new();
    // Too few brokers at first.
    broker.faults().inject(Fault::fail(Api::CreateTopic, Code::InvalidReplicationFactor).times(3));
    broker.faults().inject(Fault::fail(Api::TopicConfigs, Code::UnknownTopicOrPartition).times(2));
    let store = open(&broker).await;
    let store_position = async |at: i64| store.store("c", vec![(file("a"), Some(position(at)))]).await;
    let load = async || Ok::<_, connect_api::Error>(store.load("c", &[file("a")]).await?.pop().flatten());

    // Passing trouble is waited out; a lost reply does not write twice.
    broker.faults().inject(Fault::lose_reply(Api::Produce).times(1));
    broker.faults().inject(Fault::fail(Api::Fetch, Code::NotLeaderOrFollower).times(2));
    store_position(1).await.unwrap();
    assert_eq!(load().await.unwrap(), Some(position(1)));
    assert_eq!(content(&broker).await.1, 1);

    // A broker that is silent: stores and loads end, and the old offset stands.
    broker.faults().inject(Fault::silence(Api::Produce));
    let error = store_position(2).await.unwrap_err();
    assert!(error.is_retriable(), "{error}");
    broker.faults().clear();
    broker.faults().inject(Fault::silence(Api::ListOffsets));
    let error = load().await.unwrap_err();
    assert!(error.is_retriable() && error.to_string().contains("within 30s"), "{error}");
    broker.faults().clear();
    store_position(3).await.unwrap();
    assert_eq!(load().await.unwrap(), Some(position(3)));

    // What the broker refuses for good is no use to repeat, and later stores go on.
    broker.faults().inject(Fault::fail(Api::Produce, Code::MessageTooLarge).times(1));
    let error = store_position(4).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fatal, "{error}");
    assert_eq!(load().await.unwrap(), Some(position(3)));
    store_position(5).await.unwrap();
    assert_eq!(load().await.unwrap(), Some(position(5)));
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_cannot_be_created_is_an_error_in_time() {
    let broker = InMemoryBroker::new();
    broker.faults().inject(Fault::silence(Api::CreateTopic));
    let start = tokio::time::Instant::now();
    let error = TopicOffsetStore::open(Arc::new(broker), "offsets", 25, 1).await.unwrap_err();
    assert!(error.is_retriable() && start.elapsed() <= Duration::from_secs(61), "{error}");
}

#[tokio::test]
async fn a_dropped_store_is_done_all_the_same() {
    let broker = InMemoryBroker::new();
    let store = open(&broker).await;
    let mut dropped = store.store("c", vec![(file("a"), Some(position(1)))]);
    let _ = futures::poll!(&mut dropped);
    drop(dropped);
    assert_eq!(store.load("c", &[file("a")]).await.unwrap(), [Some(position(1))]);
    // What was asked for goes on even after the store itself.
    let mut dropped = store.store("c", vec![(file("a"), Some(position(2)))]);
    let _ = futures::poll!(&mut dropped);
    drop(dropped);
    drop(store);
    let other = open(&broker).await;
    for _ in 0..1000 {
        if other.load("c", &[file("a")]).await.unwrap() == [Some(position(2))] {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the store was not carried out");
}

#[tokio::test]
async fn calls_that_wait_share_one_round() {
    let broker = InMemoryBroker::new();
    let store = open(&broker).await;
    let (produced, ends) = (broker.faults().calls(Api::Produce), broker.faults().calls(Api::ListOffsets));
    let stores = (0..20).map(|task| store.store("c", vec![(OffsetMap::of("task", task), Some(position(1)))]));
    futures::future::try_join_all(stores).await.unwrap();
    assert_eq!(broker.faults().calls(Api::Produce) - produced, 1);
    futures::future::try_join_all((0..20).map(|_| store.all("c"))).await.unwrap();
    assert_eq!(broker.faults().calls(Api::ListOffsets) - ends, 1);
}
