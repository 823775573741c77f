//! Indices that are made of a template, on each kind of server.

use connect_api::{Schema, Struct, Type};
use serde_json::json;

use crate::server::{KINDS, Server, TURNS, config, object, record, worker};

#[tokio::test(flavor = "multi_thread")]
async fn indices_are_made_of_the_template_that_is_named() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        server.ask("DELETE", "/templated,templated-too?ignore_unavailable=true", "");
        let part = json!({ "template": {
            "settings": { "refresh_interval": "7s", "analysis": { "analyzer": { "mine": { "type": "custom", "tokenizer": "standard" } } } },
            "aliases": { "of-part": {} } } });
        assert_eq!(server.ask("PUT", "/_component_template/real-part", &part.to_string()).0, 200);
        // Its patterns are of nobody; another one's are of the index, and yield to it.
        let base = json!({ "index_patterns": ["nobody-*"], "composed_of": ["real-part"], "template": {
            "settings": { "number_of_shards": 2, "number_of_replicas": 0 },
            "mappings": { "properties": { "n": { "type": "short" }, "text": { "type": "text", "analyzer": "mine" } } } } });
        assert_eq!(server.ask("PUT", "/_index_template/real-base", &base.to_string()).0, 200);
        let other = json!({ "index_patterns": ["templated*"], "priority": 7, "template": {
            "settings": { "number_of_shards": 3, "max_result_window": 777 } } });
        assert_eq!(server.ask("PUT", "/_index_template/real-other", &other.to_string()).0, 200);
        worker.topic("templated", 1).await;
        worker.send_records((0..10_i64).map(|n| record("templated", n, object([("n", n)])))).await;
        let keys = [("index.template", "real-base"), ("index.settings.refresh_interval", "30s")];
        assert!(worker.validate(config(&server, "templated", &keys)).await.is_empty());
        worker.create(config(&server, "templated", &keys)).await;
        worker.drained().await;
        assert_eq!(server.count("templated"), 10, "{}", server.kind);
        let index = server.ask("GET", "/templated", "").1["templated"].clone();
        let settings = &index["settings"]["index"];
        assert_eq!(
            ["number_of_shards", "number_of_replicas", "refresh_interval", "max_result_window"]
                .map(|key| &settings[key]),
            ["2", "0", "30s", "777"],
            "{}: {index}",
            server.kind
        );
        assert_eq!(settings["analysis"]["analyzer"]["mine"]["tokenizer"], "standard", "{index}");
        assert_eq!(index["mappings"]["properties"]["n"]["type"], "short", "{index}");
        assert_eq!(index["aliases"], json!({ "of-part": {} }), "{index}");

        // What a schema has and the template has not is added where mappings may grow.
        let schema = Schema::structure()
            .field("n", Schema::required(Type::Int16))
            .field("more", Schema::required(Type::Boolean))
            .build()
            .unwrap();
        let value = Struct::builder(&schema).set("n", 1_i16).set("more", true).build().unwrap();
        worker.topic("templated-too", 1).await;
        worker.send_records([record("templated-too", 1, value)]).await;
        let more = [keys[0], ("name", "too"), ("schema.ignore", "false"), ("mapping.update.on.schema.change", "true")];
        worker.create(config(&server, "templated-too", &more)).await;
        worker.drained().await;
        let mapping = server.ask("GET", "/templated-too/_mapping", "").1;
        let types = ["n", "more"].map(|field| &mapping["templated-too"]["mappings"]["properties"][field]["type"]);
        assert_eq!(types, ["short", "boolean"], "{}: {mapping}", server.kind);
        assert_eq!(server.count("templated-too"), 1, "{}", server.kind);
        server.ask("DELETE", "/_index_template/real-other", "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_that_are_no_good_are_told_before_anything_starts() {
    let _turn = TURNS.read().await;
    for server in KINDS.map(Server::of) {
        let worker = worker().await;
        let stream = r#"{"index_patterns":["streams-of-nobody"],"data_stream":{}}"#;
        assert_eq!(server.ask("PUT", "/_index_template/real-stream", stream).0, 200);
        for (template, expect) in [
            ("nowhere", "there is no index template \"nowhere\"; make it first"),
            ("real-stream", "is one of data streams"),
        ] {
            let errors = worker.validate(config(&server, "t", &[("index.template", template)])).await;
            let said = errors.of("index.template").next().map(ToString::to_string).unwrap_or_default();
            assert!(said.contains(expect) && !errors.are_passing(), "{}: {errors}", server.kind);
        }
    }
}
