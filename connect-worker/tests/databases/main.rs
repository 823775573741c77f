//! Workers and databases that are killed. The databases are those of `dev/services/postgres` and `dev/services/mariadb`,
//! which have to be named (`POSTGRES_NODE`, `MARIADB_NODE`) as they are killed and started again.
//!
//! `cargo test -p connect-worker --features real-databases --test databases`; `dev/jdbc-test` runs it with more kills.

mod node;
#[path = "../it/random.rs"]
mod random;
mod sink;
mod source;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod support;
