//! Asking a server, and a worker that writes to it.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use connect_api::{Datum, Record, Value};
use connect_elastic::{ElasticsearchSink, OpenSearchSink};
use connect_runtime::Plugins;
use connect_runtime::testing::TestWorker;
use serde_json::Value as Json;

/// Tests share the servers; one that kills them is alone.
pub(crate) static TURNS: tokio::sync::RwLock<()> = tokio::sync::RwLock::const_new(());

/// The two kinds.
pub(crate) const KINDS: [&str; 2] = ["elasticsearch", "opensearch"];

/// A real server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) kind: &'static str,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn of(kind: &'static str) -> Self {
        let name = format!("{}_URL", kind.to_uppercase());
        let url = std::env::var(&name);
        let url = url.unwrap_or_else(|_| panic!("{name} is not set; `dev/services/elastic {kind} env` prints it"));
        Self { kind, url }
    }

    /// Status and answer of a request.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Json) {
        let address = self.url.strip_prefix("http://").expect("the URL is one of http");
        let mut stream = TcpStream::connect(address).expect("the server is there");
        // Of version 1.0 the answer ends with the connection.
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("read");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { joined(body) } else { body.to_owned() };
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// How many documents there are.
    pub(crate) fn count(&self, index: &str) -> u64 {
        self.ask("POST", &format!("/{index}/_refresh"), "");
        self.ask("GET", &format!("/{index}/_count"), "").1["count"].as_u64().expect("a count")
    }

    /// A document.
    pub(crate) fn doc(&self, index: &str, id: &str) -> Json {
        self.ask("GET", &format!("/{index}/_doc/{id}"), "").1["_source"].clone()
    }
}

/// The chunks of a body without their lengths.
fn joined(body: &str) -> String {
    let (mut whole, mut rest) = (String::new(), body);
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a length of a chunk");
        whole += &after[..length];
        rest = after[length..].trim_start_matches("\r\n");
    }
    whole
}

/// A worker whose topic has values without schemas.
pub(crate) async fn worker() -> TestWorker {
    let plugins = Plugins::new()
        .sink(ElasticsearchSink::new())
        .sink(OpenSearchSink::new())
        .transform::<connect_transforms::RegexRouter>();
    TestWorker::builder().plugins(plugins).json().start().await
}

/// The configuration of a sink named `es`.
pub(crate) fn config(server: &Server, topic: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut config = BTreeMap::from(
        [
            ("name", "es"),
            ("connector.class", "ElasticsearchSink"),
            ("topics", topic),
            ("connection.url", &server.url),
            ("schema.ignore", "true"),
            ("read.timeout.ms", "30000"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    config.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    config
}

/// A record.
pub(crate) fn record(topic: &str, key: impl Into<Datum>, value: impl Into<Datum>) -> Record {
    Record::new(topic, value).with_key(key).with_timestamp(1_700_000_000_000)
}

/// An object.
pub(crate) fn object<V: Into<Value>, const N: usize>(fields: [(&str, V); N]) -> Value {
    fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect::<Vec<_>>().into()
}
