use std::sync::Arc;
use std::time::Duration;

use connect_kafka::{Broker, Code, FetchedData, Isolation, OffsetSpec, ProducerId, Transactional, Txn};
use tokio::time::Instant;

use crate::support::{
    begin, code, committed, encode, eventually, fetch_request, finish, join_request, member, outsider, plain, produce,
    records, topic, tp, write,
};

async fn fetch_committed(broker: &dyn Broker, offset: i64) -> FetchedData {
    let mut request = fetch_request(&tp("t", 0), offset);
    request.isolation = Isolation::ReadCommitted;
    broker.fetch(request).await.unwrap().remove(0).result.unwrap()
}

async fn end(broker: &dyn Broker, isolation: Isolation) -> i64 {
    let wanted = vec![(tp("t", 0), OffsetSpec::Latest(isolation))];
    broker.list_offsets(wanted).await.unwrap().remove(0).1.unwrap()
}

pub(super) async fn committed_ones_are_seen_and_aborted_ones_are_not(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let (mut a, b) = (begin(&*broker, "a").await, begin(&*broker, "b").await);
    let t = [tp("t", 0)];
    broker.add_partitions(&a, &t).await.unwrap();
    broker.add_partitions(&b, &t).await.unwrap();
    assert_eq!(produce(&*broker, &t[0], encode(&[("k", Some("0"), 1)], ProducerId::NONE, -1)).await.unwrap(), 0);
    assert_eq!(write(&*broker, &t[0], &a, "1", 0).await.unwrap(), 1);
    assert_eq!(write(&*broker, &t[0], &b, "2", 0).await.unwrap(), 2);
    assert_eq!(produce(&*broker, &t[0], encode(&[("k", Some("3"), 1)], ProducerId::NONE, -1)).await.unwrap(), 3);
    // Two are open, the last stable offset stands before the first.
    let ends =
        async || (end(&*broker, Isolation::ReadUncommitted).await, end(&*broker, Isolation::ReadCommitted).await);
    assert_eq!(ends().await, (4, 1));
    let data = fetch_committed(&*broker, 0).await;
    assert_eq!((records(&data.batches).len(), data.high_watermark, data.last_stable), (1, 4, 1));
    assert!(fetch_committed(&*broker, 1).await.batches.is_empty());
    let sequence = finish(&*broker, &mut a, false, 1).await;
    eventually(ends, |ends| *ends == (5, 2)).await;
    assert_eq!(fetch_committed(&*broker, 1).await.aborted, [(a.producer.id, 1)]);
    assert_eq!(committed(&broker, "t").await, ["0"]);
    broker.end_txn(&b, true).await.unwrap();
    eventually(ends, |ends| *ends == (6, 6)).await;
    assert_eq!(committed(&broker, "t").await, ["0", "2", "3"]);
    // The list is that of what was read.
    assert_eq!(fetch_committed(&*broker, 0).await.aborted, [(a.producer.id, 1)]);
    assert!(fetch_committed(&*broker, 5).await.aborted.is_empty());
    // The same producers go on.
    broker.add_partitions(&a, &t).await.unwrap();
    assert_eq!(write(&*broker, &t[0], &a, "6", sequence).await.unwrap(), 6);
    broker.end_txn(&a, true).await.unwrap();
    eventually(async || committed(&broker, "t").await, |seen| *seen == ["0", "2", "3", "6"]).await;
}

pub(super) async fn a_new_instance_fences_the_old_one(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let old = begin(&*broker, "a").await;
    broker.add_partitions(&old, &[tp("t", 0)]).await.unwrap();
    write(&*broker, &tp("t", 0), &old, "lost", 0).await.unwrap();
    let new = begin(&*broker, "a").await;
    assert_eq!((new.producer.id, new.producer.epoch > old.producer.epoch), (old.producer.id, true));
    // What was open is aborted.
    eventually(async || end(&*broker, Isolation::ReadCommitted).await, |end| *end == 2).await;
    assert_eq!(code(write(&*broker, &tp("t", 0), &old, "x", 1).await), Code::InvalidProducerEpoch);
    assert_eq!(code(broker.add_partitions(&old, &[tp("t", 0)]).await), Code::ProducerFenced);
    assert_eq!(code(broker.add_offsets(&old, "g").await), Code::ProducerFenced);
    assert_eq!(code(broker.end_txn(&old, true).await), Code::ProducerFenced);
    let offsets = vec![(tp("t", 0), 1)];
    assert_eq!(code(broker.commit_txn_offsets(&old, &outsider("g"), offsets).await), Code::InvalidProducerEpoch);
    broker.add_partitions(&new, &[tp("t", 0)]).await.unwrap();
    assert_eq!(code(write(&*broker, &tp("t", 0), &new, "x", 1).await), Code::OutOfOrderSequence);
    assert_eq!(write(&*broker, &tp("t", 0), &new, "kept", 0).await.unwrap(), 2);
    broker.end_txn(&new, true).await.unwrap();
    eventually(async || committed(&broker, "t").await, |seen| *seen == ["kept"]).await;
}

pub(super) async fn writes_need_an_open_transaction(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 2, &[])).await.unwrap();
    let mut a = begin(&*broker, "a").await;
    let append = async |txn: &Txn, partition, sequence| write(&*broker, &tp("t", partition), txn, "x", sequence).await;
    assert_eq!(code(append(&a, 0, 0).await), Code::InvalidTxnState);
    broker.add_partitions(&a, &[tp("t", 0)]).await.unwrap();
    append(&a, 0, 0).await.unwrap();
    assert_eq!(code(append(&a, 1, 0).await), Code::InvalidTxnState);
    // Once open in a partition, everything of the producer there is part of it.
    let outside = encode(&[("k", Some("v"), 0)], a.producer, 1);
    assert_eq!(code(produce(&*broker, &tp("t", 0), outside).await), Code::InvalidTxnState);
    let sequence = finish(&*broker, &mut a, true, 1).await;
    // Until the marker is written, the transaction is open there.
    eventually(async || end(&*broker, Isolation::ReadCommitted).await, |end| *end == 2).await;
    assert_eq!(code(append(&a, 0, sequence).await), Code::InvalidTxnState);
    let stranger = Txn { id: "a".into(), producer: ProducerId { id: a.producer.id + 1000, epoch: 0 } };
    assert_eq!(code(broker.add_partitions(&stranger, &[tp("t", 0)]).await), Code::InvalidProducerIdMapping);
    assert_eq!(
        code(broker.end_txn(&Txn { id: "none".into(), ..a.clone() }, true).await),
        Code::InvalidProducerIdMapping
    );
    assert_eq!(code(write(&*broker, &tp("t", 0), &stranger, "x", 0).await), Code::InvalidProducerIdMapping);
    assert_eq!(code(broker.add_partitions(&a, &[tp("t", 2)]).await), Code::UnknownTopicOrPartition);
    for (id, seconds, expected) in [
        ("", 60, Code::InvalidRequest),
        ("b", 0, Code::InvalidTransactionTimeout),
        ("b", 901, Code::InvalidTransactionTimeout),
    ] {
        let asked = Transactional { id: id.into(), timeout: Duration::from_secs(seconds), current: None };
        assert_eq!(code(broker.init_producer(Some(&asked)).await), expected, "{id:?} {seconds}");
    }
}

pub(super) async fn ends_may_be_repeated_but_not_turned(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let mut a = begin(&*broker, "a").await;
    assert_eq!(code(broker.end_txn(&a, true).await), Code::InvalidTxnState);
    let mut sequence = 0;
    for (commit, log_end) in [(true, 2), (false, 4)] {
        broker.add_partitions(&a, &[tp("t", 0)]).await.unwrap();
        write(&*broker, &tp("t", 0), &a, "x", sequence).await.unwrap();
        let ended = a.clone();
        sequence = finish(&*broker, &mut a, commit, 1).await;
        // Not while markers are being written.
        let again = async || broker.end_txn(&ended, commit).await;
        let next = eventually(again, |next| !next.as_ref().is_err_and(connect_kafka::BrokerError::is_retriable)).await;
        assert_eq!(next.unwrap(), a.producer);
        assert_eq!(code(broker.end_txn(&ended, !commit).await), Code::InvalidTxnState);
        eventually(async || end(&*broker, Isolation::ReadCommitted).await, |end| *end == log_end).await;
    }
}

pub(super) async fn epochs_are_asked_for_again(broker: Arc<dyn Broker>) {
    let first = begin(&*broker, "a").await.producer;
    let ask = async |current| {
        let asked = Transactional { id: "a".into(), timeout: Duration::from_secs(60), current };
        broker.init_producer(Some(&asked)).await
    };
    let second = ask(Some(first)).await.unwrap();
    assert_eq!((second.id, second.epoch), (first.id, first.epoch + 1));
    // The answer was lost: the same question has the same answer.
    assert_eq!(ask(Some(first)).await.unwrap(), second);
    let third = ask(None).await.unwrap();
    assert_eq!(code(ask(Some(second)).await), Code::ProducerFenced);
    assert_eq!(third.epoch, second.epoch + 1);
}

pub(super) async fn offsets_count_when_committed(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 2, &[])).await.unwrap();
    let mut a = begin(&*broker, "a").await;
    let commit = async |txn: &Txn, member, partition, offset| {
        broker.commit_txn_offsets(txn, &member, vec![(tp("t", partition), offset)]).await
    };
    broker.add_offsets(&a, "g").await.unwrap();
    commit(&a, outsider("g"), 0, 5).await.unwrap();
    commit(&a, outsider("g"), 0, 6).await.unwrap();
    let unknown = commit(&a, outsider("g"), 9, 6).await.unwrap();
    assert_eq!(unknown[0].1.as_ref().unwrap_err().code, Code::UnknownTopicOrPartition);
    let seen = async || broker.committed_offsets("g", None).await.unwrap();
    assert!(seen().await.is_empty());
    finish(&*broker, &mut a, true, 0).await;
    eventually(seen, |seen| *seen == [(tp("t", 0), 6)]).await;
    broker.add_offsets(&a, "g").await.unwrap();
    commit(&a, outsider("g"), 0, 9).await.unwrap();
    finish(&*broker, &mut a, false, 0).await;
    eventually(seen, |seen| *seen == [(tp("t", 0), 6)]).await;
    // Members are checked, strangers are not.
    let joined = broker.join_group(join_request("g", "a")).await.unwrap();
    broker.add_offsets(&a, "g").await.unwrap();
    let mine = member("g", &joined);
    commit(&a, mine.clone(), 1, 7).await.unwrap();
    let mut old = mine;
    old.generation -= 1;
    assert_eq!(code(commit(&a, old, 1, 8).await), Code::IllegalGeneration);
    commit(&a, outsider("g"), 0, 8).await.unwrap();
    broker.end_txn(&a, true).await.unwrap();
    eventually(seen, |seen| *seen == [(tp("t", 0), 8), (tp("t", 1), 7)]).await;
    broker.leave_group(&member("g", &joined)).await.unwrap();
}

pub(super) async fn time_runs_out(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let a = begin(&*broker, "a").await;
    let start = Instant::now();
    broker.add_partitions(&a, &[tp("t", 0)]).await.unwrap();
    write(&*broker, &tp("t", 0), &a, "late", 0).await.unwrap();
    produce(&*broker, &tp("t", 0), plain(1)).await.unwrap();
    // A reader waits behind it.
    let mut request = fetch_request(&tp("t", 0), 0);
    request.isolation = Isolation::ReadCommitted;
    request.max_wait = Duration::from_secs(600);
    let data = broker.fetch(request).await.unwrap().remove(0).result.unwrap();
    // Kafka looks now and then, and the marker may come with the records or after them.
    assert!((60..500).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert!((2..=3).contains(&data.batches.len()));
    assert_eq!(data.last_stable, 3);
    assert_eq!(data.aborted, [(a.producer.id, 0)]);
    // Where epochs end with transactions, Kafka takes the call for a repetition of the abort that wants the opposite.
    let late = code(broker.end_txn(&a, true).await);
    assert!(matches!(late, Code::ProducerFenced | Code::InvalidTxnState), "{late:?}");
    assert_eq!(code(write(&*broker, &tp("t", 0), &a, "x", 1).await), Code::InvalidProducerEpoch);
    let again = begin(&*broker, "a").await;
    assert_eq!(again.producer.id, a.producer.id);
}

pub(super) async fn fetches_wait_for_markers(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let a = begin(&*broker, "a").await;
    broker.add_partitions(&a, &[tp("t", 0)]).await.unwrap();
    let mut request = fetch_request(&tp("t", 0), 0);
    request.isolation = Isolation::ReadCommitted;
    request.max_wait = Duration::from_secs(600);
    let waiting = tokio::spawn({
        let broker = broker.clone();
        async move { broker.fetch(request).await }
    });
    tokio::task::yield_now().await;
    write(&*broker, &tp("t", 0), &a, "x", 0).await.unwrap();
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    let start = Instant::now();
    broker.end_txn(&a, true).await.unwrap();
    // The marker may come with the record or after it.
    assert!(!waiting.await.unwrap().unwrap().remove(0).result.unwrap().batches.is_empty());
    assert!(start.elapsed() < Duration::from_secs(500));
}
