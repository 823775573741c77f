//! The broker contract on a real cluster, which these tests empty: `KAFKA_BOOTSTRAP=host:port` says where it is.
//!
//! `dev/services/kafka env` says it, and where the listeners with TLS and SASL are. Some tests restart the node, which
//! has to be that of `KAFKA_NODE` then.
//!
//! `cargo test -p connect-kafka --features real-kafka --test real`

#[path = "../it/contract/checks.rs"]
mod checks;
mod faults;
#[path = "../it/contract/groups.rs"]
mod groups;
#[path = "../it/contract/log.rs"]
mod log;
#[path = "../it/net/mod.rs"]
mod net;
#[path = "../it/contract/offsets.rs"]
mod offsets;
mod reading;
mod security;
#[path = "../it/support.rs"]
mod support;
#[path = "../it/contract/topics.rs"]
mod topics;
#[path = "../it/contract/transactions.rs"]
mod transactions;
#[path = "../it/contract/workers.rs"]
mod workers;

use std::sync::Arc;

use connect_kafka::{Broker, Code, WireBroker, WireConfig};
use tokio::sync::Mutex;

use crate::support::{begin, eventually, finish, topic, tp, write};

/// Checks use the same names, so they go one after the other.
static TURN: Mutex<()> = Mutex::const_new(());

pub(crate) fn address() -> String {
    std::env::var("KAFKA_BOOTSTRAP").expect("KAFKA_BOOTSTRAP=host:port of a cluster that may be emptied")
}

pub(crate) async fn cluster() -> WireBroker {
    WireBroker::connect(WireConfig::plaintext(address()).unwrap()).await.unwrap()
}

/// Repeats a call until there is nothing left to do. An earlier check may have restarted the node, or have left members
/// in a group until their session ends.
async fn persist(call: impl AsyncFn() -> connect_kafka::Result<()>, gone: Code) {
    let done = |answer: &connect_kafka::Result<()>| match answer {
        Ok(()) => true,
        Err(error) if error.code == gone => true,
        Err(error) => {
            assert!(error.is_retriable() || error.code == Code::NonEmptyGroup, "{error}");
            false
        }
    };
    let _ = eventually(call, done).await;
}

/// Runs a check on an empty cluster.
pub(crate) async fn on_cluster(check: impl AsyncFnOnce(Arc<dyn Broker>)) {
    let _turn = TURN.lock().await;
    let broker = cluster().await;
    for topic in broker.topics(None).await.unwrap() {
        persist(async || broker.delete_topic(&topic.name).await, Code::UnknownTopicOrPartition).await;
    }
    for group in broker.groups().await.unwrap() {
        // It may be empty, and so dissolve by itself.
        persist(async || broker.delete_group(&group).await, Code::GroupIdNotFound).await;
    }
    check(Arc::new(broker)).await;
}

macro_rules! contract {
    ($($module:ident :: $check:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $check() {
                on_cluster($module::$check).await;
            }
        )*
    };
}

checks::with_checks!(contract);

/// What of a transaction is still on its way when it ends cannot open the next one (KIP-890).
#[tokio::test]
async fn an_epoch_ends_with_its_transaction() {
    on_cluster(async |broker| {
        broker.create_topic(topic("t", 1, &[])).await.unwrap();
        let mut txn = begin(&*broker, "a").await;
        for commit in [true, false] {
            broker.add_partitions(&txn, &[tp("t", 0)]).await.unwrap();
            write(&*broker, &tp("t", 0), &txn, "x", 0).await.unwrap();
            let ended = txn.clone();
            finish(&*broker, &mut txn, commit, 1).await;
            assert_eq!((txn.producer.id, txn.producer.epoch), (ended.producer.id, ended.producer.epoch + 1));
            let late = async || broker.add_partitions(&ended, &[tp("t", 0)]).await.unwrap_err().code;
            eventually(late, |code| *code == Code::ProducerFenced).await;
        }
    })
    .await;
}
