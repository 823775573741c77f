//! The sinks on real servers: `ELASTICSEARCH_URL` and `OPENSEARCH_URL` say where they are, and `ELASTIC_NODE` what
//! `dev/services/elastic` calls them, for tests that restart them; `dev/services/elastic KIND env` prints the URLs. A third
//! one is secured: `ELASTICSEARCH_SECURED_URL`, `ELASTICSEARCH_SECURED_CA`.
//!
//! `cargo test -p connect-elastic --features real-elastic --test real`

mod aiven;
#[path = "../../../connect-runtime/tests/it/capture.rs"]
mod capture;
mod modes;
mod places;
mod relay;
mod restart;
mod secured;
mod server;
mod templates;
