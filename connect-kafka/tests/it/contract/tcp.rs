//! The checks through sockets: the client of real clusters on the port of an embedded broker.

use std::future::Future;
use std::sync::Arc;

use connect_kafka::{Broker, InMemoryBroker, ListenOptions, WireBroker, WireConfig};

use super::{checks, groups, log, offsets, topics, transactions, workers};
use crate::time::Passing;

async fn over_tcp<F: Future<Output = ()>>(check: fn(Arc<dyn Broker>) -> F) {
    let _time = Passing::start();
    let mut options = ListenOptions::default();
    options.auto_create_topics = false;
    let listening = InMemoryBroker::new().listen_with(options).await.unwrap();
    let config = WireConfig::plaintext(listening.address().to_string()).unwrap();
    check(Arc::new(WireBroker::connect(config).await.unwrap())).await;
}

macro_rules! contract {
    ($($module:ident :: $check:ident),* $(,)?) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $check() {
                over_tcp($module::$check).await;
            }
        )*
    };
}

checks::with_checks!(contract);
