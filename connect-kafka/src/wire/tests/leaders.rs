//! Leaders that move, and clusters of several brokers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ApiKey, FetchResponse, ProduceResponse, TopicName};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::server::{Act, Asked, Server, metadata, modern};
use crate::batch::BatchBuilder;
use crate::{
    Broker, Code, FetchPartition, Isolation, ProduceBatch, ProduceRequest, ProducerId, TopicPartition, WireBroker,
};

/// Two brokers; `leaders` says who has the two partitions of topic `t`.
async fn two(leaders: Arc<[AtomicI32; 2]>, other: impl Fn(i32, &Asked) -> Act + Send + Clone + 'static) -> [Server; 2] {
    let listeners = [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
    let mut id = 0;
    listeners.map(|listener| {
        id += 1;
        let (me, leaders, other) = (id, leaders.clone(), other.clone());
        Server::listen(listener, move |asked| match asked.api {
            ApiKey::ApiVersions => asked.reply(&modern()),
            ApiKey::Metadata => {
                let leaders = leaders.each_ref().map(|leader| leader.load(Ordering::SeqCst));
                asked.reply(&metadata(asked, &[(1, ports[0]), (2, ports[1])], &[("t", &leaders)]))
            }
            _ => other(me, asked),
        })
    })
}

fn batch() -> Bytes {
    let mut batch = BatchBuilder::with_capacity(100);
    batch.append(0, Some(b"k"), Some(b"v"), []).unwrap();
    batch.finish(ProducerId::NONE, -1)
}

#[tokio::test]
async fn the_leader_is_told_whose_acknowledgement_counts() {
    let asked_for = Arc::new(AtomicI32::new(0));
    let told = asked_for.clone();
    let servers = two(Arc::new([AtomicI32::new(1), AtomicI32::new(1)]), move |_, asked| {
        told.store(asked.read::<kafka_protocol::messages::ProduceRequest>().acks.into(), Ordering::SeqCst);
        let topic = TopicProduceResponse::default()
            .with_name(TopicName("t".into()))
            .with_partition_responses(vec![PartitionProduceResponse::default()]);
        asked.reply(&ProduceResponse::default().with_responses(vec![topic]))
    })
    .await;
    let broker = WireBroker::connect(servers[0].config()).await.unwrap();
    for (acks, number) in [(crate::Acks::Leader, 1), (crate::Acks::All, -1)] {
        let batches = vec![ProduceBatch { partition: TopicPartition::new("t", 0), data: batch() }];
        let request = ProduceRequest { batches, acks, timeout: Duration::from_secs(5), transactional_id: None };
        assert_eq!(broker.produce(request).await.unwrap().remove(0).result.unwrap(), 0);
        assert_eq!(asked_for.load(Ordering::SeqCst), number);
    }
}

#[tokio::test]
async fn a_leader_that_moved_is_found() {
    let leaders = Arc::new([AtomicI32::new(1), AtomicI32::new(1)]);
    let now = leaders.clone();
    let servers = two(leaders.clone(), move |me, asked| {
        let error = if now[0].load(Ordering::SeqCst) == me { 0 } else { 6 };
        let one = PartitionProduceResponse::default().with_error_code(error).with_base_offset(i64::from(me));
        let topic =
            TopicProduceResponse::default().with_name(TopicName("t".into())).with_partition_responses(vec![one]);
        asked.reply(&ProduceResponse::default().with_responses(vec![topic]))
    })
    .await;
    let broker = WireBroker::connect(servers[0].config()).await.unwrap();
    let produce = async || {
        let batches = vec![ProduceBatch { partition: TopicPartition::new("t", 0), data: batch() }];
        let request =
            ProduceRequest { batches, acks: crate::Acks::All, timeout: Duration::from_secs(5), transactional_id: None };
        broker.produce(request).await.unwrap().remove(0).result.map_err(|error| error.code)
    };
    assert_eq!(produce().await, Ok(1));
    leaders[0].store(2, Ordering::SeqCst);
    // Told, so that the producer repeats in its order, and learned.
    assert_eq!(produce().await, Err(Code::NotLeaderOrFollower));
    assert_eq!(produce().await, Ok(2));
    leaders[0].store(-1, Ordering::SeqCst);
    assert_eq!(produce().await, Err(Code::NotLeaderOrFollower));
    assert_eq!(produce().await, Err(Code::LeaderNotAvailable));
}

#[tokio::test]
async fn slow_brokers_do_not_hold_up_others_and_lose_nothing() {
    let leaders = Arc::new([AtomicI32::new(1), AtomicI32::new(2)]);
    let go = Arc::new(Notify::new());
    let told = go.clone();
    let servers = two(leaders, move |me, asked| {
        let data = PartitionData::default()
            .with_partition_index(me - 1)
            .with_aborted_transactions(Some(Vec::new()))
            .with_records(Some(batch()));
        let topic = FetchableTopicResponse::default().with_topic(TopicName("t".into())).with_partitions(vec![data]);
        match asked.reply(&FetchResponse::default().with_responses(vec![topic])) {
            Act::Send(frame) if me == 2 => Act::SendWhen(told.clone(), frame),
            act => act,
        }
    })
    .await;
    let broker = WireBroker::connect(servers[0].config()).await.unwrap();
    let wanted =
        |partition| FetchPartition { partition: TopicPartition::new("t", partition), offset: 0, max_bytes: 100 };
    let fetch = async || {
        let request = crate::FetchRequest {
            partitions: vec![wanted(0), wanted(1)],
            min_bytes: 1,
            max_wait: Duration::from_secs(5),
            max_bytes: 1000,
            isolation: Isolation::ReadUncommitted,
        };
        let fetched = broker.fetch(request).await.unwrap();
        assert!(fetched.iter().all(|one| one.result.as_ref().unwrap().batches.len() == 1));
        fetched.into_iter().map(|one| one.partition.partition).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        assert_eq!(fetch().await, [0]);
    }
    go.notify_one();
    while !fetch().await.contains(&1) {}
    // It was asked once, however often the calls came back without its answer.
    assert_eq!(servers[1].count(ApiKey::Fetch), 1);
}
