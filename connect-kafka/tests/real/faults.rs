//! Clients of a real broker that is cut off, kept waiting, restarted and killed.

use std::net::ToSocketAddrs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::producer::Producer;
use connect_kafka::{Broker, Isolation, OffsetSpec, TopicPartition};
use futures::future::join_all;
use kafka_protocol::messages::ApiKey;

use crate::net::checks::{self, Place};
use crate::net::proxy::{Act, Proxy};
use crate::net::work::{Produced, client, producer_config};
use crate::on_cluster;
use crate::support::eventually;

fn place(direct: Arc<dyn Broker>) -> Place {
    let address = crate::address().to_socket_addrs().unwrap().next().unwrap();
    Place { address, direct, patience: Duration::from_secs(2) }
}

#[tokio::test]
async fn producing_through_faults() {
    on_cluster(async |direct| {
        let place = place(direct);
        let struck = join_all((0..6).map(|seed| checks::producing(&place, seed, 600))).await;
        assert!(struck.into_iter().sum::<usize>() > 10);
    })
    .await;
}

#[tokio::test]
async fn consuming_through_faults() {
    on_cluster(async |direct| {
        let place = place(direct);
        let struck = join_all((0..4).map(|seed| checks::consuming(&place, seed, 300))).await;
        assert!(struck.into_iter().sum::<usize>() > 10);
    })
    .await;
}

#[tokio::test]
async fn transactions_through_faults() {
    on_cluster(async |direct| {
        let place = place(direct);
        let struck = join_all((0..6).map(|seed| checks::transacting(&place, seed, 8))).await;
        assert!(struck.into_iter().sum::<usize>() > 10);
    })
    .await;
}

#[tokio::test]
async fn transactions_whose_replies_are_lost() {
    on_cluster(async |direct| checks::lost_replies(&place(direct)).await).await;
}

#[tokio::test]
async fn producers_fenced_by_successors() {
    on_cluster(async |direct| checks::successors(&place(direct)).await).await;
}

/// Needs the node of `dev/services/kafka` that `KAFKA_NODE` names.
#[tokio::test]
async fn the_broker_comes_and_goes() {
    let status = kafka(&["status"]).await;
    assert!(status.contains(&crate::address()), "KAFKA_BOOTSTRAP is no node of dev/services/kafka: {status}");
    on_cluster(async |direct| {
        let place = place(direct);
        let restart = async |proxy: &Proxy, time: usize| {
            if time == 0 {
                kafka(&["restart"]).await;
            } else {
                kafka(&["kill"]).await;
                proxy.lead_to(None);
                kafka(&["start"]).await;
                proxy.lead_to(Some(place.address));
            }
        };
        checks::restarting(&place, 2, 3000, restart).await;
    })
    .await;
}

/// A broker that is started again remembers the last batch of a producer only, and takes the repetition of an earlier
/// one for a gap. What it has is not written again all the same.
#[tokio::test]
async fn unanswered_batches_are_not_repeated_after_a_restart() {
    for (name, how) in [("stopped", &[&["restart"][..]][..]), ("killed", &[&["kill"], &["start"]])] {
        on_cluster(async |direct| {
            let place = Place { patience: Duration::from_secs(60), ..place(direct) };
            let topic = place.with_topic(name).await;
            let proxy = Proxy::start(Some(place.address)).await;
            let mut producer = Producer::new(client(&proxy, place.patience), producer_config(1, place.patience));
            let mut produced = Produced::new(1);
            produced.append(&mut producer, &topic, 1).await;
            produced.acked(&mut producer).await;
            proxy.strike(ApiKey::Produce, Act::Stall, 1);
            for _ in 0..4 {
                produced.append(&mut producer, &topic, 1).await;
            }
            let written = async || {
                let end = vec![(TopicPartition::new(topic.clone(), 0), OffsetSpec::Latest(Isolation::ReadUncommitted))];
                place.direct.list_offsets(end).await.unwrap().remove(0).1.unwrap()
            };
            eventually(written, |end| *end == 5).await;
            for step in how {
                kafka(step).await;
            }
            proxy.close_all();
            produced.append(&mut producer, &topic, 10).await;
            produced.finish(producer).await;
            produced.check(&place.direct, &topic).await;
        })
        .await;
    }
}

/// Runs the script and says what it says.
async fn kafka(arguments: &'static [&'static str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/services/kafka");
    let run = move || Command::new(script).args(arguments).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}{}", said(&output.stdout), said(&output.stderr));
    said(&output.stdout)
}
