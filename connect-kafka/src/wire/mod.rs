//! A real cluster, over Kafka's protocol.
//!
//! Messages are those of the crate `kafka-protocol`; record data goes through as the bytes it is. One file for
//! each question: `config/` what the user says, `dial` how a connection comes about, `connection` how requests and
//! replies pass over it, `node` which connections a broker has, `cluster` and `metadata` who is asked, and then one
//! file for each kind of request. `guarded/` has what another client does: the crate `rskafka`.

mod admin;
mod answer;
mod api;
mod batches;
mod broker;
mod cluster;
mod commits;
mod config;
mod connection;
mod coordinator;
mod dial;
mod fetch;
mod fetch_message;
mod frame;
mod group;
mod guarded;
mod jitter;
mod metadata;
mod node;
mod offsets;
mod produce;
mod sasl;
mod shape;
mod shapes;
mod tls;
mod transactions;
mod versions;

#[cfg(test)]
mod tests;

pub use broker::WireBroker;
pub use config::{TokenSource, WireConfig};
