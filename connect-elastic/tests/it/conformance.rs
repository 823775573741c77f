//! The rules that all connectors keep.

use std::sync::Arc;

use connect_api::{Schema, Struct, Type};
use connect_elastic::ElasticsearchSink;
use connect_runtime::testing::conformance::sink::{self, SinkHarness};

use crate::server::Server;

#[tokio::test(start_paused = true)]
async fn sink_keeps_the_rules() {
    // Every rule has a server of its own, made before the rule begins.
    let servers: Vec<_> = futures_of(16).await;
    let next = std::cell::Cell::new(0);
    sink::all(|| {
        let server = Arc::clone(&servers[next.replace(next.get() + 1)]);
        let schema = Schema::structure().field("n", Schema::required(Type::Int32)).build().expect("a schema");
        let properties = [
            ("connection.url", server.url.as_str()),
            ("key.ignore", "true"),
            ("behavior.on.malformed.documents", "report"),
            ("batch.size", "3"),
        ]
        .map(|(key, value)| (key, value.to_owned()));
        let poison_schema = Schema::structure().field("n", Schema::required(Type::String)).build().expect("a schema");
        let poison = Struct::builder(&poison_schema).set("n", "no number").build().expect("a struct");
        // The index has numbers, whatever comes first.
        server.state().store.indices.entry("records".into()).or_default().mapping = numbers();
        let arrived = async move || {
            let state = server.state();
            let numbers = state.store.arrived.iter().filter_map(|(index, id)| state.store.get(index, id));
            let mut numbers: Vec<u32> =
                numbers.map(|doc| u32::try_from(doc["n"].as_u64().expect("a number")).expect("a small one")).collect();
            // A document that was written twice is there once.
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        SinkHarness::new(ElasticsearchSink::new(), properties, arrived)
            .value(move |n| {
                let n = i32::try_from(n).expect("a small number");
                Struct::builder(&schema).set("n", n).build().expect("a struct")
            })
            .poison(poison)
            .unordered()
            .idempotent()
            .broken([("batch.size", "0"), ("write.method", "guess")], ["batch.size", "write.method"])
            .broken(
                [("connection.username", "u"), ("proxy.username", "p"), ("data.stream.type", "logs")],
                ["connection.username", "connection.password", "proxy.host", "data.stream.type", "data.stream.dataset"],
            )
    })
    .await;
}

fn numbers() -> serde_json::Map<String, serde_json::Value> {
    [("n".to_owned(), serde_json::json!({ "type": "integer" }))].into_iter().collect()
}

async fn futures_of(count: usize) -> Vec<Arc<Server>> {
    let mut servers = Vec::new();
    for _ in 0..count {
        servers.push(Arc::new(Server::start().await));
    }
    servers
}
