mod cooperative;
mod packed;
mod shaken;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::batch::BatchBuilder;
use crate::{
    Api, Broker, Clock, Code, Fault, InMemoryBroker, Isolation, NewTopic, ProduceBatch, ProduceRequest, ProducerId,
    TopicPartition,
};

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

async fn topic(broker: &InMemoryBroker, name: &str, partitions: i32) {
    let configs = BTreeMap::from([("cleanup.policy".into(), "compact".into())]);
    broker.create_topic(NewTopic { name: name.into(), partitions, replication_factor: 1, configs }).await.unwrap();
}

async fn broker(partitions: i32) -> InMemoryBroker {
    let broker = InMemoryBroker::with_clock(Clock::starting_at(1_700_000_000_000));
    topic(&broker, "t", partitions).await;
    broker
}

/// Appends one batch; a value is its key too.
async fn put(broker: &InMemoryBroker, partition: &TopicPartition, values: &[&str]) {
    let mut builder = BatchBuilder::with_capacity(0);
    for value in values {
        builder.append(1, Some(value.as_bytes()), Some(value.as_bytes()), []).unwrap();
    }
    let data = builder.finish(ProducerId::NONE, -1);
    let batches = vec![ProduceBatch { partition: partition.clone(), data }];
    let request =
        ProduceRequest { batches, acks: crate::Acks::All, timeout: Duration::from_secs(1), transactional_id: None };
    // A moved leader is somewhere else once only.
    if broker.produce(request.clone()).await.unwrap().remove(0).result.is_err() {
        broker.produce(request).await.unwrap().remove(0).result.unwrap();
    }
}

fn config() -> GroupConfig {
    let mut config = GroupConfig::new("g");
    config.session_timeout = Duration::from_secs(10);
    config.rebalance_timeout = Duration::from_secs(30);
    config.fetch.offset_reset = OffsetReset::Earliest;
    config
}

fn member(broker: &InMemoryBroker, change: impl FnOnce(&mut GroupConfig)) -> GroupConsumer {
    let mut config = config();
    change(&mut config);
    GroupConsumer::new(Arc::new(broker.clone()), config, Subscription::Topics(vec!["t".into()]))
}

fn text(batches: &FetchedBatches) -> String {
    let one = |(partition, record): (&Arc<TopicPartition>, Result<crate::batch::FetchedRecord, _>)| {
        let record = record.unwrap();
        format!("{partition}@{}={}", record.offset, String::from_utf8_lossy(&record.value.unwrap()))
    };
    batches.records().map(one).collect::<Vec<_>>().join(" ")
}

async fn records(consumer: &mut GroupConsumer) -> String {
    match consumer.next().await.unwrap() {
        Event::Records(batches) => text(&batches),
        other => panic!("{other:?}"),
    }
}

fn show(event: &Event) -> String {
    let list = |all: &[TopicPartition]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    match event {
        Event::Assigned(all) => {
            format!("assigned {}", all.iter().map(|(p, o)| format!("{p}@{o}")).collect::<Vec<_>>().join(" "))
        }
        Event::Revoked(all) => format!("revoked {}", list(all)),
        Event::Lost(all) => format!("lost {}", list(all)),
        Event::Records(batches) => text(batches),
    }
}

async fn event(consumer: &mut GroupConsumer) -> String {
    show(&consumer.next().await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn reads_commits_and_goes_on() {
    let broker = broker(2).await;
    put(&broker, &at(0), &["a", "b"]).await;
    put(&broker, &at(1), &["c"]).await;
    let mut one = member(&broker, |_| ());
    assert_eq!(event(&mut one).await, "assigned t-0@0 t-1@0");
    assert_eq!(records(&mut one).await, "t-0@0=a t-0@1=b t-1@0=c");
    assert_eq!(one.positions(), [(at(0), 2), (at(1), 1)]);
    assert_eq!(one.lag(), [(at(0), Some(0)), (at(1), Some(0))]);
    let committed = one.commit(&[(at(0), 1), (at(1), 1)]).await.unwrap();
    assert!(committed.iter().all(|(_, result)| result.is_ok()));
    assert_eq!(one.committed(None).await.unwrap(), [(at(0), 1), (at(1), 1)]);
    one.leave().await.unwrap();
    assert!(broker.members("g").is_empty());

    let mut two = member(&broker, |_| ());
    assert_eq!(event(&mut two).await, "assigned t-0@1 t-1@1");
    // Mid-batch: what was committed before is not seen again.
    assert_eq!(records(&mut two).await, "t-0@1=b");
    put(&broker, &at(1), &["d"]).await;
    assert_eq!(records(&mut two).await, "t-1@1=d");
}

#[tokio::test(start_paused = true)]
async fn stays_a_member_while_the_owner_works() {
    let broker = broker(1).await;
    let mut one = member(&broker, |_| ());
    event(&mut one).await;
    sleep(Duration::from_secs(300)).await;
    assert_eq!(broker.members("g").len(), 1);
    assert!(one.commit(&[(at(0), 0)]).await.unwrap()[0].1.is_ok());
    drop(one);
    sleep(Duration::from_secs(11)).await;
    assert!(broker.members("g").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_member_takes_its_share() {
    let broker = broker(3).await;
    let mut one = member(&broker, |_| ());
    assert_eq!(event(&mut one).await, "assigned t-0@0 t-1@0 t-2@0");
    let mut two = member(&broker, |_| ());
    let two = tokio::spawn(async move {
        let assigned = event(&mut two).await;
        (two, assigned)
    });
    assert_eq!(event(&mut one).await, "revoked t-0 t-1 t-2");
    // Revoked, not lost: the owner may still say how far it came.
    assert!(one.commit(&[(at(2), 7)]).await.unwrap()[0].1.is_ok());
    assert!(one.assignment().is_empty());
    let first = event(&mut one).await;
    let (mut two, second) = two.await.unwrap();
    let mut both = [first, second];
    both.sort();
    assert_eq!(both, ["assigned t-0@0 t-1@0", "assigned t-2@7"]);
    assert_eq!(one.member().unwrap().generation, two.member().unwrap().generation);

    two.leave().await.unwrap();
    assert!(event(&mut one).await.starts_with("revoked"));
    assert_eq!(event(&mut one).await, "assigned t-0@0 t-1@0 t-2@7");
}

#[tokio::test(start_paused = true)]
async fn an_expired_member_lost_its_partitions() {
    let broker = broker(1).await;
    let mut one = member(&broker, |_| ());
    event(&mut one).await;
    broker.expire_member("g", &broker.members("g")[0]).unwrap();
    assert!(one.commit(&[(at(0), 1)]).await.is_err());
    assert_eq!(event(&mut one).await, "lost t-0");
    assert!(one.commit(&[(at(0), 1)]).await.is_err());
    assert_eq!(event(&mut one).await, "assigned t-0@0");
}

#[tokio::test(start_paused = true)]
async fn static_members_keep_their_place() {
    let broker = broker(2).await;
    let fixed = |config: &mut GroupConfig| config.instance_id = Some("i".into());
    let mut one = member(&broker, fixed);
    event(&mut one).await;
    one.leave().await.unwrap();
    assert_eq!(broker.members("g").len(), 1);
    let mut again = member(&broker, fixed);
    assert_eq!(event(&mut again).await, "assigned t-0@0 t-1@0");
    assert_eq!(broker.members("g").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn new_matches_and_partitions_are_found() {
    let broker = broker(1).await;
    let matching = Subscription::Matching(Arc::new(|name| name.starts_with('t')));
    let mut one = GroupConsumer::new(Arc::new(broker.clone()), config(), matching);
    assert_eq!(event(&mut one).await, "assigned t-0@0");
    topic(&broker, "other", 1).await;
    topic(&broker, "tt", 2).await;
    let start = Instant::now();
    assert_eq!(event(&mut one).await, "revoked t-0");
    assert!(start.elapsed() >= Duration::from_secs(290));
    assert_eq!(event(&mut one).await, "assigned t-0@0 tt-0@0 tt-1@0");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_not_there_yet_is_looked_for_often() {
    let broker = InMemoryBroker::new();
    let mut one = member(&broker, |_| ());
    assert_eq!(event(&mut one).await, "assigned ");
    timeout(Duration::from_secs(60), event(&mut one)).await.unwrap_err();
    topic(&broker, "t", 1).await;
    let start = Instant::now();
    assert_eq!(event(&mut one).await, "assigned t-0@0");
    assert!(start.elapsed() <= Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn a_match_that_comes_while_joining_is_found() {
    let broker = broker(1).await;
    broker.faults().inject(Fault::delay(Api::JoinGroup, Duration::from_secs(5)).times(1));
    let matching = Subscription::Matching(Arc::new(|name| name.starts_with('t')));
    let mut one = GroupConsumer::new(Arc::new(broker.clone()), config(), matching);
    let later = async {
        sleep(Duration::from_secs(1)).await;
        topic(&broker, "tt", 1).await;
        std::future::pending::<()>().await
    };
    tokio::select! {
        biased;
        assigned = event(&mut one) => assert_eq!(assigned, "assigned t-0@0"),
        () = later => {}
    }
    assert_eq!(event(&mut one).await, "revoked t-0");
    assert_eq!(event(&mut one).await, "assigned t-0@0 tt-0@0");
}

#[tokio::test(start_paused = true)]
async fn waits_out_passing_trouble() {
    let broker = broker(1).await;
    put(&broker, &at(0), &["a"]).await;
    for api in [Api::JoinGroup, Api::SyncGroup, Api::CommittedOffsets, Api::Fetch, Api::CommitOffsets, Api::Topics] {
        broker.faults().inject(Fault::fail(api, Code::NotCoordinator).times(2));
        broker.faults().inject(Fault::lose_reply(api).times(1));
    }
    broker.faults().inject(Fault::fail(Api::ListOffsets, Code::NotLeaderOrFollower).partition(&at(0)).times(2));
    broker.move_leader(&at(0));
    broker.move_coordinator("g");
    let mut one = member(&broker, |_| ());
    assert_eq!(event(&mut one).await, "assigned t-0@0");
    assert_eq!(records(&mut one).await, "t-0@0=a");
    assert!(one.commit(&[(at(0), 1)]).await.unwrap()[0].1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn errors_for_good_are_told() {
    let broker = broker(1).await;
    let mut one = member(&broker, |config| config.fetch.offset_reset = OffsetReset::None);
    let error = one.next().await.unwrap_err();
    assert!(matches!(error, ConsumerError::NoOffset { offset: None, .. }), "{error}");
    let mut two = member(&broker, |config| config.session_timeout = Duration::from_millis(1));
    let error = two.next().await.unwrap_err();
    assert!(matches!(&error, ConsumerError::Broker(e) if e.code == Code::InvalidSessionTimeout), "{error}");
}

#[tokio::test(start_paused = true)]
async fn pause_resume_seek() {
    let broker = broker(2).await;
    let mut consumer = PartitionConsumer::new(Arc::new(broker.clone()), FetchConfig::default());
    consumer.assign([(at(0), 0), (at(1), 0)]);
    assert!(timeout(Duration::from_secs(5), consumer.next()).await.is_err());
    consumer.pause(&[at(0)]);
    put(&broker, &at(0), &["a", "b", "c"]).await;
    put(&broker, &at(1), &["x"]).await;
    assert_eq!(text(&consumer.next().await.unwrap()), "t-1@0=x");
    assert!(timeout(Duration::from_secs(5), consumer.next()).await.is_err());
    consumer.resume(&[at(0)]);
    // The running fetch, which lacks the partition, is not waited for.
    let start = Instant::now();
    assert_eq!(text(&consumer.next().await.unwrap()), "t-0@0=a t-0@1=b t-0@2=c");
    assert!(consumer.seek(&at(0), 1));
    assert_eq!(text(&consumer.next().await.unwrap()), "t-0@1=b t-0@2=c");
    assert!(start.elapsed().is_zero());
    assert!(!consumer.seek(&at(7), 1));
    consumer.assign([]);
    assert!(timeout(Duration::from_secs(5), consumer.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn goes_on_where_the_log_begins() {
    let broker = broker(1).await;
    for value in ["a", "b", "c"] {
        put(&broker, &at(0), &[value]).await;
    }
    broker.truncate_before(&at(0), 2).unwrap();
    for (offset_reset, expected) in [(OffsetReset::Earliest, "t-0@2=c"), (OffsetReset::Latest, "t-0@3=d")] {
        let config = FetchConfig { offset_reset, ..FetchConfig::default() };
        let mut consumer = PartitionConsumer::new(Arc::new(broker.clone()), config);
        consumer.assign([(at(0), 0)]);
        if offset_reset == OffsetReset::Latest {
            assert!(timeout(Duration::from_secs(1), consumer.next()).await.is_err());
            put(&broker, &at(0), &["d"]).await;
        }
        assert_eq!(text(&consumer.next().await.unwrap()), expected);
    }
    let config = FetchConfig { offset_reset: OffsetReset::None, ..FetchConfig::default() };
    let mut consumer = PartitionConsumer::new(Arc::new(broker.clone()), config);
    consumer.assign([(at(0), 1)]);
    let error = consumer.next().await.unwrap_err();
    assert!(matches!(error, ConsumerError::NoOffset { offset: Some(1), .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_small_limit_starves_nobody() {
    let broker = broker(3).await;
    for _ in 0..20 {
        for partition in 0..3 {
            put(&broker, &at(partition), &["x"]).await;
        }
    }
    let config = FetchConfig { max_bytes: 1, ..FetchConfig::default() };
    let mut consumer = PartitionConsumer::new(Arc::new(broker.clone()), config);
    consumer.assign((0..3).map(|partition| (at(partition), 0)));
    for _ in 0..6 {
        consumer.next().await.unwrap();
    }
    assert!(consumer.positions().iter().all(|(_, position)| *position >= 2), "{:?}", consumer.positions());
}

async fn read(reader: &mut LogReader) -> String {
    let mut seen = Vec::new();
    let each = |record: crate::batch::FetchedRecord, partition| {
        seen.push(format!("{partition}@{}={}", record.offset, String::from_utf8_lossy(&record.value.unwrap())));
    };
    reader.read_to_end(each).await.unwrap();
    seen.join(" ")
}

#[tokio::test(start_paused = true)]
async fn log_reader_reads_to_the_end_again_and_again() {
    let broker = broker(2).await;
    put(&broker, &at(0), &["a", "b", "a"]).await;
    let mut reader = LogReader::new(Arc::new(broker.clone()), "t", Isolation::ReadUncommitted);
    broker.faults().inject(Fault::fail(Api::Topics, Code::NetworkException).times(2));
    broker.faults().inject(Fault::fail(Api::ListOffsets, Code::NotLeaderOrFollower).times(2));
    assert_eq!(read(&mut reader).await, "0@0=a 0@1=b 0@2=a");
    assert_eq!(read(&mut reader).await, "");
    put(&broker, &at(1), &["c"]).await;
    put(&broker, &at(0), &["a"]).await;
    put(&broker, &at(0), &["b"]).await;
    broker.compact("t").await.unwrap();
    let mut parts: Vec<_> = read(&mut reader).await.split(' ').map(str::to_owned).collect();
    parts.sort();
    assert_eq!(parts, ["0@3=a", "0@4=b", "1@0=c"]);
    // From the beginning, over what compaction emptied.
    let mut fresh = LogReader::new(Arc::new(broker.clone()), "t", Isolation::ReadUncommitted);
    assert_eq!(read(&mut fresh).await, "0@3=a 0@4=b 1@0=c");
    assert_eq!(fresh.positions(), [(at(0), 5), (at(1), 1)]);
    let mut none = LogReader::new(Arc::new(broker), "nope", Isolation::ReadUncommitted);
    let error = none.read_to_end(|_, _| ()).await.unwrap_err();
    assert!(matches!(&error, ConsumerError::Broker(e) if e.code == Code::UnknownTopicOrPartition), "{error}");
}

#[tokio::test]
async fn topics_are_created_once() {
    let broker = InMemoryBroker::new();
    let new = || NewTopic { name: "n".into(), partitions: 1, replication_factor: 1, configs: BTreeMap::new() };
    assert!(create_topic_if_absent(&broker, new()).await.unwrap());
    assert!(!create_topic_if_absent(&broker, new()).await.unwrap());
}
