//! Exactly once.

use super::{Bench, order};

const ONCE: &str = "exactly.once.enabled=true\nerrors.retry.timeout=-1\nretry.backoff.ms=1";
const COUNT: &str = "SELECT count(*), count(DISTINCT id) FROM orders";

async fn bench() -> Bench {
    // Nothing but the offsets keeps a row from being there twice.
    Bench::new("CREATE TABLE orders (id INT, name TEXT, qty INT)").await
}

#[tokio::test]
async fn a_crash_repeats_nothing() {
    let mut bench = bench().await;
    bench.worker.send_records((0..300).map(|id| order(id, "x", 1))).await;
    bench.worker.create(bench.properties("orders", ONCE)).await;
    bench.worker.until(|| bench.rows(COUNT)[0] != "0|0").await;
    // The rows are there, the group's offsets not yet.
    bench.worker.crash().await;
    bench.worker.restart().await;
    bench.worker.send_records((300..400).map(|id| order(id, "x", 1))).await;
    bench.worker.drained().await;
    assert_eq!(bench.rows(COUNT), ["400|400"]);
    assert_eq!(
        bench.rows("SELECT connector, topic, kafka_partition, next_offset FROM connect_offsets"),
        ["s|orders|0|400"]
    );
}

#[tokio::test]
async fn who_has_lost_a_partition_writes_nothing() {
    let bench = bench().await;
    bench.worker.send_records([order(1, "a", 1)]).await;
    bench.run("orders", ONCE).await;
    // As another worker's task would take the partition over.
    bench.open().execute_batch("UPDATE connect_offsets SET generation = generation + 1").unwrap();
    bench.worker.send_records([order(2, "b", 1)]).await;
    bench.worker.settled().await;
    let trace = bench.worker.trace("s");
    assert!(trace.contains("another task has taken orders-0 over"), "{trace}");
    assert_eq!(bench.rows(COUNT), ["1|1"]);
}

#[tokio::test]
async fn without_it_a_crash_may_repeat_and_loses_nothing() {
    let mut bench = bench().await;
    bench.worker.send_records((0..300).map(|id| order(id, "x", 1))).await;
    bench.worker.create(bench.properties("orders", "")).await;
    bench.worker.until(|| bench.rows(COUNT)[0] != "0|0").await;
    bench.worker.crash().await;
    bench.worker.restart().await;
    bench.worker.drained().await;
    assert!(bench.rows(COUNT)[0].ends_with("|300"), "{:?}", bench.rows(COUNT));
}
