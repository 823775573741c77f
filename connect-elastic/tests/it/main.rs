//! Connectors against a server whose faults the tests decide.

mod conformance;
mod delivery;
mod faults;
mod host;
mod policies;
mod reach;
mod server;
mod tls;
