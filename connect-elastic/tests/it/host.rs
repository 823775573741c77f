//! What tests say again and again.

use std::collections::BTreeMap;

use connect_api::{Datum, Record};
use connect_elastic::{ElasticsearchSink, OpenSearchSink};
use connect_runtime::Plugins;
use connect_runtime::testing::TestWorker;

use crate::server::Server;

pub(crate) const CONFLUENT: &str = "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector";

pub(crate) const AIVEN: &str = "io.aiven.kafka.connect.opensearch.OpenSearchSinkConnector";

/// A worker that knows the connectors; keys and values are JSON without schemas.
pub(crate) async fn worker() -> TestWorker {
    TestWorker::builder().plugins(plugins()).json().start().await
}

pub(crate) fn plugins() -> Plugins {
    Plugins::new()
        .sink(ElasticsearchSink::new())
        .sink(OpenSearchSink::new())
        .transform::<connect_transforms::RegexRouter>()
}

/// The configuration of a sink named `es` that reads topic `t`.
pub(crate) fn config(server: &Server, class: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut config = BTreeMap::from(
        [
            ("name", "es"),
            ("connector.class", class),
            ("topics", "t"),
            ("connection.url", &server.url),
            ("schema.ignore", "true"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    config.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    config
}

/// A record of topic `t`.
pub(crate) fn record(key: impl Into<Datum>, value: impl Into<Datum>) -> Record {
    Record::new("t", value).with_key(key).with_timestamp(1_700_000_000_000)
}

/// An object of one number.
pub(crate) fn number(n: i64) -> connect_api::Value {
    vec![(connect_api::Value::from("n"), connect_api::Value::from(n))].into()
}
