//! Secrets in every place that a configuration has, looked for in everything that comes out.

use std::sync::Arc;

use connect_api::config::{ConfigErrors, Secret};
use connect_api::{
    Error, JsonSchema, Result, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Task, async_trait,
};
use connect_runtime::Plugins;
use connect_runtime::herder::{Herder as _, StandaloneHerder};
use connect_runtime::providers::{EnvVarConfigProvider, EnvVarConfigProviderConfig, Providers};
use connect_runtime::rest::{Rest, RestConfig};
use connect_runtime::testing::TestWorker;
use serde::Deserialize;
use serde_json::json;

use super::client::ask;
use crate::capture::Capture;

/// Fails, and tells everybody what it knows.
struct Teller;

#[derive(Debug, Deserialize, JsonSchema)]
struct TellerConfig {
    /// A password.
    pin: Secret<String>,
    /// Where to.
    #[serde(rename = "connection.url")]
    url: String,
    /// When to fail.
    #[serde(default)]
    refuse: bool,
}

#[async_trait]
impl SourceConnector for Teller {
    const NAME: &'static str = "Teller";
    type Config = TellerConfig;
    type Split = ();
    type Task = TellerTask;

    async fn splits(&self, _: &TellerConfig, _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, config: &TellerConfig, (): (), _: SourceTaskContext) -> Result<TellerTask> {
        Ok(TellerTask(format!("{} at {}", config.pin.expose(), config.url)))
    }

    async fn validate(&self, config: &TellerConfig) -> Result<(), ConfigErrors> {
        let mut errors = ConfigErrors::new();
        if config.refuse {
            errors.add("connection.url", Some(config.url.clone()), format!("{} does not fit", config.pin.expose()));
        }
        errors.into_result()
    }
}

struct TellerTask(String);

impl Task for TellerTask {}

#[async_trait]
impl SourceTask for TellerTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        Err(Error::fatal(format!("cannot go in with {}", self.0)))
    }
}

#[tokio::test]
async fn no_secret_comes_out() {
    let capture = Capture::begin();
    let environment = [("PIN".to_owned(), "taint-provided".to_owned())];
    let env = EnvVarConfigProvider::over(&EnvVarConfigProviderConfig::default(), environment).unwrap();
    let builder = TestWorker::builder().plugins(Plugins::new().source(Teller));
    let test = builder.providers(Providers::new().provider("env", env)).start().await;
    let herder = StandaloneHerder::open(test.worker().clone()).await.unwrap();
    herder.start().await;
    let config = RestConfig { listeners: vec!["http://127.0.0.1:0".into()], ..RestConfig::default() };
    let server = Rest::new(Arc::new(herder.clone()), config).unwrap().serve().await.unwrap();
    let address = server.addresses()[0];
    let config = json!({
        "connector.class": "Teller",
        "pin": "taint-typed",
        "connection.url": "db://me:taint-url@host/path?user=me&password=taint-parameter",
        "other.password": "taint-unknown",
        "provided": "${env:PIN}",
        "api_key": "taint-key",
        "producer.override.sasl.jaas.config": "x.PlainLoginModule required username=\"u\" password=\"taint-jaas\";",
        "producer.override.ssl.key.password": "taint-client",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter.basic.auth.user.info": "me:taint-converter",
        "restart.failed.tasks": "false",
    });
    let mut outputs = Vec::new();
    let mut refused = config.clone();
    refused["refuse"] = json!(true);
    let mut provided = config.clone();
    provided["pin"] = json!("${env:PIN}");
    let mut wrong = config.clone();
    wrong["tasks.max"] = json!("taint-not-a-secret-but-the-others-are");
    for (method, path, body) in [
        ("PUT", "/connectors/t/config", Some(config.clone())),
        ("POST", "/connectors", Some(json!({ "name": "t", "config": config }))),
        ("POST", "/connectors", Some(json!({ "name": "p", "config": provided }))),
        ("PUT", "/connector-plugins/Teller/config/validate", Some(provided)),
        ("GET", "/connectors/p/status", None),
        ("GET", "/connectors/p", None),
        ("PUT", "/connectors/u/config", Some(refused.clone())),
        ("POST", "/connectors", Some(json!({ "name": "u", "config": refused }))),
        ("PUT", "/connectors/t/config", Some(refused)),
        ("PATCH", "/connectors/t/config", Some(json!({ "pin": "taint-patched", "connection.url": null }))),
        ("PATCH", "/connectors/t/config", Some(json!({ "pin": "taint-patched", "more": "1" }))),
        (
            "POST",
            "/connectors/t/config/plan",
            Some(json!({ "connector.class": "Teller", "pin": "taint-planned", "connection.url": "a:b" })),
        ),
        ("PUT", "/connector-plugins/Teller/config/validate", Some(config)),
        ("PUT", "/connector-plugins/Teller/config/validate", Some(wrong)),
        ("POST", "/connectors/t/restart", None),
        ("POST", "/connectors/t/restart?includeTasks=true", None),
        ("POST", "/connectors/t/tasks/0/restart", None),
        ("GET", "/connectors", None),
        ("GET", "/connectors?expand=info&expand=status", None),
        ("GET", "/connectors/t", None),
        ("GET", "/connectors/t/config", None),
        ("GET", "/connectors/t/status", None),
        ("GET", "/connectors/t/tasks", None),
        ("GET", "/connectors/t/tasks/0/status", None),
        ("GET", "/connectors/t/offsets", None),
        ("GET", "/connectors/t/topics", None),
        ("GET", "/metrics", None),
        ("POST", "/connectors", Some(json!("taint-body"))),
        ("PUT", "/connectors/t/config", Some(json!({ "pin": ["taint-array"] }))),
    ] {
        if method == "GET" && path.ends_with("status") {
            let name = path.split('/').nth(2).unwrap_or("t");
            let failed = || herder.task_status(name, 0).is_ok_and(|status| status.trace.is_some());
            test.until(failed).await;
        }
        let body = body.map(|body| body.to_string());
        let answer = ask(address, method, path, &[], body.as_deref()).await;
        outputs.push((format!("{method} {path}: {}", answer.status), format!("{:?} {}", answer.headers, answer.body)));
    }
    for topic in test.worker().broker().topics(None).await.unwrap() {
        let name = &*topic.name;
        outputs.push(("topics".into(), name.to_owned()));
        let records = test.values(name).join("\n");
        if name == "connect-configs" {
            // What was configured is kept as it was, or nobody could start it again; what a provider has is not.
            assert!(records.contains("taint-typed") && records.contains("${env:PIN}"), "{records}");
            assert!(!records.contains("taint-provided"), "{records}");
        } else {
            outputs.push((format!("topic {name}"), records));
        }
    }
    outputs.push(("the log".into(), capture.text()));
    for (what, output) in &outputs {
        let at = output.find("taint-").filter(|at| !output[*at..].starts_with("taint-not-a-secret"));
        let shown = at.map(|at| &output[at.saturating_sub(60)..(at + 60).min(output.len())]);
        assert_eq!(shown, None, "in {what}: {output}");
    }
    let status = ask(address, "GET", "/connectors/t/tasks/0/status", &[], None).await;
    assert!(status.body.contains("cannot go in with [hidden] at db://me:[hidden]@host"), "{}", status.body);
    let shown = ask(address, "GET", "/connectors/t/config", &[], None).await;
    assert_eq!(shown.json()["pin"], "[hidden]");
    // What is shown comes back as what it was.
    let back = ask(address, "PUT", "/connectors/t/config", &[], Some(&shown.body)).await;
    assert_eq!(back.status, 200, "{back:?}");
    assert_eq!(herder.config("t").unwrap()["pin"], "taint-patched");
}
