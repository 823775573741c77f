//! `connect standalone` on a real cluster: `KAFKA_BOOTSTRAP=host:port` says where it is.
//!
//! `cargo test -p connect-worker --features real-kafka --test real`

#[path = "../it/on_cluster.rs"]
mod on_cluster;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "tests without a cluster need more of it")]
mod support;

fn cluster() -> String {
    std::env::var("KAFKA_BOOTSTRAP").expect("KAFKA_BOOTSTRAP=host:port of a cluster")
}

#[test]
fn copies_and_goes_on_where_it_was() {
    on_cluster::copies_and_goes_on_where_it_was(&cluster());
}

#[test]
fn finds_topics_that_come_later() {
    on_cluster::finds_topics_that_come_later(&cluster());
}
