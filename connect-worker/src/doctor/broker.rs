//! Whether the Kafka cluster is there, and lets the worker and its connectors do what they have to.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::{Broker, BrokerError};
use connect_runtime::{Clients, Worker};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::finding::Finding;
use crate::files::ConnectorFile;

/// How long one question may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// How long a server may take to accept a connection.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);

/// The worker's own topics, whether they have one partition, and what is kept there.
const INTERNAL: [(&str, bool); 3] =
    [("config.storage.topic", true), ("offset.storage.topic", false), ("status.storage.topic", false)];

pub(super) async fn findings(
    clients: Clients,
    properties: &BTreeMap<String, String>,
    connectors: &[ConnectorFile],
) -> Vec<Finding> {
    let servers = properties.get("bootstrap.servers").map_or("", String::as_str);
    let what = format!("Kafka at {servers}");
    let mut findings = unreached(servers).await;
    // A client would ask again until `default.api.timeout.ms` has passed.
    if !findings.is_empty() && findings.len() == listed(servers).count() {
        return findings;
    }
    let worker = match Worker::with_clients(clients).build().await {
        Ok(worker) => worker,
        Err(error) => {
            let advice = "is it running, are bootstrap.servers, security.protocol, ssl.* and sasl.* right, and may this \
                          machine reach it?";
            findings.push(Finding::problem(what, format!("{error:#?}").replace("\\n", "\n"), advice));
            return findings;
        }
    };
    let broker = Arc::clone(worker.broker());
    let cluster = asked(broker.cluster_id()).await.unwrap_or_default();
    findings.push(Finding::ok(what, format!("answers, cluster {cluster}")));
    findings.extend(internal(&*broker, properties).await);
    findings.push(permission(
        "producing",
        asked(broker.init_producer(None)).await.map(drop),
        "IdempotentWrite or Write",
    ));
    for connector in connectors {
        findings.extend(sink(&*broker, connector).await);
    }
    findings
}

/// The servers of `bootstrap.servers`.
fn listed(servers: &str) -> impl Iterator<Item = &str> {
    servers.split(',').map(str::trim).filter(|server| !server.is_empty())
}

/// The servers that cannot be connected to.
async fn unreached(servers: &str) -> Vec<Finding> {
    let advice = "is it running, is its address in bootstrap.servers right, and may this machine reach it?";
    let mut findings = Vec::new();
    for server in listed(servers) {
        // As in Kafka, a protocol before the address is not looked at.
        let address = server.split_once("://").map_or(server, |(_, address)| address);
        let told = match timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await {
            Ok(Ok(_)) => continue,
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no connection within {CONNECTED_WITHIN:?}"),
        };
        findings.push(Finding::problem(format!("Kafka at {server}"), told, advice));
    }
    findings
}

async fn internal(broker: &dyn Broker, properties: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, single) in INTERNAL {
        let Some(topic) = properties.get(key).map(|topic| topic.trim()).filter(|topic| !topic.is_empty()) else {
            continue;
        };
        let what = format!("{key} {topic}");
        let name: Arc<str> = topic.into();
        let found = match asked(broker.topics(Some(std::slice::from_ref(&name)))).await {
            Ok(found) => found,
            Err(error) => {
                findings.push(permission(&what, Err(error), "Describe of the topic"));
                continue;
            }
        };
        let Some(info) = found.first() else {
            findings.push(Finding::ok(what, "is not there yet, the worker makes it"));
            continue;
        };
        let advice = "make it again, compacted, with the right number of partitions, while no worker runs";
        if single && info.partitions != 1 {
            let told = format!("has {} partitions and must have 1", info.partitions);
            findings.push(Finding::problem(&what, told, advice));
        }
        match asked(broker.topic_configs(topic)).await {
            Ok(configs) => {
                let policy = configs.get("cleanup.policy").map_or("delete", String::as_str);
                findings.push(match policy {
                    "compact" => Finding::ok(what, format!("is compacted, partitions: {}", info.partitions)),
                    other => {
                        let told = format!("has cleanup.policy={other} and would lose what it must keep");
                        Finding::problem(what, told, "set cleanup.policy=compact on the topic")
                    }
                });
            }
            Err(error) => findings.push(permission(&what, Err(error), "DescribeConfigs of the topic")),
        }
    }
    findings
}

/// The topics of a sink that are named, and its group.
async fn sink(broker: &dyn Broker, connector: &ConnectorFile) -> Vec<Finding> {
    let Some(name) = connector.name() else { return Vec::new() };
    let list = connector.config.get("topics").map_or("", String::as_str);
    let topics: Vec<Arc<str>> =
        list.split(',').map(str::trim).filter(|topic| !topic.is_empty()).map(Arc::from).collect();
    if topics.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    match asked(broker.topics(Some(&topics))).await {
        Ok(found) => {
            let there: BTreeSet<_> = found.iter().map(|info| Arc::clone(&info.name)).collect();
            for topic in topics {
                let what = format!("connector {name}, topic {topic}");
                findings.push(if there.contains(&topic) {
                    Finding::ok(what, "is there")
                } else {
                    Finding::problem(
                        what,
                        "is not there",
                        "make it, or let the source make it first; the sink waits for it",
                    )
                });
            }
        }
        Err(error) => {
            findings.push(permission(&format!("connector {name}, topics"), Err(error), "Describe of its topics"))
        }
    }
    let group = connector.config.get("consumer.override.group.id").cloned().unwrap_or(format!("connect-{name}"));
    let committed = asked(broker.committed_offsets(&group, None)).await.map(drop);
    findings.push(permission(&format!("connector {name}, group {group}"), committed, "Read of the group"));
    findings
}

fn permission(what: &str, asked: Result<(), String>, needed: &str) -> Finding {
    match asked {
        Ok(()) => Finding::ok(what, "is allowed"),
        Err(told) => Finding::problem(what, told, format!("the worker's user needs: {needed}")),
    }
}

async fn asked<T>(question: impl Future<Output = Result<T, BrokerError>>) -> Result<T, String> {
    match timeout(ANSWER_WITHIN, question).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {ANSWER_WITHIN:?}")),
    }
}
