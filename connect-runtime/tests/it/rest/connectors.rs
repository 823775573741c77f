//! Connectors, tasks, offsets and plugins.

use serde_json::json;

use super::Place;

const LIST: &str = r#"{"connector.class":"ListSource","items":"a,b","tasks.max":2}"#;

#[tokio::test]
async fn a_connector_is_created_looked_at_changed_and_deleted() {
    let place = Place::start().await;
    let body = format!("{{\"name\":\" one \",\"config\":{LIST}}}");
    let created = place.ask("POST", "/connectors", Some(&body)).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("location").as_deref(), Some("http://127.0.0.1:8083/connectors/one"));
    assert_eq!(
        created.body,
        r#"{"name":"one","config":{"connector.class":"ListSource","items":"a,b","name":"one","tasks.max":"2"},"#
            .to_owned()
            + r#""tasks":[{"connector":"one","task":0},{"connector":"one","task":1}],"type":"source"}"#
    );
    place.rig.running("one").await;
    assert_eq!(place.ask("GET", "/connectors/one", None).await.body, created.body);
    assert_eq!(place.get("/connectors").await, json!(["one"]));
    let status = place.ask("GET", "/connectors/one/status", None).await.body;
    let worker = "\"worker_id\":\"embedded\",\"version\":\"7\"";
    assert_eq!(
        status,
        format!(
            "{{\"name\":\"one\",\"connector\":{{\"state\":\"RUNNING\",{worker}}},\"tasks\":[{{\"id\":0,\"state\":\"RUNNING\",\
             {worker}}},{{\"id\":1,\"state\":\"RUNNING\",{worker}}}],\"type\":\"source\"}}"
        )
    );
    let expanded = place.get("/connectors?expand=status&expand=info&expand=nothing").await;
    assert_eq!(expanded["one"]["status"]["connector"]["state"], "RUNNING");
    assert_eq!(expanded["one"]["info"]["type"], "source");
    assert_eq!(place.get("/connectors?expand=nothing").await, json!({ "one": {} }));
    for (query, first) in [("expand=status&expand=info", "status"), ("expand=x&expand=info&expand=status", "info")] {
        let expanded = place.ask("GET", &format!("/connectors?{query}"), None).await.body;
        assert!(expanded.starts_with(&format!("{{\"one\":{{\"{first}\":")), "{expanded}");
    }

    let task = &place.get("/connectors/one/tasks").await[1];
    assert_eq!((&task["id"], &task["config"]["name"]), (&json!({ "connector": "one", "task": 1 }), &json!("one")));
    place
        .rows(&[
            ("GET", "/connectors/one/tasks/1/status", None, 200, "{\"id\":1,\"state\":\"RUNNING\","),
            ("GET", "/connectors/one/tasks/2/status", None, 404, ""),
            ("GET", "/connectors/one/tasks/-1/status", None, 404, ""),
            ("POST", "/connectors/one/tasks/1/restart", None, 204, ""),
            ("POST", "/connectors/one/tasks/9/restart", None, 404, ""),
            ("POST", "/connectors/one/restart", None, 204, ""),
            ("POST", "/connectors/one/restart?includeTasks=abc", Some("{}"), 204, ""),
            ("POST", "/connectors/one/restart?includeTasks=TRUE", None, 202, "\"RESTARTING\""),
            ("POST", "/connectors", Some(&body), 409, "one"),
            (
                "PUT",
                "/connectors/one/config",
                Some(r#"{"connector.class":"ListSource","items":"c"}"#),
                200,
                "\"items\":\"c\"",
            ),
            ("PATCH", "/connectors/one/config", Some(r#"{"items":"d","mark":null}"#), 200, "\"items\":\"d\""),
            ("PATCH", "/connectors/one/config", Some(r#"{"name":null}"#), 400, "name: cannot be removed"),
            ("PUT", "/connectors/%20one%20/config", Some(LIST), 400, "\\\"one\\\""),
            (
                "PUT",
                "/connectors/one/config",
                Some(r#"{"connector.class":"ListSource","items":"c","name":" one "}"#),
                400,
                "\\\" one \\\"",
            ),
            ("PATCH", "/connectors/one/config", Some(r#"{"items":["e"]}"#), 400, "\\\"items\\\" is an array"),
            ("PUT", "/connectors/one/config", Some(r#"{"connector.class":"ListSource","items":""}"#), 400, "items"),
            ("GET", "/connectors/one/config", None, 200, "\"items\":\"d\""),
            (
                "POST",
                "/connectors/one/config/plan",
                Some(r#"{"connector.class":"ListSource","items":"f"}"#),
                200,
                "\"change\":\"updated\"",
            ),
            ("GET", "/connectors/one/config", None, 200, "\"items\":\"d\""),
            ("PUT", "/connectors/one/pause", None, 202, ""),
            ("PUT", "/connectors/one/resume", None, 202, ""),
            ("PUT", "/connectors/one/stop", None, 204, ""),
            ("PUT", "/connectors/one/stop", None, 204, ""),
            ("GET", "/connectors/one/status", None, 200, "\"STOPPED\""),
            ("DELETE", "/connectors/one", None, 204, ""),
            ("DELETE", "/connectors/one", None, 404, "one"),
            ("GET", "/connectors", None, 200, "[]"),
        ])
        .await;
    let put = place.ask("PUT", "/connectors/a%20b+%C3%BC/config", Some(LIST)).await;
    assert_eq!(put.status, 201, "{put:?}");
    assert_eq!(put.header("location").as_deref(), Some("http://127.0.0.1:8083/connectors/a%20b+%C3%BC"));
    assert_eq!(place.get("/connectors/a%20b+%C3%BC").await["name"], "a b+ü");
}

#[tokio::test]
async fn what_cannot_be_created_is_refused() {
    let place = Place::start().await;
    let class = r#""connector.class":"ListSource","items":"a""#;
    place
        .rows(&[
            ("POST", "/connectors", Some(r#"{"name":"x"}"#), 400, "config"),
            ("POST", "/connectors", Some(r#"{"name":"x","config":{},"more":1}"#), 400, "more"),
            ("POST", "/connectors", Some(r#"{"name":"x","config":{}}"#), 400, "connector.class"),
            ("POST", "/connectors", Some(r#"{"name":"x","config":{"connector.class":"Nope"}}"#), 400, "ListSource"),
            (
                "POST",
                "/connectors",
                Some(&format!("{{\"name\":\"x\",\"config\":{{{class},\"name\":\"y\"}}}}")),
                400,
                "y",
            ),
            (
                "POST",
                "/connectors",
                Some(&format!("{{\"name\":\"x\",\"config\":{{{class}}},\"initial_state\":\"X\"}}")),
                400,
                "RUNNING",
            ),
            (
                "POST",
                "/connectors",
                Some(&format!("{{\"name\":\"x\",\"config\":{{{class},\"mark\":{{}}}}}}")),
                400,
                "mark",
            ),
            (
                "POST",
                "/connectors",
                Some(&format!("{{\"name\":\"x\",\"config\":{{{class}}},\"initial_state\":\"stopped\"}}")),
                201,
                "\"tasks\":[]",
            ),
            ("GET", "/connectors", None, 200, "[\"x\"]"),
        ])
        .await;
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let place = Place::start().await;
    let mut rows = Vec::new();
    for (method, path) in [
        ("GET", "/connectors/no"),
        ("GET", "/connectors/no/config"),
        ("GET", "/connectors/no/status"),
        ("GET", "/connectors/no/tasks"),
        ("GET", "/connectors/no/tasks/0/status"),
        ("GET", "/connectors/no/offsets"),
        ("DELETE", "/connectors/no"),
        ("DELETE", "/connectors/no/offsets"),
        ("PUT", "/connectors/no/pause"),
        ("PUT", "/connectors/no/resume"),
        ("PUT", "/connectors/no/stop"),
        ("POST", "/connectors/no/restart"),
        ("POST", "/connectors/no/restart?onlyFailed=true"),
        ("POST", "/connectors/no/tasks/0/restart"),
    ] {
        rows.push((method, path, None, 404, "no"));
    }
    rows.push(("PATCH", "/connectors/no/config", Some("{\"a\":\"b\"}"), 404, "no"));
    rows.push(("GET", "/connectors/no/topics", None, 200, "{\"no\":{\"topics\":[]}}"));
    rows.push(("POST", "/connectors/no/tasks", Some("[]"), 500, "standalone"));
    rows.push(("PUT", "/connectors/no/fence", None, 500, "standalone"));
    place.rows(&rows).await;
}

#[tokio::test]
async fn offsets_are_read_changed_and_reset() {
    let place = Place::start().await;
    place.ask("PUT", "/connectors/one/config", Some(LIST)).await;
    let set = r#"{"offsets":[{"partition":{"item":"a"},"offset":{"n":42}}]}"#;
    place
        .rows(&[
            ("PATCH", "/connectors/one/offsets", Some(set), 400, "STOPPED"),
            ("DELETE", "/connectors/one/offsets", None, 400, "STOPPED"),
            ("PATCH", "/connectors/one/offsets", Some("{}"), 400, "offsets"),
            ("PATCH", "/connectors/one/offsets", Some(r#"{"offsets":[]}"#), 400, "offsets"),
            ("PATCH", "/connectors/one/offsets", Some(r#"{"offsets":{}}"#), 400, "offsets"),
            ("PATCH", "/connectors/one/offsets", Some("[]"), 400, "array"),
            ("PUT", "/connectors/one/stop", None, 204, ""),
            ("PATCH", "/connectors/one/offsets", Some(set), 200, "\"message\""),
            ("GET", "/connectors/one/offsets", None, 200, "{\"partition\":{\"item\":\"a\"},\"offset\":{\"n\":42}}"),
            ("DELETE", "/connectors/one/offsets", None, 200, "\"message\""),
            ("GET", "/connectors/one/offsets", None, 200, "{\"offsets\":[]}"),
        ])
        .await;
}

#[tokio::test]
async fn the_worker_and_its_plugins() {
    let place = Place::start().await;
    let root = place.ask("GET", "/", None).await.body;
    assert!(
        root.starts_with("{\"version\":\"4.1.2\",\"commit\":\"") && root.contains("\"kafka_cluster_id\":\""),
        "{root}"
    );
    let health = place.get("/health").await;
    assert_eq!(health["status"], "healthy");
    let plugins = place.ask("GET", "/connector-plugins", None).await.body;
    assert!(plugins.starts_with("[{\"class\":\"closure\",\"type\":\"sink\"},"), "{plugins}");
    assert!(!plugins.contains("converter"), "{plugins}");
    let all = place.get("/connector-plugins?connectorsOnly=false").await;
    let kinds: Vec<_> = all.as_array().unwrap().iter().map(|row| row["type"].as_str().unwrap()).collect();
    let mut once = kinds.clone();
    once.dedup();
    assert_eq!(once, ["sink", "source", "converter", "header_converter"]);
    let metrics = place.ask("GET", "/metrics", None).await;
    assert_eq!(metrics.header("content-type").as_deref(), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(metrics.body.contains("\nkafka_connect_"), "{}", metrics.body);
}

#[tokio::test]
async fn configurations_are_checked_key_by_key() {
    let place = Place::start().await;
    place
        .rows(&[
            ("GET", "/connector-plugins/Nope/config", None, 404, "Unknown plugin Nope."),
            ("GET", "/connector-plugins/ListSource/config?version=9999", None, 400, "7"),
            ("GET", "/connector-plugins/ListSource/config", None, 200, "[{\"name\":\"items\",\"type\":\"LIST\","),
            ("PUT", "/connector-plugins/ListSource/config/validate", Some("{"), 400, "not valid JSON"),
            ("PUT", "/connector-plugins/ListSource/config/validate", Some("{}"), 400, "connector.class"),
            ("PUT", "/connector-plugins/closure/config/validate", Some(LIST), 400, "closure"),
            ("PUT", "/connector-plugins/Nope/config/validate", Some(r#"{"connector.class":"Nope"}"#), 400, "Nope"),
        ])
        .await;
    let body = r#"{"connector.class":"ListSource","items":"","tasks.max":"many","name":null}"#;
    let answer = place.ask("PUT", "/connector-plugins/ListSource/config/validate", Some(body)).await.json();
    assert_eq!(answer["name"], "ListSource");
    assert!(answer["error_count"].as_u64() >= Some(2), "{answer}");
    let row = |key: &str| answer["configs"].as_array().unwrap().iter().find(|row| row["value"]["name"] == key).unwrap();
    assert_eq!(row("items")["definition"]["name"], "items");
    assert!(!row("tasks.max")["value"]["errors"].as_array().unwrap().is_empty(), "{answer}");
}

#[tokio::test]
async fn no_read_waits_for_a_connector() {
    let place = Place::start().await;
    place.rig.lists.hang("poll");
    place.ask("PUT", "/connectors/one/config", Some(LIST)).await;
    place.rig.lists.hang("validate");
    let body = LIST.replace("a,b", "c");
    let write = place.ask("PUT", "/connectors/one/config", Some(&body));
    let reads = async {
        for path in [
            "/",
            "/health",
            "/connectors?expand=status&expand=info",
            "/connectors/one",
            "/connectors/one/status",
            "/metrics",
        ] {
            assert_eq!(place.ask("GET", path, None).await.status, 200, "{path}");
        }
    };
    tokio::select! {
        biased;
        answer = write => panic!("it hangs, and answered {answer:?}"),
        () = reads => {}
    }
}
