//! Loggers, here of a program that has two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connect_runtime::rest::{LogLevel, LoggerControl, LoggerLevel, Rest, RestConfig};
use serde_json::json;

use super::client::{Answer, ask};
use crate::herder::support::Rig;

#[derive(Default)]
struct Two(Mutex<BTreeMap<String, LoggerLevel>>);

impl LoggerControl for Two {
    fn loggers(&self) -> BTreeMap<String, LoggerLevel> {
        self.0.lock().unwrap().clone()
    }

    fn set_level(&self, logger: &str, level: LogLevel) -> Vec<String> {
        let new = LoggerLevel { level, last_modified: Some(7) };
        let old = self.0.lock().unwrap().insert(logger.to_owned(), new);
        if old.is_some_and(|old| old.level == level) { Vec::new() } else { vec![logger.to_owned()] }
    }
}

#[tokio::test]
async fn loggers_are_shown_and_changed() {
    let two = Two::default();
    for name in ["root", "connect_runtime"] {
        two.0.lock().unwrap().insert(name.into(), LoggerLevel { level: LogLevel::Info, last_modified: None });
    }
    let rig = Rig::start().await;
    let config = RestConfig {
        listeners: vec!["http://127.0.0.1:0".into()],
        admin_listeners: Some(vec!["http://127.0.0.1:0".into()]),
        ..RestConfig::default()
    };
    let rest = Rest::new(Arc::new(rig.herder.clone()), config).unwrap().loggers(Arc::new(two));
    let server = rest.serve().await.unwrap();
    let [main, admin] = server.addresses() else { panic!("{server:?}") };
    let get = async |path: &str| ask(*admin, "GET", path, &[], None).await;
    let put = async |path: &str, body: &str| -> Answer { ask(*admin, "PUT", path, &[], Some(body)).await };
    let all = get("/admin/loggers").await;
    assert_eq!(
        all.body,
        r#"{"connect_runtime":{"level":"INFO","last_modified":null},"root":{"level":"INFO","last_modified":null}}"#
    );
    assert_eq!(get("/admin/loggers/no").await.message(), "Logger no not found.");
    assert_eq!(put("/admin/loggers/root", r#"{"level":"debug"}"#).await.json(), json!(["root"]));
    assert_eq!(put("/admin/loggers/root", r#"{"level":"DEBUG","more":1}"#).await.json(), json!([]));
    assert_eq!(put("/admin/loggers/a::b?scope=x", r#"{"level":"FATAL"}"#).await.json(), json!(["a::b"]));
    assert_eq!(put("/admin/loggers/a::b?scope=CLUSTER", r#"{"level":"TRACE"}"#).await.status, 204);
    assert_eq!(get("/admin/loggers/a::b").await.body, r#"{"level":"TRACE","last_modified":7}"#);
    for (body, status) in [(r#"{"level":"loud"}"#, 404), (r#"{"level":""}"#, 404), ("{}", 400), ("", 400), ("[]", 400)]
    {
        assert_eq!(put("/admin/loggers/root", body).await.status, status, "{body}");
    }
    // Each listener has its own endpoints.
    assert_eq!(ask(*main, "GET", "/admin/loggers", &[], None).await.status, 404);
    assert_eq!(get("/connectors").await.status, 404);
    assert_eq!(ask(*main, "GET", "/connectors", &[], None).await.status, 200);
}

#[tokio::test]
async fn admin_endpoints_can_be_switched_off() {
    let place = super::Place::with(|config| config.admin_listeners = Some(Vec::new())).await;
    assert_eq!(place.ask("GET", "/admin/loggers", None).await.status, 404);
    let place = super::Place::start().await;
    assert_eq!(place.get("/admin/loggers").await, json!({}));
    place.rows(&[("PUT", "/admin/loggers/root", Some(r#"{"level":"INFO"}"#), 404, "lets nobody change")]).await;
}
