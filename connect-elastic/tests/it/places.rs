//! Where documents go: paths, resources that somebody else made, mappings and templates.

use connect_api::{Schema, Struct, Type};
use connect_runtime::State;
use connect_runtime::testing::TestWorker;
use serde_json::{Value as Json, json};

use crate::host::{AIVEN, CONFLUENT, config, number, record, worker};
use crate::server::{Asked, Fault, Server};

async fn written(server: &Server, class: &str, more: &[(&str, &str)]) -> TestWorker {
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records((0..10).map(|n| record(format!("k{n}"), number(n)))).await;
    worker.create(config(server, class, more)).await;
    worker.settled().await;
    worker
}

fn asked(server: &Server, method: &str, path: &str) -> Vec<Asked> {
    let state = server.state();
    state.asked.iter().filter(|asked| asked.method == method && asked.path.starts_with(path)).cloned().collect()
}

fn body(asked: &Asked) -> Json {
    serde_json::from_slice(&asked.body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn everything_is_asked_for_below_the_prefix() {
    for class in [CONFLUENT, AIVEN] {
        let server = Server::start().await;
        server.state().answers.push(("/es/", json!({ "errors": false, "items": [] })));
        let below = format!("{}/es/", server.url);
        for more in [("connection.path.prefix", "es"), ("connection.url", &below)] {
            let worker = written(&server, class, &[more]).await;
            assert_eq!(worker.committed("es", "t"), [10]);
            let state = server.state();
            let outside = state.asked.iter().find(|asked| !asked.path.starts_with("/es/"));
            assert!(outside.is_none() && !state.asked.is_empty(), "{outside:?}");
        }
    }
}

/// A class, keys, whether it is an alias and a stream, and the operation.
type Row<'a> = (&'a str, [(&'a str, &'a str); 2], bool, bool, &'a str);

#[tokio::test(start_paused = true)]
async fn resources_that_somebody_else_made() {
    let confluent = |usage| [("external.resource.usage", usage), ("topic.to.external.resource.mapping", "t:made")];
    let aiven = |kind| [("existing.resource.type", kind), ("topic.to.existing.resource.mapping", "t:made")];
    let rows: [Row<'_>; 8] = [
        (CONFLUENT, confluent("INDEX"), false, false, "index"),
        (CONFLUENT, confluent("datastream"), false, true, "create"),
        (CONFLUENT, confluent("alias_index"), true, false, "index"),
        (CONFLUENT, confluent("alias_datastream"), true, true, "create"),
        (AIVEN, aiven("index"), false, false, "index"),
        (AIVEN, aiven("data_stream"), false, true, "create"),
        (AIVEN, aiven("index_alias"), true, false, "index"),
        (AIVEN, aiven("data_stream_alias"), true, true, "create"),
    ];
    for (class, keys, alias, stream, operation) in rows {
        let server = Server::start().await;
        server.state().store.strict = true;
        let missing = worker().await.validate(config(&server, class, &keys)).await;
        assert!(missing.of(keys[1].0).next().is_some(), "{keys:?}: {missing}");
        {
            let mut state = server.state();
            let made = state.store.indices.entry("made".into()).or_default();
            (made.alias, made.stream) = (alias, stream);
        }
        let worker = written(&server, class, &keys).await;
        assert_eq!((server.count("made"), worker.committed("es", "t")), (10, vec![10]), "{keys:?}");
        assert!(server.lines()[0].starts_with(&format!("{{\"{operation}\":{{\"_index\":\"made\"")), "{keys:?}");
        assert!(asked(&server, "PUT", "/").is_empty(), "{keys:?}: something is made");
    }
}

#[tokio::test(start_paused = true)]
async fn mappings_grow_with_the_schema_when_they_may() {
    for (update, grown) in [("true", true), ("false", false)] {
        let server = Server::start().await;
        let worker = worker().await;
        worker.topic("t", 1).await;
        let first = Schema::structure().field("a", Schema::required(Type::Int64)).build().unwrap();
        let second = Schema::structure()
            .field("a", Schema::required(Type::Int64))
            .field("b", Schema::optional(Type::Boolean))
            .build()
            .unwrap();
        let one = Struct::builder(&first).set("a", 1_i64).build().unwrap();
        let two = Struct::builder(&second).set("a", 2_i64).set("b", true).build().unwrap();
        worker.send_records([record("one", one), record("two", two)]).await;
        let more = [("schema.ignore", "false"), ("mapping.update.on.schema.change", update)];
        worker.create(config(&server, CONFLUENT, &more)).await;
        worker.drained().await;
        assert_eq!(server.count("t"), 2);
        let sent: Vec<_> = asked(&server, "PUT", "/t/_mapping").iter().map(body).collect();
        let first = json!({ "properties": { "a": { "type": "long" } } });
        let second = json!({ "properties": { "b": { "type": "boolean" } } });
        assert_eq!(sent, if grown { vec![first, second] } else { vec![first] });
    }
}

#[tokio::test(start_paused = true)]
async fn indices_are_made_with_settings() {
    let server = Server::start().await;
    let settings = [("index.settings.number_of_shards", "3"), ("index.settings.refresh_interval", "30s")];
    written(&server, CONFLUENT, &settings).await;
    let made = asked(&server, "PUT", "/t");
    assert_eq!(
        body(&made[0]),
        json!({ "settings": { "index.number_of_shards": "3", "index.refresh_interval": "30s" } })
    );
}

/// Whatever its patterns are; a setting of the configuration goes before the template's.
#[tokio::test(start_paused = true)]
async fn indices_are_made_of_a_template() {
    let parts = json!({ "settings": { "index": { "number_of_shards": "2", "refresh_interval": "7s" } },
        "mappings": { "properties": { "n": { "type": "long" } } }, "aliases": { "all": {} } });
    for class in [CONFLUENT, AIVEN] {
        let server = Server::start().await;
        let template = json!({ "index_patterns": ["nobody"], "template": parts });
        server.state().store.templates.insert("base".to_owned(), template);
        // An answer that is none, for a while, to the questions that are asked before the index is made.
        let fine = [Fault::None, Fault::None, Fault::None, Fault::None, Fault::None];
        server.state().other_faults.extend(fine.into_iter().chain([Fault::Status(503, String::new())]));
        let keys = [("index.template", "base"), ("index.settings.refresh_interval", "30s")];
        let worker = written(&server, class, &keys).await;
        assert_eq!((server.count("t"), worker.committed("es", "t")), (10, vec![10]), "{class}");
        let made: Vec<_> = asked(&server, "PUT", "/t").iter().map(body).collect();
        let expect = json!({ "settings": { "index.number_of_shards": "2", "index.refresh_interval": "30s" },
            "mappings": parts["mappings"], "aliases": { "all": {} } });
        assert_eq!(made, [expect], "{class}");
    }
}

/// A template, what becomes of the question for it, what is said, and whether it may be over.
type Template<'a> = (Json, Fault, &'a str, bool);

#[tokio::test(start_paused = true)]
async fn templates_are_looked_for_before_anything_starts() {
    let server = Server::start().await;
    let stream = json!({ "index_patterns": ["x"], "data_stream": {} });
    let rows: [Template<'_>; 5] = [
        (json!({}), Fault::None, "", false),
        (Json::Null, Fault::None, "there is no index template \"base\"; make it first", false),
        (stream, Fault::None, "is one of data streams", false),
        (json!({}), Fault::Status(403, String::new()), "manage_index_templates", false),
        (json!({}), Fault::Status(503, String::new()), "status 503", true),
    ];
    let worker = worker().await;
    for (template, fault, expect, passing) in rows {
        server.state().store.templates.clear();
        if !template.is_null() {
            server.state().store.templates.insert("base".to_owned(), template);
        }
        server.state().other_faults = [Fault::None, Fault::None, fault].into();
        let errors = worker.validate(config(&server, CONFLUENT, &[("index.template", "base")])).await;
        let said = errors.of("index.template").next().map(ToString::to_string).unwrap_or_default();
        assert!(said.contains(expect) && errors.is_empty() == expect.is_empty(), "{expect}: {errors}");
        assert_eq!(errors.are_passing(), passing && !errors.is_empty(), "{errors}");
    }
}

/// One that goes away later fails the task, which names the key.
#[tokio::test(start_paused = true)]
async fn a_template_that_goes_away_fails_the_task() {
    let server = Server::start().await;
    server.state().store.templates.insert("base".to_owned(), json!({}));
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.create(config(&server, CONFLUENT, &[("index.template", "base")])).await;
    server.state().store.templates.clear();
    worker.send_records([record("k", number(1))]).await;
    worker.settled().await;
    let trace = worker.trace("es");
    assert_eq!(worker.state("es"), State::Failed);
    assert!(trace.contains("\"base\" of index.template") && trace.contains("make the template"), "{trace}");
    assert!(asked(&server, "PUT", "/t").is_empty());
}

/// The template that is made for a data stream has the settings.
#[tokio::test(start_paused = true)]
async fn templates_of_data_streams_have_settings() {
    let server = Server::start().await;
    let keys = [("data.stream.enabled", "true"), ("index.settings.number_of_shards", "3")];
    written(&server, AIVEN, &keys).await;
    let made: Vec<_> =
        asked(&server, "PUT", "/_index_template/t-connector-data-stream-template").iter().map(body).collect();
    let template = json!({ "settings": { "index.number_of_shards": "3" } });
    let expect = json!({ "index_patterns": ["t"], "priority": 200, "data_stream": {}, "template": template });
    assert_eq!(made, [expect]);
}

/// A template that is there is left as it is, and one that is not is made under its name.
#[tokio::test(start_paused = true)]
async fn templates_of_data_streams_may_be_there() {
    for there in [true, false] {
        let server = Server::start().await;
        if there {
            server.state().answers.push(("/_index_template/mine", json!({})));
        }
        let more = [
            ("data.stream.enabled", "true"),
            ("data.streams.existing.index.template.name", "mine"),
            ("data.stream.timestamp.field", "at"),
        ];
        let worker = written(&server, AIVEN, &[&more[..], &[("index.write.method", "insert")]].concat()).await;
        // The fault server wants @timestamp, and says so.
        assert!(matches!(worker.state("es"), State::Failed | State::Running));
        let made = asked(&server, "PUT", "/_index_template/mine");
        assert_eq!(made.len(), usize::from(!there));
        for made in made {
            let stream = json!({ "timestamp_field": { "name": "at" } });
            assert_eq!(body(&made), json!({ "index_patterns": ["t"], "priority": 200, "data_stream": stream }));
        }
        assert!(server.lines()[1].contains("\"at\":1700000000000"), "{:?}", server.lines());
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_are_asked_for_again_after_a_while() {
    let server = Server::start().await;
    let node = json!({ "roles": [], "http": { "publish_address": server.url.replace("http://", "") } });
    server.state().answers.push(("/_nodes/http", json!({ "nodes": { "a": node } })));
    let more = [("connection.sniff", "true"), ("connection.sniff.interval.ms", "10000")];
    let worker = written(&server, CONFLUENT, &more).await;
    let before = asked(&server, "GET", "/_nodes/http").len();
    worker.advance(std::time::Duration::from_secs(11)).await;
    worker.send_records([record("later", number(1))]).await;
    worker.drained().await;
    assert_eq!(asked(&server, "GET", "/_nodes/http").len(), before + 1);
}

/// Values are told where the key says so alone.
#[tokio::test(start_paused = true)]
async fn what_servers_say_is_told_on_request() {
    for (sensitive, told) in [("true", true), ("false", false)] {
        for class in [CONFLUENT, AIVEN] {
            let server = Server::start().await;
            server.faults([Fault::Items(vec![1], 400, "mapper_parsing_exception")]);
            let worker = written(&server, class, &[("log.sensitive.data", sensitive)]).await;
            let trace = worker.trace("es");
            assert_eq!(trace.contains("injected by the test"), told, "{class}: {trace}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn skipped_records_are_reported_where_the_key_says_so() {
    for (report, letters) in [("true", 1), ("false", 0)] {
        let server = Server::start().await;
        let worker = worker().await;
        worker.topic("t", 1).await;
        worker.send_records([record("a", connect_api::Datum::NULL), record("b", number(1))]).await;
        let more = [
            ("behavior.on.null.values", "ignore"),
            ("behavior.on.null.values.report", report),
            ("errors.tolerance", "all"),
            ("errors.deadletterqueue.topic.name", "dlq"),
        ];
        worker.create(config(&server, CONFLUENT, &more)).await;
        worker.drained().await;
        assert_eq!((worker.dead_letters("dlq").len(), worker.committed("es", "t")), (letters, vec![2]));
    }
}

/// A server that takes no compressed requests gets plain ones.
#[tokio::test(start_paused = true)]
async fn compression_is_given_up_when_it_is_refused() {
    for status in [415, 400] {
        let server = Server::start().await;
        server.faults([Fault::Status(status, String::new())]);
        let worker = written(&server, CONFLUENT, &[("connection.compression", "true"), ("batch.size", "5")]).await;
        assert_eq!((server.count("t"), worker.committed("es", "t")), (10, vec![10]));
        let bulks = asked(&server, "POST", "/_bulk");
        let compressed: Vec<_> = bulks.iter().map(|bulk| bulk.header("content-encoding").is_some()).collect();
        assert!(compressed[0] && !compressed.last().unwrap(), "{status}: {compressed:?}");
    }
}
