//! rskafka beside the client of this crate: what it meets, and why it does no more than it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ApiKey, CreateTopicsResponse, MetadataRequest, ProduceResponse, TopicName};
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, UnknownTopicHandling};
use rskafka::record::Record;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::server::{Act, Asked, Server, config, framed, metadata, modern};
use crate::wire::guarded::{Failure, apart};
use crate::{Broker, Code, NewTopic, Result, WireBroker};

/// rskafka's requests are known by their versions.
fn is_rskafka(asked: &Asked) -> bool {
    asked.api == ApiKey::Metadata && asked.version <= 4
}

/// A broker with topic `t`, of which `act` decides about each of rskafka's look-ups and everything that is not one.
async fn broker_with(mut act: impl FnMut(&Asked, Act) -> Act + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    Server::listen(listener, move |asked| match asked.api {
        ApiKey::ApiVersions => asked.reply(&modern()),
        ApiKey::Metadata => {
            let good = asked.reply(&metadata(asked, &[(1, port)], &[("t", &[1, 1])]));
            if is_rskafka(asked) { act(asked, good) } else { good }
        }
        _ => act(asked, created(asked, 0)),
    })
}

fn created(asked: &Asked, error: i16) -> Act {
    if asked.api != ApiKey::CreateTopics {
        return Act::Silence;
    }
    assert_eq!(asked.version, 5, "the newest version that rskafka has");
    let topic = CreatableTopicResult::default().with_name(TopicName("new".into())).with_error_code(error);
    asked.reply(&CreateTopicsResponse::default().with_topics(vec![topic]))
}

async fn client(server: &Server, time: &str) -> WireBroker {
    WireBroker::connect(config(server.port, &[("request.timeout.ms", time)])).await.unwrap()
}

async fn topics(broker: &WireBroker) -> Result<Vec<(String, i32)>> {
    let topics = broker.topics(None).await?;
    Ok(topics.iter().map(|topic| (topic.name.to_string(), topic.partitions)).collect())
}

/// Without waiting until brokers have heard of it.
async fn create(broker: &WireBroker) -> Result<()> {
    let topic = NewTopic { name: "new".into(), partitions: 1, replication_factor: 1, configs: [].into() };
    broker.cluster.guarded.as_ref().unwrap().create_topic(&broker.cluster, &topic).await
}

fn the_topic() -> Vec<(String, i32)> {
    vec![("t".to_owned(), 2)]
}

#[tokio::test]
async fn silence_costs_one_call() {
    // While it connects, and when it is connected.
    for answers in [0, 1] {
        let (silent, seen) = (Arc::new(AtomicBool::new(true)), AtomicUsize::new(0));
        let now = silent.clone();
        let server = broker_with(move |_, good| match seen.fetch_add(1, Ordering::SeqCst) {
            at if at >= answers && now.load(Ordering::SeqCst) => Act::Silence,
            _ => good,
        })
        .await;
        // Enough for what is answered, also where all else waits for its turn.
        let broker = client(&server, "2000").await;
        let start = Instant::now();
        let error = topics(&broker).await.unwrap_err();
        assert!(start.elapsed() >= Duration::from_secs(2));
        assert_eq!(error.code, Code::NetworkException);
        assert!(error.message.contains("the list of topics was not answered within 2000 ms"), "{error}");
        silent.store(false, Ordering::SeqCst);
        assert_eq!(topics(&broker).await.unwrap(), the_topic());
    }
}

#[tokio::test]
async fn bad_answers_to_a_harmless_question_are_asked_for_again() {
    type Reply = fn(&Asked) -> Act;
    let cases: [(&str, Reply); 5] = [
        ("none, and the end", |_| Act::SendAndClose(Bytes::new())),
        ("cut in the length", |_| Act::SendAndClose(Bytes::from_static(b"\0\0"))),
        ("too short a body", |asked| Act::Send(framed(&asked.correlation.to_be_bytes()))),
        ("a negative length", |_| Act::Send(Bytes::from_static(b"\xff\xff\xff\xff"))),
        ("arrays beyond reason", |asked| {
            let mut body = asked.correlation.to_be_bytes().to_vec();
            body.extend([0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
            Act::Send(framed(&body))
        }),
    ];
    for (what, reply) in cases {
        for bad in [0, 1] {
            let seen = AtomicUsize::new(0);
            let server = broker_with(move |asked, good| match seen.fetch_add(1, Ordering::SeqCst) {
                at if at == bad => reply(asked),
                _ => good,
            })
            .await;
            let broker = client(&server, "30000").await;
            assert_eq!(topics(&broker).await.unwrap(), the_topic(), "{what}");
        }
    }
}

#[tokio::test]
async fn a_creation_that_may_have_been_done_is_not_repeated() {
    let calls = AtomicUsize::new(0);
    let server = broker_with(move |asked, good| match asked.api {
        ApiKey::CreateTopics if calls.fetch_add(1, Ordering::SeqCst) == 0 => Act::SendAndClose(Bytes::new()),
        _ => good,
    })
    .await;
    let broker = client(&server, "30000").await;
    let error = create(&broker).await.unwrap_err();
    assert_eq!(error.code, Code::NetworkException);
    assert!(error.message.contains("creating topic \"new\""), "{error}");
    assert_eq!(server.count(ApiKey::CreateTopics), 1);
    create(&broker).await.unwrap();
    assert_eq!(server.count(ApiKey::CreateTopics), 2);
}

#[tokio::test]
async fn the_controller_is_looked_for() {
    let listeners = [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
    let controller = Arc::new(AtomicI32::new(1));
    let mut id = 0;
    let servers = listeners.map(|listener| {
        id += 1;
        let (me, controller) = (id, controller.clone());
        Server::listen(listener, move |asked| match asked.api {
            ApiKey::ApiVersions => asked.reply(&modern()),
            ApiKey::Metadata => {
                let metadata = metadata(asked, &[(1, ports[0]), (2, ports[1])], &[("t", &[1])]);
                asked.reply(&metadata.with_controller_id(controller.load(Ordering::SeqCst).into()))
            }
            // It has just moved.
            _ if me == 1 => {
                controller.store(2, Ordering::SeqCst);
                created(asked, Code::NotController as i16)
            }
            _ => created(asked, 0),
        })
    });
    let broker = client(&servers[0], "30000").await;
    create(&broker).await.unwrap();
    assert_eq!(servers.each_ref().map(|server| server.count(ApiKey::CreateTopics)), [1, 1]);
}

#[tokio::test]
async fn loops_are_cut() {
    let server = broker_with(|asked, good| match asked.api {
        ApiKey::CreateTopics => created(asked, Code::NotController as i16),
        _ => good,
    })
    .await;
    let broker = client(&server, "3000").await;
    assert_eq!(create(&broker).await.unwrap_err().code, Code::NotController);
    assert!(server.count(ApiKey::CreateTopics) > 1);

    let server = broker_with(|asked, _| {
        let answer = metadata(asked, &[(1, 1)], &[]);
        asked.reply(&answer.with_throttle_time_ms(1))
    })
    .await;
    let broker = client(&server, "2000").await;
    assert_eq!(topics(&broker).await.unwrap_err().code, Code::NetworkException);
}

#[tokio::test]
async fn refusals_are_told_at_once() {
    let cases = [
        (Code::TopicAlreadyExists, "was refused"),
        (Code::PolicyViolation, "was refused"),
        (Code::TopicAuthorizationFailed, "was refused"),
    ];
    for (code, expected) in cases {
        let server = broker_with(move |asked, good| match asked.api {
            ApiKey::CreateTopics => created(asked, code as i16),
            _ => good,
        })
        .await;
        let broker = client(&server, "30000").await;
        let error = create(&broker).await.unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains(expected), "{error}");
        assert_eq!(server.count(ApiKey::CreateTopics), 1);
    }
}

#[tokio::test]
async fn its_panics_are_its_own() {
    let ended = apart::<()>(async { panic!("something") }).await;
    let error = ended.map_err(|error| Failure::panicked("it", &error).into_error()).unwrap_err();
    assert_eq!(error.code, Code::NetworkException);
    assert!(error.message.contains("panicked with message \"something\""), "{error}");
}

#[test]
fn settings_beyond_rskafka() {
    let sasl = |user: &'static str, password: &'static str| {
        vec![
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.username", user),
            ("sasl.password", password),
        ]
    };
    let cases = [
        (vec![], true),
        (vec![("bootstrap.servers", "[::1]:9092")], true),
        (sasl("alice", "pass word, =\""), true),
        (sasl("alice", "\u{2168}"), false),
        (sasl("ali\u{ad}ce", "secret"), false),
        (vec![("security.protocol", "SASL_PLAINTEXT"), ("sasl.mechanism", "OAUTHBEARER")], true),
    ];
    for (settings, fits) in cases {
        let broker = WireBroker::new(config(1, &settings)).unwrap();
        assert_eq!(broker.cluster.guarded.is_some(), fits, "{settings:?}");
    }
    let certificate = include_str!("testdata/certificate.pem");
    for (address, fits) in [("host:9092", true), ("[::1]:9092", false)] {
        let tls = [
            ("security.protocol", "SSL"),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.certificates", certificate),
            ("bootstrap.servers", address),
        ];
        let broker = WireBroker::new(config(1, &tls)).unwrap();
        assert_eq!(broker.cluster.guarded.is_some(), fits, "{address}");
    }
}

/// Why nothing is written through rskafka. When this fails, it has learned better.
#[tokio::test]
async fn rskafka_writes_again_when_it_is_throttled() {
    let batches = AtomicUsize::new(0);
    let server = broker_with(move |asked, good| {
        if asked.api != ApiKey::Produce {
            return good;
        }
        // Carried out; and the client shall be slower from now on.
        let written = batches.fetch_add(1, Ordering::SeqCst);
        let one = PartitionProduceResponse::default().with_base_offset(written as i64);
        let topic =
            TopicProduceResponse::default().with_name(TopicName("t".into())).with_partition_responses(vec![one]);
        let throttle = if written == 0 { 1 } else { 0 };
        asked.reply(&ProduceResponse::default().with_responses(vec![topic]).with_throttle_time_ms(throttle))
    })
    .await;
    let client = ClientBuilder::new(vec![format!("127.0.0.1:{}", server.port)]).build().await.unwrap();
    let partition = client.partition_client("t", 0, UnknownTopicHandling::Error).await.unwrap();
    let timestamp = rskafka::chrono::DateTime::UNIX_EPOCH;
    let record = Record { key: None, value: Some(b"v".to_vec()), headers: [].into(), timestamp };
    let offsets = partition.produce(vec![record], Compression::NoCompression).await.unwrap();
    assert_eq!((offsets, server.count(ApiKey::Produce)), (vec![1], 2));
}

/// Why it does not delete records either: on a cluster with `auto.create.topics.enable`, its look for the leader
/// creates the topic. When this fails, it has learned better.
#[tokio::test]
async fn rskafka_creates_topics_by_looking_for_leaders() {
    let server = broker_with(|_, good| good).await;
    let client = ClientBuilder::new(vec![format!("127.0.0.1:{}", server.port)]).build().await.unwrap();
    client.partition_client("none", 0, UnknownTopicHandling::Error).await.unwrap_err();
    let asked = server.asked.lock().unwrap();
    let look_up = asked.iter().rev().find(|asked| asked.api == ApiKey::Metadata).unwrap().read::<MetadataRequest>();
    assert!(look_up.allow_auto_topic_creation);
}
