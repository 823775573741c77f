//! Requests are refused, broken off and left without answers, the server is killed, the worker again and again: at the
//! end the index holds what the topic says, and the dead letter queue what the server does not take, and nothing else.
//!
//! `dev/search-chaos` runs this with more documents and more kills.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connect_kafka::consumer::LogReader;
use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{Broker as _, EmbeddedBroker, EmbeddedOptions, Isolation, NewTopic};
use serde_json::{Value, json};

use crate::expected::{Expected, PARTITIONS};
use crate::proxy::{self, ask};
use crate::random::{Random, seed, setting};
use crate::support::{CONVERTERS, Place, Running};

const TOPIC: &str = "chaos";
const LETTERS: &str = "chaos-letters";
/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(1800);

fn node(kind: &str, command: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/services/elastic");
    assert!(std::env::var("ELASTIC_NODE").is_ok(), "ELASTIC_NODE must name the node that is killed");
    let done = Command::new(script).args([kind, command]).output().expect("the script runs");
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

async fn send(broker: &EmbeddedBroker, count: u64, random: &mut Random) -> Expected {
    for (name, partitions) in [(TOPIC, PARTITIONS), (LETTERS, 1)] {
        let topic = NewTopic { name: name.into(), partitions, replication_factor: 1, configs: BTreeMap::default() };
        broker.create_topic(topic).await.expect("a topic");
    }
    let mut expected = Expected::default();
    let topic: Arc<str> = TOPIC.into();
    let mut producer = Producer::new(Arc::new(broker.clone()), ProducerConfig::default());
    for number in 0..count {
        let sent = expected.next(number, count, random);
        let (key, value) = (sent.key.as_bytes(), sent.value.as_deref().map(str::as_bytes));
        producer.append(&topic, Some(sent.partition), None, Some(key), value, []).await.expect("appended");
    }
    for ack in producer.close().await {
        ack.result.expect("written");
    }
    expected
}

fn committed(broker: &EmbeddedBroker) -> u64 {
    broker.committed("connect-chaos").iter().map(|(_, offset)| offset.unsigned_abs()).sum()
}

/// Lets the worker work until so much is committed. It fails when the worker ends by itself, with what it said.
fn reach(broker: &EmbeddedBroker, running: &mut Running, until: u64, began: Instant) {
    while committed(broker) < until {
        assert!(began.elapsed() < PATIENCE, "{} instead of {until} are committed", committed(broker));
        tokio::task::block_in_place(|| running.go_on_for(Duration::from_millis(5)));
    }
}

fn place(broker: &str, search: &str) -> Place {
    let place = Place::new();
    place.write(
        "worker.properties",
        format!(
            "{CONVERTERS}bootstrap.servers={broker}\noffset.storage.file.filename=offsets\n\
             offset.flush.interval.ms=500\nconsumer.session.timeout.ms=2000\nconsumer.heartbeat.interval.ms=500\n"
        ),
    );
    let sink = json!({
        "name": "chaos", "connector.class": "ElasticsearchSink", "topics": TOPIC, "tasks.max": "2",
        "connection.url": search, "schema.ignore": "true", "behavior.on.null.values": "delete",
        "behavior.on.malformed.documents": "ignore", "batch.size": "500", "linger.ms": "20",
        "max.retries": "1000", "retry.backoff.ms": "5", "read.timeout.ms": "10000",
        "value.converter": "JsonConverter", "value.converter.schemas.enable": "false",
        "errors.tolerance": "all", "errors.deadletterqueue.topic.name": LETTERS,
        "errors.deadletterqueue.topic.replication.factor": "1", "errors.deadletterqueue.context.headers.enable": "true",
    });
    place.write("sink.json", sink.to_string());
    place
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the seed, and what the script is for")]
#[expect(clippy::disallowed_methods, reason = "real time passes")]
async fn the_index_is_what_the_topic_says() {
    let (count, kills) = (setting("CONNECT_CHAOS_DOCUMENTS", || 40_000), setting("CONNECT_CHAOS_KILLS", || 3));
    let seed = seed("CONNECT_CHAOS_SEED");
    let kind = std::env::var("CONNECT_CHAOS_SERVER").unwrap_or_else(|_| "opensearch".into());
    println!("{count} documents, {kills} kills, {kind}, CONNECT_CHAOS_SEED={seed}");
    let url = format!("{}_URL", kind.to_uppercase());
    let url =
        std::env::var(&url).unwrap_or_else(|_| panic!("{url} is not set; dev/services/elastic {kind} env prints it"));
    let mut random = Random::new(seed);
    let mut options = EmbeddedOptions::default();
    options.min_session_timeout = Duration::from_secs(1);
    let broker = EmbeddedBroker::with_options(options);
    let listening = broker.listen().await.expect("a port");
    let expected = send(&broker, count, &mut random).await;
    ask(&url, "DELETE", "/chaos", "").await;
    let mapping = json!({ "settings": { "number_of_replicas": 0 }, "mappings": { "dynamic": "strict", "properties": {
        "seq": { "type": "long" }, "amount": { "type": "long" }, "sum": { "type": "keyword" },
        "text": { "type": "text" } } } });
    assert_eq!(ask(&url, "PUT", "/chaos", &mapping.to_string()).await.0, 200);
    let (search, done) = proxy::start(&url, Random::new(random.below(u64::MAX))).await;
    let place = place(&listening.address().to_string(), &format!("http://{search}"));

    let began = Instant::now();
    let restart_at = kills / 2;
    for kill in 0..kills {
        let mut running = place.spawn("standalone worker.properties sink.json");
        let (from, until) = (count * kill / (kills + 2), count * (kill + 1) / (kills + 2));
        let restarting = (kill == restart_at).then(|| {
            // This worker sees the server go and come back. One that is started without a server says so and ends; and the
            // one before may have done all this one is to reach.
            tokio::task::block_in_place(|| running.wait_for("worker ready"));
            reach(&broker, &mut running, from.midpoint(until), began);
            let kind = kind.clone();
            tokio::task::spawn_blocking(move || {
                node(&kind, "kill");
                node(&kind, "start");
            })
        });
        reach(&broker, &mut running, until, began);
        if let Some(restarting) = restarting {
            restarting.await.expect("the server is back");
        }
        tokio::time::sleep(Duration::from_micros(random.below(300_000))).await;
        running.kill();
    }
    let ended = place.run("standalone worker.properties sink.json --until-drained");
    assert_eq!(ended.status, Some(4), "some records were given up: {}", ended.stderr);
    let took = began.elapsed();
    assert_eq!(committed(&broker), count);
    check_index(&url, &expected).await;
    let letters = check_letters(&broker, &expected).await;
    println!(
        "{count} records, of which {} documents are left and {} were bad ({letters} dead letters), in {took:?}; {done:?}",
        expected.documents.len(),
        expected.malformed.len()
    );
}

/// Every document with its version, and no other.
async fn check_index(url: &str, expected: &Expected) {
    ask(url, "POST", "/chaos/_refresh", "").await;
    let counted = ask(url, "GET", "/chaos/_count", "").await.1["count"].as_u64();
    let mut found = 0;
    let mut after = -1_i64;
    loop {
        let query = json!({ "size": 5000, "version": true, "sort": [{ "seq": "asc" }], "search_after": [after] });
        let (status, page) = ask(url, "POST", "/chaos/_search", &query.to_string()).await;
        assert_eq!(status, 200, "{page}");
        let hits = page["hits"]["hits"].as_array().expect("hits");
        let Some(last) = hits.last() else { break };
        after = last["sort"][0].as_i64().expect("a number");
        found += hits.len();
        for hit in hits {
            let id = hit["_id"].as_str().expect("an id");
            let (version, document) =
                expected.documents.get(id).unwrap_or_else(|| panic!("{id} should not be there: {hit}"));
            assert_eq!((hit["_version"].as_i64(), &hit["_source"]), (Some(*version), document), "{id}");
        }
    }
    assert_eq!((found, counted), (expected.documents.len(), Some(expected.documents.len() as u64)));
}

/// A dead letter for each bad record, or more where it came again, and for no other; each says what was wrong.
async fn check_letters(broker: &EmbeddedBroker, expected: &Expected) -> usize {
    let mut seen: BTreeMap<(i32, i64), String> = BTreeMap::new();
    let mut letters = 0;
    let mut reader = LogReader::new(Arc::new(broker.clone()), LETTERS, Isolation::ReadCommitted);
    let each = |record: connect_kafka::batch::FetchedRecord, _| {
        letters += 1;
        let header = |name: &str| {
            let found = record.headers.iter().rfind(|(key, _)| key == name.as_bytes());
            let value = found.and_then(|(_, value)| value.as_deref()).unwrap_or_default();
            String::from_utf8_lossy(value).into_owned()
        };
        let number = |name: &str| header(&format!("__connect.errors.{name}")).parse::<i64>().expect("a number");
        let at = (i32::try_from(number("partition")).expect("a partition"), number("offset"));
        let detail = |name: &str| header(&format!("__connect.errors.detail.{name}"));
        assert!(detail("error.type").ends_with("_exception"), "{:?}", record.headers);
        assert_eq!(detail("index"), "chaos");
        let value: Value = serde_json::from_slice(record.value.as_deref().unwrap_or_default()).expect("JSON");
        assert_eq!(value.get("sum"), None, "a good record: {value}");
        seen.insert(at, detail("field"));
    };
    reader.read_to_end(each).await.expect("the letters");
    let fields: BTreeMap<_, _> = expected.malformed.iter().map(|(at, field)| (*at, (*field).to_owned())).collect();
    assert_eq!(seen, fields);
    letters
}
