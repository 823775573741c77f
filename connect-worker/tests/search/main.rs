//! The search sink in the binary, on a real server: `OPENSEARCH_URL` and `ELASTICSEARCH_URL` say where servers are, and
//! `ELASTIC_NODE` what `dev/services/elastic` calls them, as they are killed; `dev/services/elastic KIND env` prints
//! the URLs.
//!
//! `cargo test -p connect-worker --features real-elastic --test search`

mod chaos;
mod expected;
mod proxy;
#[path = "../it/random.rs"]
mod random;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "tests without a server need more of it")]
mod support;
