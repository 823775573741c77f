//! The search sink in the binary, on a real server: `OPENSEARCH_URL` and `ELASTICSEARCH_URL` say where servers are, and
//! `ELASTIC_NODE` what `dev/services/elastic` calls them, as they are killed; `dev/services/elastic KIND env` prints
//! the URLs.
//!
//! `cargo test -p connect-worker --features real-elastic --test search`

mod chaos;
mod expected;
mod proxy;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "tests without a server need more of it")]
mod support;

/// Marsaglia's xorshift.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
