//! A server that lets in whom it knows: `ELASTICSEARCH_SECURED_URL`, with the authority of its certificate in
//! `ELASTICSEARCH_SECURED_CA`.

use std::collections::BTreeMap;
use std::process::Command;

use connect_runtime::State;
use connect_runtime::testing::TestWorker;
use serde_json::{Value as Json, json};

use crate::server::{object, record, worker};

/// All users have it.
const PASSWORD: &str = "secret123";

/// The server.
struct Secured {
    url: String,
    ca: String,
}

impl Secured {
    fn new() -> Self {
        let of = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set; `dev/services/elastic elasticsearch env` prints it of a secured node")
            })
        };
        Self { url: of("ELASTICSEARCH_SECURED_URL"), ca: of("ELASTICSEARCH_SECURED_CA") }
    }

    /// Asks as one who may do everything.
    fn ask(&self, method: &str, path: &str, body: Option<&Json>) -> Json {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-m", "120", "--cacert", &self.ca, "-u", &format!("admin:{PASSWORD}"), "-X", method]);
        if let Some(body) = body {
            curl.args(["-H", "Content-Type: application/json", "-d", &body.to_string()]);
        }
        let asked = curl.arg(format!("{}{path}", self.url)).output().expect("curl");
        serde_json::from_slice(&asked.stdout).unwrap_or_else(|error| panic!("{method} {path}: {error}: {asked:?}"))
    }

    fn count(&self, index: &str) -> Json {
        self.ask("POST", &format!("/{index}/_refresh"), None);
        self.ask("GET", &format!("/{index}/_count"), None)["count"].clone()
    }

    /// A sink that trusts the server, with these keys.
    fn config(&self, topic: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let keys = [
            ("name", "es"),
            ("connector.class", "ElasticsearchSink"),
            ("topics", topic),
            ("connection.url", &self.url),
            ("schema.ignore", "true"),
            ("read.timeout.ms", "30000"),
            ("connection.timeout.ms", "30000"),
            ("elastic.security.protocol", "SSL"),
            ("elastic.https.ssl.truststore.type", "PEM"),
            ("elastic.https.ssl.truststore.location", &self.ca),
        ];
        keys.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }
}

/// Writes a few records to an index of the topic's name.
async fn written(secured: &Secured, worker: &TestWorker, topic: &str, keys: &[(&str, &str)]) {
    worker.topic(topic, 1).await;
    worker.send_records((0..20_i64).map(|n| record(topic, format!("k{n}"), object([("n", n)])))).await;
    let config = secured.config(topic, keys);
    assert!(worker.validate(config.clone()).await.is_empty());
    let name = config["name"].clone();
    worker.create(config).await;
    worker.drained().await;
    assert_eq!(secured.count(topic), 20, "{topic} {}", worker.trace(&name));
}

/// A topic, keys, the key that is to blame, and what is said of it.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

/// What is wrong is said before anything starts: the key, why, and what to do.
#[tokio::test]
async fn who_may_not_write_is_told_which_key_is_to_blame() {
    let secured = Secured::new();
    let worker = worker().await;
    // A key may do less than who made it.
    let limited = json!({ "name": "k", "role_descriptors": { "r": { "cluster": ["monitor"],
        "index": [{ "names": ["ok-*"], "privileges": ["create_index", "write", "read", "view_index_metadata"] }] } } });
    let key = secured.ask("POST", "/_security/api_key", Some(&limited))["encoded"].as_str().expect("a key").to_owned();
    let writer = [("connection.username", "writer"), ("connection.password", PASSWORD)];
    let key = [("connection.api.key", key.as_str())];
    let wrong = [("connection.username", "writer"), ("connection.password", "hunter2")];
    // The platform's authorities do not know the server's.
    let stranger = [("elastic.security.protocol", "PLAINTEXT")];
    let lacks = "it lacks write, view_index_metadata, create_index; grant it a role that has them";
    let rows: [Row<'_>; 6] = [
        ("ok-a", &wrong, "connection.username", "does not know this user (status 401); check connection.username"),
        ("ok-a", &[], "connection.username", "set connection.username and connection.password, or connection.api.key"),
        ("ok-a", &[("connection.api.key", "bm86Ym9keQ==")], "connection.api.key", "check connection.api.key"),
        ("closed", &writer, "connection.username", lacks),
        ("closed", &key, "connection.api.key", lacks),
        ("ok-a", &stranger, "elastic.security.protocol", "certificate"),
    ];
    for (topic, keys, blamed, expect) in rows {
        let mut config = secured.config(topic, keys);
        if keys == stranger {
            config.retain(|name, _| !name.starts_with("elastic.https."));
        }
        let errors = worker.validate(config).await;
        let said = errors.of(blamed).next().map(ToString::to_string).unwrap_or_default();
        assert!(said.contains(expect), "{blamed} {expect}: {errors}");
        assert!(!errors.to_string().contains("hunter2") && !errors.are_passing(), "{errors}");
    }
    written(&secured, &worker, "ok-user", &[&writer[..], &[("name", "user")]].concat()).await;
    written(&secured, &worker, "ok-key", &[&key[..], &[("name", "key")]].concat()).await;
}

/// The certificate is for `localhost` and its address. This one reaches the same machine, and is not in it.
#[tokio::test]
async fn a_server_of_another_name_is_trusted_on_request() {
    let secured = Secured::new();
    let worker = worker().await;
    let numbered = secured.url.replace("localhost", "0.0.0.0");
    let keys = [
        ("name", "named"),
        ("connection.username", "writer"),
        ("connection.password", PASSWORD),
        ("connection.url", &numbered),
    ];
    let errors = worker.validate(secured.config("ok-host", &keys)).await;
    assert!(errors.to_string().contains("another host name") && !errors.are_passing(), "{errors}");
    let any = [&keys[..], &[("elastic.https.ssl.endpoint.identification.algorithm", "")]].concat();
    written(&secured, &worker, "ok-host", &any).await;
}

/// The user is whom the certificate names, and no password is there; a certificate of strangers is told before anything
/// starts.
#[tokio::test]
async fn a_user_is_known_by_a_certificate() {
    let secured = Secured::new();
    let worker = worker().await;
    let folder = secured.ca.strip_suffix("ca.pem").expect("the authority is in a folder of certificates");
    let file = |name: &str| format!("{folder}{name}");
    let read = |name: &str| std::fs::read_to_string(file(name)).expect("a file of PEM");
    let pem = ("elastic.https.ssl.keystore.type", "PEM");
    let (store, stranger) = (file("client-keystore.pem"), file("unknown-keystore.pem"));
    let (key, chain) = (read("client-key.pem"), read("client.pem"));
    let stored = [("name", "stored"), pem, ("elastic.https.ssl.keystore.location", store.as_str())];
    let inline = [
        ("name", "inline"),
        pem,
        ("elastic.https.ssl.keystore.key", key.as_str()),
        ("elastic.https.ssl.keystore.certificate.chain", chain.as_str()),
    ];
    written(&secured, &worker, "ok-stored", &stored).await;
    written(&secured, &worker, "ok-inline", &inline).await;
    let unknown = [pem, ("elastic.https.ssl.keystore.location", stranger.as_str())];
    let errors = worker.validate(secured.config("ok-stored", &unknown)).await;
    let said = errors.of("elastic.security.protocol").next().map(ToString::to_string).unwrap_or_default();
    assert!(said.contains("it may want another client certificate") && !errors.are_passing(), "{errors}");
    // Without one, nobody is there.
    let errors = worker.validate(secured.config("ok-stored", &[])).await;
    assert!(errors.to_string().contains("status 401"), "{errors}");
    // Under the other name, with its own keys.
    let topic = "ok-aiven";
    let mut config = secured.config(topic, &[("name", "aiven"), ("connector.class", "OpenSearchSink")]);
    config.retain(|name, _| !name.starts_with("elastic."));
    let keys = [
        ("connection.ssl.truststore.type", "PEM"),
        ("connection.ssl.truststore.location", secured.ca.as_str()),
        ("connection.ssl.keystore.type", "PEM"),
        ("connection.ssl.keystore.location", store.as_str()),
    ];
    config.extend(keys.map(|(key, value)| (key.to_owned(), value.to_owned())));
    worker.topic(topic, 1).await;
    worker.send_records([record(topic, "k", object([("n", 1_i64)]))]).await;
    worker.create(config).await;
    worker.drained().await;
    assert_eq!(secured.count(topic), 1, "{}", worker.trace("aiven"));
}

/// What validation cannot know, as transforms name the index, fails the task, and says what is needed.
#[tokio::test]
async fn an_index_that_is_not_ones_own_fails_the_task() {
    let secured = Secured::new();
    let worker = worker().await;
    worker.topic("ok-c", 1).await;
    worker.send_records([record("ok-c", "k", object([("n", 1_i64)]))]).await;
    let keys = [
        ("connection.username", "writer"),
        ("connection.password", PASSWORD),
        ("transforms", "r"),
        ("transforms.r.type", "org.apache.kafka.connect.transforms.RegexRouter"),
        ("transforms.r.regex", ".*"),
        ("transforms.r.replacement", "closed"),
    ];
    worker.create(secured.config("ok-c", &keys)).await;
    worker.settled().await;
    assert_eq!(worker.state("es"), State::Failed);
    let trace = worker.trace("es");
    assert!(trace.contains("closed") && trace.contains("the privileges create_index, read, write"), "{trace}");
    assert!(!trace.contains(PASSWORD), "{trace}");
}
