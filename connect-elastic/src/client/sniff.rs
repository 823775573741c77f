//! Asking the cluster for its nodes.

use hyper::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::node::Node;
use super::{Call, Client};

impl Client {
    /// Asks for the nodes when it is time to. What goes wrong changes nothing: the known nodes stay.
    pub(super) async fn sniff_if_due(&self) {
        let Some(every) = self.settings.sniff else { return };
        let (index, node) = {
            let mut pool = self.pool();
            let now = Instant::now();
            if pool.sniff_at.is_none_or(|at| now < at) {
                return;
            }
            pool.sniff_at = Some(now + every);
            pool.pick(now)
        };
        let answer = self
            .call_node(&node, &Call::bare(Method::GET, "/_nodes/http?filter_path=nodes.*.http,nodes.*.roles"))
            .await;
        match answer {
            Ok(reply) if reply.is_fine() => {
                let nodes = nodes(&reply.body, node.tls);
                if nodes.is_empty() {
                    tracing::warn!(%node, "the cluster named no node; the known ones are kept");
                } else {
                    self.pool().replace(nodes);
                }
            }
            Ok(reply) => {
                tracing::warn!(%node, status = reply.status, "the cluster did not name its nodes; the known ones are kept")
            }
            Err(trouble) => {
                tracing::warn!(%node, %trouble, "the cluster did not name its nodes; the known ones are kept");
                self.pool().told(index, &node, false, Instant::now());
            }
        }
    }
}

/// The nodes that take documents, by address.
pub(super) fn nodes(body: &[u8], tls: bool) -> Vec<Node> {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let members = parsed.get("nodes").and_then(Value::as_object).into_iter().flatten();
    let mut found: Vec<Node> = members.filter_map(|(_, member)| address(member, tls)).collect();
    found.sort();
    found.dedup();
    found
}

fn address(member: &Value, tls: bool) -> Option<Node> {
    let roles = member.get("roles").and_then(Value::as_array);
    let serves = |role: &Value| role.as_str().is_some_and(|role| role.starts_with("data") || role == "ingest");
    // A node that only leads the cluster is not to be burdened.
    if roles.is_some_and(|roles| !roles.is_empty() && !roles.iter().any(serves)) {
        return None;
    }
    let published = member.get("http")?.get("publish_address")?.as_str()?;
    // `name/address:port` where a name is published.
    let (name, address) = published.split_once('/').map_or((None, published), |(name, rest)| (Some(name), rest));
    let (node, _) = Node::parse(&format!("{}://{address}", if tls { "https" } else { "http" })).ok()?;
    Some(Node { host: name.map_or(node.host, str::to_owned), ..node })
}
