//! Nodes in turns, dead ones left alone for a while, and connections that are kept.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;
use super::node::Node;

/// How long a node is left alone after its first failure; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// Connections without work that are kept for each node.
const MOST_KEPT: usize = 10;

/// The nodes of a cluster.
pub(super) struct Pool {
    nodes: Vec<Member>,
    next: usize,
    /// When the cluster is asked for its nodes next.
    pub(super) sniff_at: Option<Instant>,
}

struct Member {
    node: Arc<Node>,
    failures: u32,
    dead_until: Option<Instant>,
    kept: VecDeque<(Connection, Instant)>,
}

impl Member {
    fn new(node: Node) -> Self {
        Self { node: Arc::new(node), failures: 0, dead_until: None, kept: VecDeque::new() }
    }
}

impl Pool {
    /// All nodes alive. There is at least one.
    pub(super) fn new(nodes: Vec<Node>, sniff: Option<Duration>) -> Self {
        let nodes = nodes.into_iter().map(Member::new).collect();
        Self { nodes, next: 0, sniff_at: sniff.map(|_| Instant::now()) }
    }

    /// The next node that is alive; when all are dead, the one that is to be tried again first.
    pub(super) fn pick(&mut self, now: Instant) -> (usize, Arc<Node>) {
        let count = self.nodes.len();
        let turns = (0..count).map(|step| (self.next + step) % count);
        let alive = turns.clone().find(|index| self.nodes[*index].dead_until.is_none_or(|until| until <= now));
        let index = alive.or_else(|| turns.min_by_key(|index| self.nodes[*index].dead_until)).unwrap_or_default();
        self.next = (index + 1) % count;
        (index, Arc::clone(&self.nodes[index].node))
    }

    /// What became of a call to a node.
    pub(super) fn told(&mut self, index: usize, node: &Arc<Node>, fine: bool, now: Instant) {
        // The nodes may be others by now.
        let Some(member) = self.nodes.get_mut(index).filter(|member| Arc::ptr_eq(&member.node, node)) else { return };
        if fine {
            member.failures = 0;
            member.dead_until = None;
        } else {
            let pause = FIRST_PAUSE.saturating_mul(1 << member.failures.min(16)).min(LONGEST_PAUSE);
            member.failures += 1;
            member.dead_until = Some(now + pause);
            member.kept.clear();
        }
    }

    /// A connection to the node that has been without work for less than `idle`.
    pub(super) fn kept(&mut self, node: &Arc<Node>, idle: Option<Duration>, now: Instant) -> Option<Connection> {
        let member = self.nodes.iter_mut().find(|member| Arc::ptr_eq(&member.node, node))?;
        while let Some((connection, since)) = member.kept.pop_back() {
            if idle.is_none_or(|idle| now - since < idle) && connection.is_usable() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection for the next call.
    pub(super) fn keep(&mut self, node: &Arc<Node>, connection: Connection, now: Instant) {
        if let Some(member) = self.nodes.iter_mut().find(|member| Arc::ptr_eq(&member.node, node)) {
            member.kept.push_back((connection, now));
            if member.kept.len() > MOST_KEPT {
                member.kept.pop_front();
            }
        }
    }

    /// The cluster has these nodes now. Those that were known keep what is known of them.
    pub(super) fn replace(&mut self, nodes: Vec<Node>) {
        let mut old = std::mem::take(&mut self.nodes);
        self.nodes = nodes
            .into_iter()
            .map(|node| match old.iter().position(|member| *member.node == node) {
                Some(at) => old.swap_remove(at),
                None => Member::new(node),
            })
            .collect();
        self.next = 0;
    }
}
