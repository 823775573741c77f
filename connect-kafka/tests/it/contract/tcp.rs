//! The checks through sockets: the client of real clusters on the port of an embedded broker.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::{Broker, InMemoryBroker, ListenOptions, WireBroker, WireConfig};

use super::{checks, groups, log, offsets, topics, transactions};

async fn over_tcp<F: Future<Output = ()>>(check: fn(Arc<dyn Broker>) -> F) {
    let time = tokio::spawn(pass_time());
    let mut options = ListenOptions::default();
    options.auto_create_topics = false;
    let listening = InMemoryBroker::new().listen_with(options).await.unwrap();
    let config = WireConfig::plaintext(listening.address().to_string()).unwrap();
    check(Arc::new(WireBroker::connect(config).await.unwrap())).await;
    time.abort();
}

/// Time that is paused would jump to the next timeout whenever everybody waits for a socket. This time goes on, twenty
/// times as fast as real time on a machine with nothing else to do, and never ahead of what there is to be done.
async fn pass_time() {
    loop {
        tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(1))).await.unwrap();
        tokio::time::advance(Duration::from_millis(20)).await;
    }
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
