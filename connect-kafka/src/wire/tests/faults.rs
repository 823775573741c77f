//! What can go wrong with a connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, EndTxnResponse, FindCoordinatorResponse, HeartbeatResponse, InitProducerIdResponse,
    ListOffsetsResponse, TopicName,
};
use tokio::time::Instant;

use super::server::{Act, Asked, Server, config, framed, metadata, modern, transactions_of};
use crate::{Broker, BrokerError, Code, OffsetSpec, ProducerId, TopicPartition, Txn, WireBroker};

/// Answers greetings and look-ups; `other` does the rest.
async fn broker_with(other: impl Fn(&Asked) -> Act + Send + 'static) -> Server {
    broker_greeting(modern(), other).await
}

async fn broker_greeting(greeting: ApiVersionsResponse, other: impl Fn(&Asked) -> Act + Send + 'static) -> Server {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    Server::listen(listener, move |asked| match asked.api {
        ApiKey::ApiVersions => asked.reply(&greeting),
        ApiKey::Metadata => asked.reply(&metadata(asked, &[(1, port)], &[("t", &[1])])),
        ApiKey::FindCoordinator => {
            let found = FindCoordinatorResponse::default().with_node_id(1.into()).with_host("127.0.0.1".into());
            asked.reply(&found.with_port(port.into()))
        }
        _ => other(asked),
    })
}

async fn refused(server: &Server, more: &[(&str, &str)]) -> BrokerError {
    let broker = WireBroker::connect(config(server.port, more)).await.unwrap();
    broker.init_producer(None).await.unwrap_err()
}

#[tokio::test]
async fn bad_replies_break_the_connection() {
    let good = |asked: &Asked| match asked.reply(&HeartbeatResponse::default()) {
        Act::Send(frame) => frame,
        _ => unreachable!(),
    };
    type Reply = fn(&Asked, Bytes) -> Act;
    let cases: [(&str, Reply, &str); 8] = [
        ("cut in the length", |_, good| Act::SendAndClose(good.slice(..2)), "closed"),
        ("cut in the body", |_, good| Act::SendAndClose(good.slice(..good.len() - 1)), "closed"),
        ("no answer", |_, _| Act::SendAndClose(Bytes::new()), "closed"),
        ("a length beyond reason", |_, _| Act::Send(Bytes::from_static(b"\x7f\xff\xff\xff")), "2147483647 bytes"),
        ("a negative length", |_, _| Act::Send(Bytes::from_static(b"\xff\xff\xff\xff")), "-1 bytes"),
        ("a TLS alert", |_, _| Act::Send(Bytes::from_static(b"\x15\x03\x03\x00\x02\x02\x46")), "TLS alert"),
        ("another's number", |_, _| Act::Send(framed(b"\x00\x00\x03\xe7\x00\x00")), "correlation id 999"),
        ("too short a body", |asked, _| Act::Send(framed(&asked.correlation.to_be_bytes())), "cannot read"),
    ];
    for (what, reply, expected) in cases {
        let server = broker_with(move |asked| reply(asked, good(asked))).await;
        let error = refused(&server, &[]).await;
        let code = if expected == "TLS alert" { Code::SslHandshakeFailed } else { Code::NetworkException };
        assert_eq!(error.code, code, "{what}: {error}");
        assert!(error.message.contains(expected), "{what}: {error}");
    }
}

#[tokio::test]
async fn silence_ends_by_the_request_timeout() {
    let server = broker_with(|_| Act::Silence).await;
    let start = Instant::now();
    let error = refused(&server, &[("request.timeout.ms", "2000")]).await;
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert_eq!(error.code, Code::NetworkException);
    assert!(error.message.contains("InitProducerId was not answered within"), "{error}");
}

#[tokio::test]
async fn a_broken_connection_is_made_again() {
    let calls = AtomicUsize::new(0);
    let server = broker_with(move |asked| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Act::SendAndClose(Bytes::new()),
        _ => {
            let one = ListOffsetsPartitionResponse::default().with_offset(5);
            let topic = ListOffsetsTopicResponse::default().with_name(TopicName("t".into())).with_partitions(vec![one]);
            asked.reply(&ListOffsetsResponse::default().with_topics(vec![topic]))
        }
    })
    .await;
    let broker = WireBroker::connect(server.config()).await.unwrap();
    let ask = async || {
        let wanted = vec![(TopicPartition::new("t", 0), OffsetSpec::Earliest)];
        broker.list_offsets(wanted).await.unwrap().remove(0).1
    };
    assert_eq!(ask().await.unwrap_err().code, Code::NetworkException);
    assert_eq!(ask().await.unwrap(), 5);
}

/// A broker that was just started has no ids to give yet.
#[tokio::test]
async fn producer_ids_are_waited_for() {
    let calls = AtomicUsize::new(0);
    let server = broker_with(move |asked| {
        let loading = calls.fetch_add(1, Ordering::SeqCst) == 0;
        let answer = InitProducerIdResponse::default().with_producer_id(7.into());
        asked.reply(&answer.with_error_code(if loading { 14 } else { 0 }))
    })
    .await;
    let broker = WireBroker::connect(server.config()).await.unwrap();
    assert_eq!(broker.init_producer(None).await.unwrap().id, 7);
}

/// Brokers speak the version for it before the cluster as a whole has the feature.
#[tokio::test]
async fn epochs_end_with_transactions_where_the_cluster_says_so() {
    for (level, version, epoch) in [(1, 4, 3), (2, 5, 4)] {
        let greeting = modern().with_finalized_features(vec![transactions_of(level)]);
        let server = broker_greeting(greeting, move |asked| {
            assert_eq!((asked.api, asked.version), (ApiKey::EndTxn, version));
            let answer = EndTxnResponse::default();
            asked.reply(&if version < 5 { answer } else { answer.with_producer_id(7.into()).with_producer_epoch(4) })
        })
        .await;
        let broker = WireBroker::connect(server.config()).await.unwrap();
        let txn = Txn { id: "a".into(), producer: ProducerId { id: 7, epoch: 3 } };
        assert_eq!(broker.end_txn(&txn, true).await.unwrap(), ProducerId { id: 7, epoch });
    }
}

#[tokio::test]
async fn old_brokers_are_greeted_again() {
    let server = Server::start(|asked| match (asked.api, asked.version) {
        (ApiKey::ApiVersions, 0) => asked.reply(&modern()),
        (ApiKey::ApiVersions, _) => {
            // In version 0, whatever was asked.
            let old = Asked { version: 0, ..asked.clone() };
            old.reply(&ApiVersionsResponse::default().with_error_code(35))
        }
        _ => asked.reply(&metadata(asked, &[(1, 1)], &[])),
    })
    .await;
    let broker = WireBroker::connect(server.config()).await.unwrap();
    assert_eq!(broker.cluster_id().await.unwrap(), "scripted");
    assert_eq!(server.count(ApiKey::ApiVersions), 2);
}

#[tokio::test]
async fn nobody_listens() {
    // As long as the socket is there, nobody else can have its port.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let error = WireBroker::connect(config(port, &[])).await.unwrap_err();
    assert_eq!(error.code, Code::NetworkException);
    assert!(error.message.contains(&format!("nobody listens on 127.0.0.1:{port}")), "{error}");
}

#[tokio::test]
async fn a_listener_that_never_answers() {
    let server = Server::start(|_| Act::Silence).await;
    let config = config(server.port, &[("socket.connection.setup.timeout.ms", "150")]);
    let error = WireBroker::connect(config).await.unwrap_err();
    assert_eq!(error.code, Code::NetworkException);
    assert!(error.message.contains("within 150 ms"), "{error}");
}
