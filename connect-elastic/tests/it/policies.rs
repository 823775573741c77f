//! What becomes of records that cannot be written, under both names.

use connect_api::Datum;
use connect_runtime::State;
use serde_json::json;

use crate::host::{AIVEN, CONFLUENT, config, number, record, worker};
use crate::server::{Fault, Server};

const LETTERS: [(&str, &str); 3] = [
    ("errors.tolerance", "all"),
    ("errors.deadletterqueue.topic.name", "dlq"),
    ("errors.deadletterqueue.context.headers.enable", "true"),
];

/// What happens to three records of which the second is refused: whether the task fails, documents, dead letters and
/// what is committed.
async fn outcome(class: &str, item: (u16, &'static str), more: &[(&str, &str)]) -> (bool, usize, usize, i64) {
    let server = Server::start().await;
    server.faults([Fault::Items(vec![1], item.0, item.1)]);
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records((0..3).map(|n| record(format!("k{n}"), number(n)))).await;
    let keys = [&[("max.in.flight.requests", "1")], more].concat();
    worker.create(config(&server, class, &keys)).await;
    worker.settled().await;
    let failed = worker.state("es") == State::Failed;
    (failed, server.count("t"), worker.dead_letters("dlq").len(), worker.committed("es", "t")[0])
}

#[tokio::test(start_paused = true)]
async fn malformed_documents_by_policy() {
    let bad = (400, "mapper_parsing_exception");
    let with = |policy: &'static str| [&LETTERS[..], &[("behavior.on.malformed.documents", policy)]].concat();
    for class in [CONFLUENT, AIVEN] {
        for policy in ["ignore", "warn", "report"] {
            assert_eq!(outcome(class, bad, &with(policy)).await, (false, 2, 1, 3), "{class} {policy}");
        }
        let (failed, documents, letters, committed) = outcome(class, bad, &with("fail")).await;
        assert!(failed && documents == 2 && letters == 1 && committed <= 1, "{class}: {committed}");
        let silent = [("behavior.on.malformed.documents", "ignore")];
        assert_eq!(outcome(class, bad, &silent).await, (false, 2, 0, 3), "{class}");
    }
}

/// Dead letters have the bytes that were read, and say for programs what was wrong.
#[tokio::test(start_paused = true)]
async fn dead_letters_are_the_records_as_they_came() {
    let server = Server::start().await;
    let long = json!({ "n": { "type": "long" } });
    server.state().store.indices.entry("renamed".into()).or_default().mapping = long.as_object().unwrap().clone();
    let worker = worker().await;
    worker.topic("t", 1).await;
    let odd: connect_api::Value = vec![("n".into(), "no number".into())].into();
    let records = (0..300).map(|n| match n {
        57 | 58 | 211 => record(format!("k{n}"), odd.clone()),
        133 => record(format!("k{n}"), "no object"),
        140 => record(1.5, number(n)),
        _ => record(format!("k{n}"), number(n)),
    });
    worker.send_records(records).await;
    let more = [
        &LETTERS[..],
        &[
            ("behavior.on.malformed.documents", "ignore"),
            ("drop.invalid.message", "true"),
            ("batch.size", "20"),
            ("transforms", "route"),
            ("transforms.route.type", "org.apache.kafka.connect.transforms.RegexRouter"),
            ("transforms.route.regex", "t"),
            ("transforms.route.replacement", "renamed"),
            ("consumer.override.max.poll.records", "30"),
        ],
    ];
    worker.create(config(&server, CONFLUENT, &more.concat())).await;
    worker.drained().await;
    assert_eq!((server.count("renamed"), worker.committed("es", "t")), (295, vec![300]));
    let letters = worker.dead_letters("dlq");
    let mut seen: Vec<_> = letters
        .iter()
        .map(|letter| {
            let header = |name: &str| letter.header(&format!("__connect.errors.{name}")).unwrap_or_default();
            let details = ["offset", "detail.error.type", "detail.field", "detail.status", "detail.index"].map(header);
            let value = letter.text().replace(r#"{"schema":null,"payload":"#, "");
            format!("{} {}", value.trim_end_matches('}'), details.join(" "))
        })
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            r#""no object" 133 malformed_document   renamed"#,
            r#"{"n":"no number" 211 document_parsing_exception n 400 renamed"#,
            r#"{"n":"no number" 57 document_parsing_exception n 400 renamed"#,
            r#"{"n":"no number" 58 document_parsing_exception n 400 renamed"#,
            r#"{"n":140 140 invalid_record   renamed"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn newer_documents_by_policy() {
    let stale = (409, "version_conflict_engine_exception");
    let with = |policy: &'static str| [&LETTERS[..], &[("behavior.on.version.conflict", policy)]].concat();
    assert_eq!(outcome(CONFLUENT, stale, &LETTERS).await, (false, 2, 0, 3));
    assert!(outcome(AIVEN, stale, &LETTERS).await.0, "theirs fails unless told otherwise");
    for class in [CONFLUENT, AIVEN] {
        assert_eq!(outcome(class, stale, &with("ignore")).await, (false, 2, 0, 3), "{class}");
        assert_eq!(outcome(class, stale, &with("report")).await, (false, 2, 1, 3), "{class}");
        assert!(outcome(class, stale, &with("fail")).await.0, "{class}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_retry_changes_fails_the_task() {
    for item in [(403, "security_exception"), (400, "index_closed_exception"), (418, "teapot")] {
        let (failed, .., committed) = outcome(CONFLUENT, item, &[]).await;
        assert!(failed && committed <= 1, "{item:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_come_again_are_no_conflict() {
    let server = Server::start().await;
    for (connector, class) in [("es", AIVEN), ("again", AIVEN)] {
        let worker = worker().await;
        worker.topic("t", 1).await;
        worker.send_records((0..5).map(|n| record(format!("k{n}"), number(n)))).await;
        let more = [("name", connector), ("behavior.on.version.conflict", "fail")];
        worker.create(config(&server, class, &more)).await;
        worker.drained().await;
        assert_eq!((server.count("t"), worker.committed(connector, "t")), (5, vec![5]));
    }
}

#[tokio::test(start_paused = true)]
async fn values_that_are_missing_move_offsets() {
    for (behavior, letters) in [("ignore", 40), ("delete", 0)] {
        let server = Server::start().await;
        let worker = worker().await;
        worker.topic("t", 1).await;
        // Half of them have no key, of which nothing can be deleted.
        worker
            .send_records((0..40).map(|n| match n % 2 {
                0 => record(Datum::NULL, Datum::NULL),
                _ => record(format!("k{n}"), Datum::NULL),
            }))
            .await;
        let more = [&LETTERS[..], &[("behavior.on.null.values", behavior)]].concat();
        worker.create(config(&server, CONFLUENT, &more)).await;
        worker.drained().await;
        assert_eq!((worker.committed("es", "t"), worker.dead_letters("dlq").len()), (vec![40], letters), "{behavior}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_cannot_be_converted() {
    for (drop, failed) in [("true", false), ("false", true)] {
        let server = Server::start().await;
        let worker = worker().await;
        worker.topic("t", 1).await;
        worker.send_records([record("a", number(1)), record(1.5, number(2)), record("c", number(3))]).await;
        let more = [&LETTERS[..], &[("drop.invalid.message", drop)]].concat();
        worker.create(config(&server, CONFLUENT, &more)).await;
        worker.settled().await;
        assert_eq!((worker.state("es") == State::Failed, worker.dead_letters("dlq").len()), (failed, 1));
        let committed = worker.committed("es", "t")[0];
        assert!(if failed { committed <= 1 } else { committed == 3 }, "{committed}");
        if failed {
            let trace = worker.trace("es");
            assert!(trace.contains("partition 0, offset 1") && trace.contains("FLOAT64 is not supported"), "{trace}");
        }
    }
}

/// Renamed topics decide about indices and ids, and original ones about offsets.
#[tokio::test(start_paused = true)]
async fn topics_may_be_renamed_and_found_by_pattern() {
    let server = Server::start().await;
    let worker = worker().await;
    worker.topic("t", 2).await;
    worker.send_records((0..10).map(|n| record(format!("k{n}"), number(n)))).await;
    let more = [
        ("transforms", "route"),
        ("transforms.route.type", "org.apache.kafka.connect.transforms.RegexRouter"),
        ("transforms.route.regex", "t"),
        ("transforms.route.replacement", "Renamed"),
        ("topics.regex", "t.*"),
    ];
    let mut config = config(&server, CONFLUENT, &more);
    config.remove("topics");
    worker.create(config).await;
    worker.drained().await;
    assert_eq!(server.count("renamed"), 10);
    assert_eq!(worker.committed("es", "t").iter().sum::<i64>(), 10);
}

#[tokio::test(start_paused = true)]
async fn data_streams_of_opensearch_have_templates() {
    let server = Server::start().await;
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records([record("a", number(1))]).await;
    let more = [("data.stream.enabled", "true"), ("data.stream.prefix", "p"), ("key.ignore", "true")];
    worker.create(config(&server, AIVEN, &more)).await;
    worker.drained().await;
    assert_eq!(server.doc("p-t", "t+0+0"), Some(json!({ "n": 1, "@timestamp": 1_700_000_000_000_i64 })));
    let state = server.state();
    let template = state.asked.iter().find(|asked| asked.path.starts_with("/_index_template")).unwrap();
    assert_eq!(template.path, "/_index_template/p-t-connector-data-stream-template");
    let body: serde_json::Value = serde_json::from_slice(&template.body).unwrap();
    assert_eq!(body, json!({ "index_patterns": ["p-t"], "priority": 200, "data_stream": {} }));
}

#[tokio::test(start_paused = true)]
async fn who_asks_is_told_and_bodies_are_compressed() {
    let server = Server::start().await;
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records([record("a", number(1))]).await;
    let more = [("connection.api.key", "id:key"), ("connection.compression", "true"), ("pipeline", "a b")];
    worker.create(config(&server, CONFLUENT, &more)).await;
    worker.drained().await;
    let state = server.state();
    let bulk = state.asked.iter().find(|asked| asked.path.starts_with("/_bulk")).unwrap();
    assert_eq!(bulk.header("authorization"), Some("ApiKey aWQ6a2V5"));
    assert_eq!(
        (bulk.header("content-encoding"), bulk.header("content-type")),
        (Some("gzip"), Some("application/x-ndjson"))
    );
    assert!(bulk.path.ends_with("&pipeline=a%20b"), "{}", bulk.path);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_be_written_to_is_told_before_anything_starts() {
    let server = Server::start().await;
    let worker = worker().await;
    let wrong = worker.validate(config(&server, CONFLUENT, &[("connection.url", "http://127.0.0.1:1")])).await;
    let said = wrong.of("connection.url").next().unwrap().to_string();
    assert!(said.contains("cannot connect to 127.0.0.1:1"), "{said}");
    server.state().root = Some(json!({ "version": { "number": "6.8.23" } }));
    let old = worker.validate(config(&server, CONFLUENT, &[])).await;
    assert!(old.to_string().contains("needs 7.0 or newer"), "{old}");
    server.state().root = Some(json!({ "version": { "distribution": "opensearch", "number": "2.19.1" } }));
    assert!(worker.validate(config(&server, CONFLUENT, &[])).await.is_empty());
    let tls = server.url.replace("http", "https");
    let tls = worker
        .validate(config(&server, CONFLUENT, &[("connection.url", &tls), ("elastic.https.insecure", "true")]))
        .await;
    assert!(tls.of("elastic.security.protocol").next().is_some(), "{tls}");
}
