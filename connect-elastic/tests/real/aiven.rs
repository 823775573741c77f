//! Aiven's keys, on each kind of server.

use connect_api::Datum;
use connect_runtime::State;
use connect_runtime::testing::TestWorker;
use serde_json::json;

use crate::server::{KINDS, Server, TURNS, config, object, record, worker};

const CLASS: (&str, &str) = ("connector.class", "io.aiven.kafka.connect.opensearch.OpenSearchSinkConnector");
const LETTERS: [(&str, &str); 2] = [("errors.tolerance", "all"), ("errors.deadletterqueue.topic.name", "dlq")];

/// A sink named as its topic.
async fn create(worker: &TestWorker, server: &Server, topic: &str, more: &[(&str, &str)]) {
    let keys = [&[CLASS, ("name", topic)], more].concat();
    let errors = worker.validate(config(server, topic, &keys)).await;
    assert!(errors.is_empty(), "{}: {errors}", server.kind);
    worker.create(config(server, topic, &keys)).await;
}

/// A topic with these numbers, each with its own key.
async fn filled(worker: &TestWorker, topic: &str, numbers: std::ops::Range<i64>) {
    worker.topic(topic, 1).await;
    worker.send_records(numbers.map(|n| record(topic, format!("k{n}"), object([("n", n)])))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_inserted_merged_and_deleted() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/a-insert,a-upsert?ignore_unavailable=true", "");
        worker.topic("a-insert", 1).await;
        let values = [("a", 1_i64), ("b", 2), ("a", 3)].map(|(key, n)| record("a-insert", key, object([("n", n)])));
        worker.send_records(values.into_iter().chain([record("a-insert", "b", Datum::NULL)])).await;
        create(&worker, &server, "a-insert", &[("behavior.on.null.values", "delete")]).await;
        worker.topic("a-upsert", 1).await;
        let parts = [("k", "x", 1_i64), ("k", "y", 2), ("k", "x", 3)];
        worker.send_records(parts.map(|(key, field, n)| record("a-upsert", key, object([(field, n)])))).await;
        // Without a value nothing happens, unless told otherwise.
        worker.send_records([record("a-upsert", "k", Datum::NULL)]).await;
        create(&worker, &server, "a-upsert", &[("index.write.method", "upsert")]).await;
        worker.drained().await;
        assert_eq!((server.count("a-insert"), server.doc("a-insert", "a")), (1, json!({ "n": 3 })), "{}", server.kind);
        assert_eq!(server.doc("a-upsert", "k"), json!({ "x": 3, "y": 2 }), "{}", server.kind);
        assert_eq!(worker.committed("a-upsert", "a-upsert"), [4]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_when_keys_are_ignored() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        for (strategy, topic) in
            [("topic.partition.offset", "a-tpo"), ("none", "a-none"), ("record.key", "a-key"), ("", "a-default")]
        {
            server.ask("DELETE", &format!("/{topic}"), "");
            worker.topic(topic, 1).await;
            // The same key twice, so that it shows whether it is the id.
            worker.send_records((0..6_i64).map(|n| record(topic, format!("k{}", n % 3), object([("n", n)])))).await;
            let more = [("key.ignore", "true"), ("key.ignore.id.strategy", strategy)];
            create(&worker, &server, topic, &more[..if strategy.is_empty() { 1 } else { 2 }]).await;
            worker.drained().await;
            let expect = if strategy == "record.key" { 3 } else { 6 };
            assert_eq!(server.count(topic), expect, "{} {strategy}", server.kind);
        }
        assert_eq!(server.doc("a-tpo", "a-tpo+0+4"), json!({ "n": 4 }));
        assert_eq!(server.doc("a-default", "a-default+0+4"), json!({ "n": 4 }));
        assert_eq!(server.doc("a-key", "k1"), json!({ "n": 4 }));
        // The offset is the version of keys alone.
        let version =
            |index: &str, id: &str| server.ask("GET", &format!("/{index}/_doc/{id}"), "").1["_version"].clone();
        assert_eq!((version("a-key", "k1"), version("a-tpo", "a-tpo+0+4")), (json!(4), json!(1)), "{}", server.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_records_by_policy() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let mapping = r#"{"mappings":{"dynamic":"strict","properties":{"n":{"type":"long"}}}}"#;
        // What is refused, the key that says what becomes of it, and the place of the record that is.
        for (kind, key) in
            [("malformed", "behavior.on.malformed.documents"), ("conflict", "behavior.on.version.conflict")]
        {
            for policy in ["ignore", "warn", "report", "fail"] {
                let worker = worker().await;
                server.ask("DELETE", "/a-bad", "");
                assert_eq!(server.ask("PUT", "/a-bad", mapping).0, 200);
                worker.topic("a-bad", 1).await;
                if kind == "conflict" {
                    // Somebody has written something newer.
                    let newer = server.ask("PUT", "/a-bad/_doc/k1?version=1000&version_type=external", r#"{"n":-1}"#);
                    assert_eq!(newer.0, 201);
                }
                worker
                    .send_records((0..3_i64).map(|n| match (n, kind) {
                        (1, "malformed") => record("a-bad", "k1", object([("n", "no number")])),
                        _ => record("a-bad", format!("k{n}"), object([("n", n)])),
                    }))
                    .await;
                create(&worker, &server, "a-bad", &[&LETTERS[..], &[(key, policy)]].concat()).await;
                worker.settled().await;
                let failed = worker.state("a-bad") == State::Failed;
                assert_eq!(failed, policy == "fail", "{} {kind} {policy}: {}", server.kind, worker.trace("a-bad"));
                if failed {
                    let trace = worker.trace("a-bad");
                    assert!(trace.contains("_exception") && !trace.contains("no number"), "{trace}");
                    continue;
                }
                let letters = usize::from(kind == "malformed" || policy != "ignore");
                let documents = if kind == "malformed" { 2 } else { 3 };
                assert_eq!(
                    (server.count("a-bad"), worker.dead_letters("dlq").len(), worker.committed("a-bad", "a-bad")),
                    (documents, letters, vec![3]),
                    "{} {kind} {policy}",
                    server.kind
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_streams_have_a_template_of_their_own_or_one_that_is_there() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        let count = |stream: &str| match server.ask("HEAD", &format!("/{stream}"), "").0 {
            200 => server.count(stream),
            _ => 0,
        };
        // A server that cannot delete data streams has those of an earlier run, with the same ids.
        let whole = |before: u64| move |count: u64| count == 20 || before == 20 && count == before;
        server.ask("DELETE", "/_data_stream/real-a-events", "");
        server.ask("DELETE", "/_index_template/real-a-events-connector-data-stream-template", "");
        let before = count("real-a-events");
        filled(&worker, "a-events", 0..20).await;
        let stream = [
            ("data.stream.enabled", "true"),
            ("data.stream.prefix", "real"),
            ("behavior.on.version.conflict", "ignore"),
        ];
        create(&worker, &server, "a-events", &[&stream[..], &[("index.settings.number_of_shards", "2")]].concat())
            .await;
        worker.drained().await;
        assert!(whole(before)(count("real-a-events")), "{}: {}", server.kind, worker.trace("a-events"));
        let name = "real-a-events-connector-data-stream-template";
        let (status, made) = server.ask("GET", &format!("/_index_template/{name}"), "");
        let made = &made["index_templates"][0]["index_template"];
        assert_eq!((status, &made["priority"]), (200, &json!(200)), "{}", server.kind);
        assert_eq!(made["index_patterns"], json!(["real-a-events"]), "{}", server.kind);
        assert_eq!(made["template"]["settings"]["index"]["number_of_shards"], "2", "{}: {made}", server.kind);

        // One that is there stays as it is.
        server.ask("DELETE", "/_data_stream/real-a-more", "");
        let mine = r#"{"index_patterns":["real-a-more"],"priority":444,"data_stream":{}}"#;
        assert_eq!(server.ask("PUT", "/_index_template/real-a-mine", mine).0, 200);
        let before = count("real-a-more");
        filled(&worker, "a-more", 0..20).await;
        let existing = [("data.streams.existing.index.template.name", "real-a-mine")];
        create(&worker, &server, "a-more", &[&stream[..], &existing].concat()).await;
        worker.drained().await;
        assert!(whole(before)(count("real-a-more")), "{}: {}", server.kind, worker.trace("a-more"));
        let (_, kept) = server.ask("GET", "/_index_template/real-a-mine", "");
        assert_eq!(kept["index_templates"][0]["index_template"]["priority"], 444, "{}", server.kind);
        let own = server.ask("HEAD", "/_index_template/real-a-more-connector-data-stream-template", "").0;
        assert_eq!(own, 404, "{}", server.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_that_are_there_and_routes() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/a-made,a-behind,a-routed,a-by-key?ignore_unavailable=true", "");
        assert_eq!(server.ask("PUT", "/a-made", "").0, 200);
        assert_eq!(server.ask("PUT", "/a-behind", r#"{"aliases":{"a-alias":{"is_write_index":true}}}"#).0, 200);
        for (kind, topic, resource) in [("index", "a-t1", "a-made"), ("index_alias", "a-t2", "a-alias")] {
            filled(&worker, topic, 0..10).await;
            let pair = format!("{topic}:{resource}");
            let keys = [("existing.resource.type", kind), ("topic.to.existing.resource.mapping", pair.as_str())];
            create(&worker, &server, topic, &keys).await;
            worker.drained().await;
            assert_eq!(server.count(resource), 10, "{} {kind}: {}", server.kind, worker.trace(topic));
        }
        let keys =
            [CLASS, ("existing.resource.type", "index"), ("topic.to.existing.resource.mapping", "a-t1:a-nowhere")];
        let errors = worker.validate(config(&server, "a-t1", &keys)).await;
        assert!(errors.of("topic.to.existing.resource.mapping").next().is_some(), "{errors}");

        // Documents of one route are found with it alone.
        let routed = [("routing.type", "value"), ("routing.type.record.value.path", "/n")];
        for (topic, keys, id, route) in
            [("a-routed", &routed[..], "k7", "7"), ("a-by-key", &[("routing.type", "key")], "k7", "k7")]
        {
            filled(&worker, topic, 0..10).await;
            create(&worker, &server, topic, keys).await;
            worker.drained().await;
            assert_eq!(server.count(topic), 10, "{}: {}", server.kind, worker.trace(topic));
            let found = server.ask("GET", &format!("/{topic}/_doc/{id}?routing={route}"), "").1;
            assert_eq!(found["_routing"], route, "{}: {found}", server.kind);
        }
    }
}
