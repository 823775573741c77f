//! Connectors whose calls never end, and what is asked over HTTP meanwhile.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use connect_api::config::Millis;
use connect_runtime::WorkerConfig;
use connect_runtime::rest::{Rest, RestConfig};
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::time::{Instant, sleep};

use crate::herder::support::{LIST, Rig, SINK};

/// Longer than the 30 s that the check of a connector may take by itself.
const LONG: Duration = Duration::from_secs(40);
const SHORT: Duration = Duration::from_secs(10);

const READS: &[&str] = &[
    "/",
    "/health",
    "/metrics",
    "/openapi.json",
    "/connectors",
    "/connectors?expand=status&expand=info",
    "/connectors/c",
    "/connectors/c/config",
    "/connectors/c/status",
    "/connectors/c/tasks",
    "/connectors/c/tasks/0/status",
    "/connectors/c/topics",
    "/connectors/c/offsets",
    "/connectors/s",
    "/connectors/s/status",
    "/connectors/s/tasks",
    "/connectors/s/offsets",
    "/connector-plugins",
    "/connector-plugins/ListSource/config",
    "/admin/loggers",
];

const CHANGED: &str = r#"{"connector.class":"ListSource","items":"a,b,d","tasks.max":"3"}"#;

/// Each has the connectors as the one before left them.
const WRITES: &[(&str, &str, Option<&str>)] = &[
    ("PUT", "/connector-plugins/ListSource/config/validate", Some(CHANGED)),
    ("POST", "/connectors/c/config/plan", Some(CHANGED)),
    ("PUT", "/connectors/c/config", Some(CHANGED)),
    ("PATCH", "/connectors/c/config", Some(r#"{"mark":"!"}"#)),
    ("POST", "/connectors", Some(r#"{"name":"n","config":{"connector.class":"ListSource","items":"a"}}"#)),
    ("POST", "/connectors/c/tasks/0/restart", None),
    ("POST", "/connectors/s/tasks/0/restart", None),
    ("POST", "/connectors/c/restart", None),
    ("POST", "/connectors/s/restart?includeTasks=true", None),
    ("PUT", "/connectors/c/pause", None),
    ("PUT", "/connectors/c/resume", None),
    ("PUT", "/connectors/s/stop", None),
    ("PUT", "/connectors/c/stop", None),
    ("DELETE", "/connectors/s", None),
    ("DELETE", "/connectors/c", None),
];

type Router = TowerToHyperService<axum::Router>;

async fn ask(router: &Router, method: &str, path: &str, body: Option<&str>) -> (u16, String) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_owned()))).unwrap();
    let answer = router.call(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Asks for everything, until it is dropped. On a clock that stands still while something can be done, an answer that
/// waits for nothing takes no time at all.
async fn read_on(router: &Router) {
    loop {
        for path in READS {
            let began = Instant::now();
            let (status, answer) = ask(router, "GET", path, None).await;
            assert!(began.elapsed() < Duration::from_millis(100), "{path} took {:?}", began.elapsed());
            // It may be deleted meanwhile.
            assert!(status == 200 || status == 404, "{path}: {status} {answer}");
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Changes all there is, and says how many changes did not end in time; these name the call that hangs.
async fn write_all(router: &Router, call: &str, deadline: Duration) -> usize {
    let mut late = 0;
    for (method, path, body) in WRITES {
        let began = Instant::now();
        let (status, answer) = ask(router, method, path, *body).await;
        assert!(began.elapsed() <= deadline + Duration::from_secs(1), "{method} {path} took {:?}", began.elapsed());
        assert!(status < 300 || answer.contains(call), "{call}: {method} {path}: {status} {answer}");
        late += usize::from(status >= 300);
    }
    late
}

#[tokio::test(start_paused = true)]
async fn no_request_waits_for_a_connector() {
    let rows = [
        ("validate", LONG, true),
        ("validate", SHORT, true),
        ("splits", LONG, true),
        ("poll", LONG, false),
        ("put", LONG, false),
        ("stop", LONG, false),
    ];
    for (call, deadline, names_it) in rows {
        // One key of a worker's properties tells both.
        let request_timeout = Millis::new(u64::try_from(deadline.as_millis()).unwrap());
        let config = WorkerConfig { request_timeout, ..WorkerConfig::default() };
        let rig = Rig::with(config).await;
        let rest =
            Rest::new(Arc::new(rig.herder.clone()), RestConfig { request_timeout, ..RestConfig::default() }).unwrap();
        let router = TowerToHyperService::new(rest.router());
        rig.create("c", &[LIST, ("items", "a,b"), ("tasks.max", "2")]).await;
        rig.create("s", &[SINK, ("topics", "lists")]).await;
        rig.running("c").await;
        rig.running("s").await;
        rig.lists.hang(call);
        // Whatever hangs by itself does so now.
        sleep(Duration::from_secs(5)).await;
        let late = tokio::select! {
            biased;
            late = write_all(&router, call, deadline) => late,
            () = read_on(&router) => unreachable!("it reads on"),
        };
        assert_eq!(late > 0, names_it, "{call}");
    }
}
