//! Each way to write, on each kind of server.

use connect_api::{Datum, Schema, Struct, Type};
use serde_json::json;

use crate::server::{KINDS, Server, TURNS, config, object, record, worker};

#[tokio::test(flavor = "multi_thread")]
async fn insert_upsert_and_delete() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/modes,merged?ignore_unavailable=true", "");
        worker.topic("modes", 1).await;
        worker.topic("merged", 1).await;
        let values = [
            record("modes", "a", object([("n", 1i64)])),
            record("modes", "b", object([("n", 2i64)])),
            record("modes", "a", object([("n", 3i64)])),
            record("modes", "b", Datum::NULL),
            record("modes", "never", Datum::NULL),
        ];
        worker.send_records(values).await;
        worker.create(config(&server, "modes", &[("behavior.on.null.values", "delete")])).await;
        worker.drained().await;
        assert_eq!((server.count("modes"), server.doc("modes", "a")), (1, json!({ "n": 3 })), "{}", server.kind);

        let updates = (0..500_i64)
            .map(|n| record("merged", format!("k{}", n % 7), object([(["x", "y", "z"][(n % 3) as usize], n)])));
        worker.send_records(updates).await;
        let more =
            [("name", "up"), ("write.method", "upsert"), ("batch.size", "10"), ("connection.compression", "true")];
        worker.create(config(&server, "merged", &more)).await;
        worker.drained().await;
        for key in 0..7 {
            // The last of each field.
            let last = |remainder: i64| (0..500).rev().find(|n| n % 7 == key && n % 3 == remainder).unwrap();
            let expect = json!({ "x": last(0), "y": last(1), "z": last(2) });
            assert_eq!(server.doc("merged", &format!("k{key}")), expect, "{}", server.kind);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_documents_go_to_the_dead_letters_and_the_others_arrive() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/strict", "");
        let mapping = r#"{"mappings":{"dynamic":"strict","properties":{"n":{"type":"long"}}}}"#;
        assert_eq!(server.ask("PUT", "/strict", mapping).0, 200);
        worker.topic("strict", 1).await;
        worker
            .send_records((0..100_i64).map(|n| match n {
                13 => record("strict", n, object([("n", "no number")])),
                57 => record("strict", n, object([("surprise", n)])),
                71 => record("strict", n, "no object"),
                _ => record("strict", n, object([("n", n)])),
            }))
            .await;
        let more = [
            ("behavior.on.malformed.documents", "report"),
            ("errors.tolerance", "all"),
            ("errors.deadletterqueue.topic.name", "dlq"),
            ("errors.deadletterqueue.context.headers.enable", "true"),
        ];
        worker.create(config(&server, "strict", &more)).await;
        worker.drained().await;
        assert_eq!((server.count("strict"), worker.committed("es", "strict")), (97, vec![100]), "{}", server.kind);
        let mut reasons: Vec<_> = worker.dead_letters("dlq").iter().map(|letter| letter.reason().unwrap()).collect();
        reasons.sort();
        let all = reasons.join("\n");
        assert_eq!(reasons.len(), 3, "{all}");
        assert!(all.contains("parsing_exception (status 400) of index strict, field \"n\""), "{all}");
        assert!(
            all.contains("strict_dynamic_mapping_exception (status 400) of index strict, field \"surprise\""),
            "{all}"
        );
        assert!(all.contains("a document is an object"), "{all}");
        assert!(!all.contains("no number"), "a value is told: {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_streams_take_each_record_once() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/_data_stream/logs-real-events", "");
        let template = r#"{"index_patterns":["logs-real-*"],"priority":300,"data_stream":{}}"#;
        assert_eq!(server.ask("PUT", "/_index_template/real", template).0, 200);
        let before = match server.ask("HEAD", "/logs-real-events", "").0 {
            200 => server.count("logs-real-events"),
            _ => 0,
        };
        worker.topic("events", 1).await;
        worker.send_records((0..50_i64).map(|n| record("events", "same", object([("n", n)])))).await;
        let more = [
            ("data.stream.type", "logs"),
            ("data.stream.dataset", "real"),
            ("key.ignore", "true"),
            ("batch.size", "7"),
        ];
        worker.create(config(&server, "events", &more)).await;
        worker.drained().await;
        let count = server.count("logs-real-events");
        // A server that cannot delete data streams has those of an earlier run.
        assert!(count == 50 || before == 50, "{}: {count} after {before}", server.kind);
        // The same records again are conflicts, which are no failures.
        worker.create(config(&server, "events", &[&more[..], &[("name", "again")]].concat())).await;
        worker.drained().await;
        assert_eq!((server.count("logs-real-events"), worker.committed("again", "events")), (count, vec![50]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_make_mappings_and_aliases_are_written_to() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/typed,behind-1?ignore_unavailable=true", "");
        let schema = Schema::structure()
            .field("id", Schema::required(Type::Int64))
            .field("name", Schema::required(Type::String))
            .build()
            .unwrap();
        let value = |n: i64| Struct::builder(&schema).set("id", n).set("name", "x").build().unwrap();
        worker.topic("typed", 1).await;
        worker.send_records((0..10_i64).map(|n| record("typed", n, value(n)))).await;
        let more = [("schema.ignore", "false"), ("index.settings.number_of_replicas", "0")];
        worker.create(config(&server, "typed", &more)).await;
        worker.drained().await;
        let mapping = server.ask("GET", "/typed/_mapping", "").1;
        assert_eq!(mapping["typed"]["mappings"]["properties"]["id"]["type"], "long", "{mapping}");
        assert_eq!(
            server.ask("GET", "/typed/_settings", "").1["typed"]["settings"]["index"]["number_of_replicas"],
            "0"
        );

        let alias = r#"{"aliases":{"front":{"is_write_index":true}}}"#;
        assert_eq!(server.ask("PUT", "/behind-1", alias).0, 200);
        let more = [
            ("name", "al"),
            ("external.resource.usage", "alias_index"),
            ("topic.to.external.resource.mapping", "typed:front"),
            ("bulk.require.alias", "true"),
        ];
        worker.create(config(&server, "typed", &more)).await;
        worker.drained().await;
        assert_eq!(server.count("behind-1"), 10);
        let missing = [("name", "no"), more[1], ("topic.to.external.resource.mapping", "typed:nowhere")];
        let errors = worker.validate(config(&server, "typed", &missing)).await;
        let said = errors.of("topic.to.external.resource.mapping").next().expect("blamed").to_string();
        assert!(said.contains("no alias \"nowhere\""), "{said}");
    }
}
