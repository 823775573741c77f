//! Connectors against a server whose faults the tests decide.

mod aws;
#[path = "../../../connect-runtime/tests/it/capture.rs"]
mod capture;
mod conformance;
mod delivery;
mod faults;
mod flow;
mod host;
mod places;
mod policies;
mod reach;
mod server;
mod tls;
