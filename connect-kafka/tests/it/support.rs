//! Batches, requests and a broker in one line each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_kafka::batch::{Batch, BatchBuilder, Checksum};
use connect_kafka::consumer::LogReader;
use connect_kafka::{
    Broker, Code, FetchPartition, FetchRequest, Fetched, FetchedData, Isolation, JoinGroup, Joined, Member, NewTopic,
    ProduceBatch, ProduceRequest, ProducerId, Result, TopicPartition, Transactional, Txn,
};

/// Records of a test batch: key, value (`None` deletes), timestamp.
pub(crate) type TestRecord<'a> = (&'a str, Option<&'a str>, i64);

pub(crate) fn encode(records: &[TestRecord<'_>], producer: ProducerId, sequence: i32) -> Bytes {
    let mut batch = BatchBuilder::with_capacity(1024);
    for (key, value, timestamp) in records {
        batch.append(*timestamp, Some(key.as_bytes()), value.map(str::as_bytes), []).unwrap();
    }
    batch.finish(producer, sequence)
}

/// A batch of one record as part of a transaction.
pub(crate) fn in_txn(txn: &Txn, value: &str, sequence: i32) -> Bytes {
    let mut batch = BatchBuilder::with_capacity(128);
    batch.append(1000, Some(b"k"), Some(value.as_bytes()), []).unwrap();
    batch.finish_in_transaction(txn.producer, sequence)
}

/// Takes the transactional id over.
pub(crate) async fn begin(broker: &dyn Broker, id: &str) -> Txn {
    let transactional = Transactional { id: id.into(), timeout: Duration::from_secs(60), current: None };
    Txn { id: id.into(), producer: broker.init_producer(Some(&transactional)).await.unwrap() }
}

/// Ends the transaction; the next one is written from the sequence this says.
pub(crate) async fn finish(broker: &dyn Broker, txn: &mut Txn, commit: bool, sequence: i32) -> i32 {
    let next = broker.end_txn(txn, commit).await.unwrap();
    let before = std::mem::replace(&mut txn.producer, next);
    if before == next { sequence } else { 0 }
}

/// The values that a reader of committed records sees.
pub(crate) async fn committed(broker: &Arc<dyn Broker>, topic: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut reader = LogReader::new(broker.clone(), topic, Isolation::ReadCommitted);
    let each = |record: connect_kafka::batch::FetchedRecord, _| {
        seen.push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
    };
    reader.read_to_end(each).await.unwrap();
    seen
}

/// Appends one record as part of the transaction.
pub(crate) async fn write(
    broker: &dyn Broker,
    partition: &TopicPartition,
    txn: &Txn,
    value: &str,
    sequence: i32,
) -> Result<i64> {
    let batches = vec![ProduceBatch { partition: partition.clone(), data: in_txn(txn, value, sequence) }];
    let transactional_id = Some(txn.id.clone());
    let request =
        ProduceRequest { batches, acks: connect_kafka::Acks::All, timeout: Duration::from_secs(30), transactional_id };
    let attempt = async || broker.produce(request.clone()).await?.remove(0).result;
    // Kafka's way to say that it could not ask the transaction's coordinator just now.
    let open = |result: &Result<i64>| result.as_ref().is_err_and(|error| error.code == Code::NotEnoughReplicas);
    eventually(attempt, |result| !open(result)).await
}

/// Asks until the answer is as it should be. Brokers of a cluster hear of things a moment later, and tell
/// nobody when.
pub(crate) async fn eventually<T: std::fmt::Debug>(ask: impl AsyncFn() -> T, done: impl Fn(&T) -> bool) -> T {
    const PATIENCE: Duration = Duration::from_secs(300);
    const PAUSE: Duration = Duration::from_millis(10);
    let mut answer = ask().await;
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if done(&answer) {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
        answer = ask().await;
    }
    panic!("still {answer:?}");
}

/// A batch of `count` records with little in them.
pub(crate) fn plain(count: usize) -> Bytes {
    encode(&vec![("k", Some("v"), 1000); count], ProducerId::NONE, -1)
}

/// A batch of one record and about `bytes` bytes.
pub(crate) fn big(bytes: usize) -> Bytes {
    encode(&[("k", Some(&"x".repeat(bytes)), 1000)], ProducerId::NONE, -1)
}

pub(crate) fn tp(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

pub(crate) fn topic(name: &str, partitions: i32, configs: &[(&str, &str)]) -> NewTopic {
    let mut configs: BTreeMap<_, _> = configs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    if configs.is_empty() {
        // Test records are from 1970.
        configs.insert("retention.ms".to_owned(), "-1".to_owned());
    }
    NewTopic { name: name.into(), partitions, replication_factor: -1, configs }
}

pub(crate) async fn produce(broker: &dyn Broker, partition: &TopicPartition, data: Bytes) -> Result<i64> {
    let batches = vec![ProduceBatch { partition: partition.clone(), data }];
    let request = ProduceRequest {
        batches,
        acks: connect_kafka::Acks::All,
        timeout: Duration::from_secs(30),
        transactional_id: None,
    };
    broker.produce(request).await?.remove(0).result
}

pub(crate) fn fetch_request(partition: &TopicPartition, offset: i64) -> FetchRequest {
    FetchRequest {
        partitions: vec![FetchPartition { partition: partition.clone(), offset, max_bytes: 1 << 20 }],
        min_bytes: 1,
        max_wait: Duration::ZERO,
        max_bytes: 10 << 20,
        isolation: Isolation::ReadUncommitted,
    }
}

pub(crate) async fn fetch(broker: &dyn Broker, partition: &TopicPartition, offset: i64) -> Result<FetchedData> {
    let mut fetched: Vec<Fetched> = broker.fetch(fetch_request(partition, offset)).await?;
    fetched.remove(0).result
}

/// Offset, key and value of every record in the batches.
pub(crate) fn records(batches: &[Bytes]) -> Vec<(i64, String, Option<String>)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut all = Vec::new();
    for data in batches {
        let batch = Batch::parse(data, Checksum::Verify).unwrap();
        for view in batch.views() {
            let view = view.unwrap();
            all.push((view.offset, text(view.key.unwrap_or_default()), view.value.map(text)));
        }
    }
    all
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().code
}

/// Of a client whose session outlasts what checks do without heartbeats. On a real cluster it has to leave, or the next
/// check waits for the end of its session.
pub(crate) fn join_request(group: &str, client: &str) -> JoinGroup {
    JoinGroup {
        group: group.into(),
        member_id: String::new(),
        instance_id: None,
        client_id: client.into(),
        session_timeout: Duration::from_secs(60),
        rebalance_timeout: Duration::from_secs(60),
        protocol_type: "connect".into(),
        protocols: vec![("v1".into(), Bytes::from(client.to_owned()))],
    }
}

pub(crate) fn member(group: &str, joined: &Joined) -> Member {
    Member {
        group: group.into(),
        generation: joined.generation,
        member_id: joined.member_id.clone(),
        instance_id: None,
    }
}

/// A client that is no member.
pub(crate) fn outsider(group: &str) -> Member {
    Member { group: group.into(), generation: -1, member_id: String::new(), instance_id: None }
}

/// Joins in the background.
pub(crate) fn join(broker: &Arc<dyn Broker>, request: JoinGroup) -> tokio::task::JoinHandle<Result<Joined>> {
    let broker = broker.clone();
    tokio::spawn(async move { broker.join_group(request).await })
}
