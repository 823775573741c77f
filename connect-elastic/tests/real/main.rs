//! The sinks on real servers: `ELASTICSEARCH_URL` and `OPENSEARCH_URL` say where they are, and `ELASTIC_NODE` what
//! `dev/services/elastic` calls them, for tests that restart them; `dev/services/elastic KIND env` prints the URLs.
//!
//! `cargo test -p connect-elastic --features real-elastic --test real`

mod modes;
mod restart;
mod server;
