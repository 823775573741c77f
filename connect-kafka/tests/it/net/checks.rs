//! What holds whatever happens to connections, on any broker. The checks with a seed say how many requests were struck.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::producer::{Producer, ProducerConfig, TransactionError};
use connect_kafka::{Broker, Isolation, OffsetSpec, TopicPartition};
use kafka_protocol::messages::ApiKey;
use tokio::sync::watch;

use super::proxy::{ACTS, Act, Proxy, Random};
use super::work::{Leaving, Produced, Reading, client, difference, producer_config, read};
use crate::support::{eventually, outsider, topic};

const PARTITIONS: i32 = 3;

/// A broker: where it listens, and a way to it that nothing disturbs.
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) direct: Arc<dyn Broker>,
    /// What a request may take before clients count it as lost.
    pub(crate) patience: Duration,
}

impl Place {
    pub(crate) async fn with_topic(&self, name: &str) -> Arc<str> {
        self.direct.create_topic(topic(name, PARTITIONS, &[])).await.unwrap();
        name.into()
    }
}

/// An idempotent producer loses nothing, repeats nothing and keeps the order.
pub(crate) async fn producing(place: &Place, seed: u64, records: u64) -> usize {
    let name = place.with_topic(&format!("producing-{seed}")).await;
    let proxy = Proxy::start(Some(place.address)).await;
    proxy.at_random(seed, 6, &ACTS);
    let mut producer = Producer::new(client(&proxy, place.patience), producer_config(seed, place.patience));
    let mut produced = Produced::new(PARTITIONS);
    for _ in 0..records / 100 {
        produced.append(&mut producer, &name, 100).await;
    }
    produced.finish(producer).await;
    produced.check(&place.direct, &name).await;
    proxy.struck()
}

/// Members of a group go on where the last commit was, and read everything in order.
pub(crate) async fn consuming(place: &Place, seed: u64, records: u64) -> usize {
    let name = place.with_topic(&format!("consuming-{seed}")).await;
    let mut produced = Produced::new(PARTITIONS);
    let mut producer = Producer::new(place.direct.clone(), producer_config(seed, place.patience));
    produced.append(&mut producer, &name, records).await;
    produced.finish(producer).await;
    let proxy = Proxy::start(Some(place.address)).await;
    proxy.at_random(seed, 12, &ACTS);
    let leaving = if seed.is_multiple_of(2) { Leaving::Crash } else { Leaving::Politely };
    let mut reading = Reading::new(&name, &format!("group-{seed}"), leaving, PARTITIONS, place.patience);
    reading.run(&client(&proxy, place.patience), records as usize, Random(seed)).await;
    reading.check(&produced.appended);
    proxy.struck()
}

fn transactional(id: &str, seed: u64, patience: Duration) -> ProducerConfig {
    ProducerConfig { transactional_id: Some(id.into()), ..producer_config(seed, patience) }
}

/// Repeats a step as its errors say, as long as the broker's word is open.
macro_rules! insist {
    ($step:expr) => {
        loop {
            match $step {
                Err(TransactionError::Broker(error)) if error.is_retriable() => {}
                other => break other,
            }
        }
    };
}

/// Of transactions, readers of committed records see all or nothing, and so do groups of offsets.
pub(crate) async fn transacting(place: &Place, seed: u64, transactions: u64) -> usize {
    let name = place.with_topic(&format!("transacting-{seed}")).await;
    let group = format!("offsets-{seed}");
    let proxy = Proxy::start(Some(place.address)).await;
    proxy.at_random(seed, 8, &ACTS);
    let mut random = Random(seed);
    let mut producer = Producer::new(client(&proxy, place.patience), transactional(&name, seed, place.patience));
    insist!(producer.init_transactions().await).unwrap();
    let mut committed: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    let mut offset = None;
    for transaction in 0..transactions {
        producer.begin().unwrap();
        let mut written = Vec::new();
        for number in 0..random.below(20) {
            let (partition, value) = (number as i32 % PARTITIONS, format!("{transaction}.{number}"));
            producer.append(&name, Some(partition), Some(1_000_000), None, Some(value.as_bytes()), []).await.unwrap();
            written.push((partition, value));
            if random.below(5) == 0 {
                producer.flush_batches();
            }
        }
        let (member, source) = (outsider(&group), TopicPartition::new(name.clone(), 0));
        let with_offsets = random.below(2) == 0;
        if with_offsets {
            producer.send_offsets(&member, &[(source, transaction as i64)]).await.unwrap();
        }
        if random.below(3) == 0 {
            insist!(producer.abort().await).unwrap();
            continue;
        }
        insist!(producer.commit().await).unwrap();
        written.into_iter().for_each(|(partition, value)| committed.entry(partition).or_default().push(value));
        if with_offsets {
            offset = Some(transaction as i64);
        }
    }
    check_committed(place, &name, &committed).await;
    assert_eq!(offset_of(place, &group, &name).await, offset);
    proxy.struck()
}

async fn check_committed(place: &Place, name: &str, committed: &BTreeMap<i32, Vec<String>>) {
    // Kafka answers when it is decided; what shows it is written a moment later. No transaction stays open.
    let ends = async || {
        let wanted = |isolation| (0..PARTITIONS).map(move |number| (TopicPartition::new(name, number), isolation));
        let of = async |isolation| {
            let wanted = wanted(OffsetSpec::Latest(isolation)).collect();
            let found = place.direct.list_offsets(wanted).await.unwrap();
            found.into_iter().map(|(partition, end)| (partition, end.unwrap())).collect::<BTreeMap<_, _>>()
        };
        (of(Isolation::ReadCommitted).await, of(Isolation::ReadUncommitted).await)
    };
    eventually(ends, |(stable, all)| stable == all).await;
    let log = read(&place.direct, name, Isolation::ReadCommitted).await;
    let values = |(partition, records): (i32, Vec<(i64, String)>)| {
        (partition, records.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
    };
    let found: BTreeMap<_, _> = log.into_iter().map(values).collect();
    assert!(found == *committed, "{}", difference(committed, &found));
}

async fn offset_of(place: &Place, group: &str, name: &str) -> Option<i64> {
    let partition = TopicPartition::new(name, 0);
    let committed = place.direct.committed_offsets(group, Some(&[partition])).await.unwrap();
    committed.into_iter().map(|(_, offset)| offset).find(|offset| *offset >= 0)
}

/// Each request of a transaction is carried out, and its reply is lost, or never comes: the transaction succeeds.
pub(crate) async fn lost_replies(place: &Place) {
    let apis = [
        ApiKey::InitProducerId,
        ApiKey::AddPartitionsToTxn,
        ApiKey::Produce,
        ApiKey::AddOffsetsToTxn,
        ApiKey::TxnOffsetCommit,
        ApiKey::EndTxn,
    ];
    for (api, act) in apis.into_iter().flat_map(|api| [(api, Act::LoseReply), (api, Act::Stall)]) {
        let name = place.with_topic(&format!("lost-{api:?}-{}", act == Act::Stall)).await;
        let proxy = Proxy::start(Some(place.address)).await;
        proxy.strike(api, act, 2);
        let mut producer = Producer::new(client(&proxy, place.patience), transactional(&name, 1, place.patience));
        producer.init_transactions().await.unwrap();
        let mut committed = BTreeMap::new();
        for (round, value) in ["kept", "given up", "kept too"].into_iter().enumerate() {
            producer.begin().unwrap();
            producer.append(&name, Some(0), Some(1_000_000), None, Some(value.as_bytes()), []).await.unwrap();
            let offsets = [(TopicPartition::new(name.clone(), 0), round as i64)];
            producer.send_offsets(&outsider(&name), &offsets).await.unwrap();
            if value == "given up" {
                producer.abort().await.unwrap();
            } else {
                producer.commit().await.unwrap();
                committed.entry(0).or_insert_with(Vec::new).push(value.to_owned());
            }
        }
        assert_eq!(proxy.struck(), 2, "{api:?} {act:?}");
        check_committed(place, &name, &committed).await;
        assert_eq!(offset_of(place, &name, &name).await, Some(2), "{api:?} {act:?}");
    }
}

/// A producer that is gone, or believed to be, in the middle of a transaction: its successor aborts that, and it can
/// do nothing any more.
pub(crate) async fn successors(place: &Place) {
    let name = place.with_topic("successors").await;
    let proxy = Proxy::start(Some(place.address)).await;
    let write = async |producer: &mut Producer, value: &'static str| {
        producer.begin().unwrap();
        producer.append(&name, Some(0), Some(1_000_000), None, Some(value.as_bytes()), []).await.unwrap();
        producer.flush_batches();
        producer.next_ack().await.result.unwrap();
    };
    let mut first = Producer::new(client(&proxy, place.patience), transactional(&name, 1, place.patience));
    first.init_transactions().await.unwrap();
    write(&mut first, "of the first, committed").await;
    first.commit().await.unwrap();
    write(&mut first, "of the first, left open").await;

    // Gone without a word, with a transaction open.
    let mut second = Producer::new(client(&proxy, place.patience), transactional(&name, 2, place.patience));
    second.init_transactions().await.unwrap();
    write(&mut second, "of the second, left open").await;
    proxy.close_all();
    drop(second);

    let mut third = Producer::new(client(&proxy, place.patience), transactional(&name, 3, place.patience));
    third.init_transactions().await.unwrap();
    write(&mut third, "of the third").await;
    assert!(matches!(first.commit().await, Err(TransactionError::Fenced { .. })));
    assert!(matches!(first.begin(), Err(TransactionError::Fenced { .. })));
    third.commit().await.unwrap();

    let committed = BTreeMap::from([(0, vec!["of the first, committed".to_owned(), "of the third".to_owned()])]);
    check_committed(place, &name, &committed).await;
}

/// The broker goes away and comes back `times` times while one client writes and a group reads.
pub(crate) async fn restarting(place: &Place, times: usize, records: u64, mut restart: impl AsyncFnMut(&Proxy, usize)) {
    let name = place.with_topic("restarting").await;
    let proxy = Proxy::start(Some(place.address)).await;
    let mut reading = Reading::new(&name, "restarting", Leaving::Crash, PARTITIONS, place.patience);
    let mut produced = Produced::new(PARTITIONS);
    let mut producer = Producer::new(client(&proxy, place.patience), producer_config(1, place.patience));
    let (broker, total) = (client(&proxy, place.patience), records as usize);
    let (written, restarts) = (watch::Sender::new(0), watch::Sender::new(0));
    let mark = |time: usize| total * (time + 1) / (times + 1);
    let write = async {
        for round in 1..=records / 50 {
            produced.append(&mut producer, &name, 50).await;
            written.send_replace(round as usize * 50);
            // The log grows while the broker comes and goes: what is behind a mark is written once it is going.
            let due = (0..times).filter(|time| mark(*time) < round as usize * 50).count();
            restarts.subscribe().wait_for(|restarts| *restarts >= due).await.unwrap();
        }
        produced.finish(producer).await;
    };
    let disturb = async {
        for time in 0..times {
            written.subscribe().wait_for(|written| *written >= mark(time)).await.unwrap();
            restarts.send_replace(time + 1);
            restart(&proxy, time).await;
        }
    };
    tokio::join!(write, reading.run(&broker, total, Random(1)), disturb);
    reading.check(&produced.appended);
    produced.check(&place.direct, &name).await;
}
