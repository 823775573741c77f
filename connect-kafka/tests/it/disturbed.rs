//! Clients of the embedded broker's port, with a proxy between that does them harm.

use std::sync::Arc;
use std::time::Duration;

use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{
    EmbeddedBroker, EmbeddedOptions, InMemoryBroker, Isolation, Listening, TopicPartition, WireBroker, WireConfig,
};
use futures::future::join_all;
use kafka_protocol::messages::ApiKey;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::net::checks::{self, Place};
use crate::net::proxy::{Act, Proxy};
use crate::net::work;
use crate::time::Passing;

/// Stalls cost so much.
const PATIENCE: Duration = Duration::from_millis(400);

/// The broker behind its port, and what goes with the test: the port and the time.
async fn place(broker: &EmbeddedBroker) -> (Place, (Listening, Passing)) {
    let listening = broker.listen().await.unwrap();
    let place = Place { address: listening.address(), direct: Arc::new(broker.clone()), patience: PATIENCE };
    (place, (listening, Passing::start()))
}

#[tokio::test(start_paused = true)]
async fn producing_through_faults() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    let struck = join_all((0..20).map(|seed| checks::producing(&place, seed, 600))).await;
    assert!(struck.into_iter().sum::<usize>() > 10);
}

#[tokio::test(start_paused = true)]
async fn consuming_through_faults() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    let struck = join_all((0..12).map(|seed| checks::consuming(&place, seed, 600))).await;
    assert!(struck.into_iter().sum::<usize>() > 10);
}

#[tokio::test(start_paused = true)]
async fn transactions_through_faults() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    let struck = join_all((0..16).map(|seed| checks::transacting(&place, seed, 12))).await;
    assert!(struck.into_iter().sum::<usize>() > 10);
}

#[tokio::test(start_paused = true)]
async fn transactions_whose_replies_are_lost() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    checks::lost_replies(&place).await;
}

#[tokio::test(start_paused = true)]
async fn producers_fenced_by_successors() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    checks::successors(&place).await;
}

// On a disk, whose time is not the clock's.
#[tokio::test]
async fn a_durable_broker_comes_and_goes() {
    let directory = tempfile::tempdir().unwrap();
    let open = || EmbeddedBroker::open(directory.path(), EmbeddedOptions::default()).unwrap();
    let first = open();
    let listening = first.listen().await.unwrap();
    let address = listening.address();
    let calm = Proxy::start(Some(address)).await;
    let direct = WireBroker::new(WireConfig::plaintext(calm.address()).unwrap()).unwrap();
    let mut running = Some((first, listening));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let restart = async |proxy: &Proxy, time: usize| {
        let (broker, listening) = running.take().unwrap();
        proxy.lead_to(Some(closed.local_addr().unwrap()));
        // Either the port goes first, or the broker under its open connections.
        if time.is_multiple_of(2) {
            drop(listening);
            broker.close().await;
        } else {
            broker.close().await;
            drop(listening);
        }
        drop(broker);
        // It stays away until clients have come in vain a few times.
        for _ in 0..5 {
            drop(closed.accept().await.unwrap());
        }
        let next = open();
        let listening = next.listen().await.unwrap();
        proxy.lead_to(Some(listening.address()));
        calm.lead_to(Some(listening.address()));
        running = Some((next, listening));
    };
    checks::restarting(&Place { address, direct: Arc::new(direct), patience: PATIENCE }, 5, 3000, restart).await;
}

#[tokio::test(start_paused = true)]
async fn leaders_move_under_a_producer() {
    let broker = InMemoryBroker::new();
    let (place, _kept) = place(&broker).await;
    let name = place.with_topic("moving").await;
    let proxy = Proxy::start(Some(place.address)).await;
    let mut producer = Producer::new(work::client(&proxy, PATIENCE), work::producer_config(1, PATIENCE));
    let mut produced = work::Produced::new(3);
    let sent = Arc::new(Notify::new());
    let sending = sent.clone();
    proxy.plan(move |api| {
        if api == ApiKey::Produce {
            sending.notify_one();
        }
        Act::Pass
    });
    for round in 0..30 {
        broker.move_leader(&TopicPartition::new(name.clone(), round % 3));
        produced.append(&mut producer, &name, 20).await;
        // A move is noticed by what is sent after it.
        sent.notified().await;
    }
    produced.finish(producer).await;
    produced.check(&place.direct, &name).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_disk_under_a_producer() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    let name = place.with_topic("slow").await;
    let proxy = Proxy::start(Some(place.address)).await;
    // Longer than a request may take: every answer comes too late at first.
    let mut slow = 6;
    proxy.plan(move |api| {
        if api != ApiKey::Produce || slow == 0 {
            return Act::Pass;
        }
        slow -= 1;
        Act::Delay(Duration::from_millis(600))
    });
    let mut producer = Producer::new(work::client(&proxy, PATIENCE), work::producer_config(1, PATIENCE));
    let mut produced = work::Produced::new(3);
    produced.append(&mut producer, &name, 300).await;
    produced.finish(producer).await;
    produced.check(&place.direct, &name).await;
}

/// What the other tests would see if the producer did not number its batches.
#[tokio::test(start_paused = true)]
async fn a_repetition_is_seen() {
    let (place, _kept) = place(&InMemoryBroker::new()).await;
    let name = place.with_topic("repeated").await;
    let proxy = Proxy::start(Some(place.address)).await;
    proxy.strike(ApiKey::Produce, Act::LoseReply, 1);
    let config = ProducerConfig { idempotence: false, ..work::producer_config(1, PATIENCE) };
    let mut producer = Producer::new(work::client(&proxy, PATIENCE), config);
    producer.append(&name, Some(0), Some(1_000_000), None, Some(b"once"), []).await.unwrap();
    assert_eq!(producer.close().await.len(), 1);
    let log = work::read(&place.direct, &name, Isolation::ReadUncommitted).await;
    assert_eq!(log[&0], [(0, "once".to_owned()), (1, "once".to_owned())]);
}
