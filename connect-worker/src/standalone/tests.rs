use std::collections::BTreeMap;

use connect_kafka::EmbeddedBroker;
use connect_runtime::herder::StandaloneHerder;
use connect_runtime::{InitialState, Worker};
use tokio::net::TcpSocket;
use tokio::time::Instant;

use super::patience::{STARTS_WITHIN, drained};
use super::{Until, end};
use crate::exit::Exit;
use crate::output::Screen;
use crate::plugins;

/// A worker with a search sink that writes to this address.
async fn writing_to(address: std::net::SocketAddr) -> Worker {
    let worker = Worker::builder(EmbeddedBroker::new()).plugins(plugins::all()).build().await.expect("a worker");
    let herder = StandaloneHerder::open(worker.clone()).await.expect("a herder");
    let url = format!("http://{address}");
    let sink = [
        ("name", "search"),
        ("connector.class", "ElasticsearchSink"),
        ("topics", "t"),
        ("connection.url", &url),
        // Refusals come at once; the paused clock must not be ahead of them.
        ("connection.timeout.ms", "0"),
    ];
    let sink: BTreeMap<_, _> = sink.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    herder.create_from_file(sink, InitialState::Running).await.expect("a sink");
    worker
}

/// A server that never comes ends the run, with the reason.
#[tokio::test(start_paused = true)]
async fn a_run_that_ends_by_itself_does_not_wait_for_ever() {
    // It is bound, and nobody listens.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let worker = writing_to(socket.local_addr().expect("it is bound")).await;
    let began = Instant::now();
    let drained = drained(&worker).await.expect("a broker");
    assert!(began.elapsed() >= STARTS_WITHIN && began.elapsed() < 2 * STARTS_WITHIN, "{:?}", began.elapsed());
    assert!(!drained.is_complete());
    let said = end::reasons(&drained.connectors[0]).join("\n");
    assert!(said.starts_with("search-0 is UNASSIGNED: start: ") && said.contains("cannot connect to"), "{said}");
    assert_eq!(end::drained(&Screen::new(), Until::Drained(Ok(drained))), Exit::Incomplete);
}
