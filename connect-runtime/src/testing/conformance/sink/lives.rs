//! Rules of starts, stops and crashes.

use connect_api::SinkConnector;

use super::super::report::Copies;
use super::super::script::{Call, When};
use super::SinkHarness;
use super::bench::{Bench, SINK};

/// When offsets are committed, their records are in the system for good: a crash right after loses none of them, and
/// they do not come again. What `put` said to be buffered has a `flush`, and no offset moves while that fails.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn commits_only_what_arrived<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let mut bench = Bench::new("commits_only_what_arrived", harness).await;
    bench.script.fail(Call::PreCommit, [0, 1], When::Before);
    bench.send(0..20).await;
    bench.start().await;
    bench.drained().await;
    if bench.script.buffered() {
        let proofs = bench.script.calls(Call::PreCommit);
        bench.rule.check(proofs > 2, || format!("offsets moved after {proofs} pre_commits, of which 2 failed"));
    }
    bench.worker.crash().await;
    bench.check_arrived(0..20, Copies::One).await;
    bench.worker.restart().await;
    bench.check(0..20, Copies::One).await;
}

/// After an orderly restart the sink goes on where it was.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn resumes_after_a_restart<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let mut bench = Bench::new("resumes_after_a_restart", harness).await;
    bench.send(0..10).await;
    bench.start().await;
    bench.worker.until(|| bench.script.calls(Call::Put) > 0).await;
    bench.worker.restart().await;
    bench.send(10..20).await;
    bench.check(0..20, Copies::One).await;
}

/// A crash after some records were put, and before their offsets were committed, loses none.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn loses_nothing_in_a_crash<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let mut bench = Bench::new("loses_nothing_in_a_crash", harness).await;
    bench.send(0..20).await;
    bench.start().await;
    for puts in [1, 4] {
        bench.worker.until(|| bench.script.calls(Call::Put) >= puts).await;
        bench.worker.crash().await;
        bench.worker.restart().await;
    }
    bench.check(0..20, bench.repeated()).await;
}

/// A stop ends within `task.shutdown.graceful.timeout.ms`, in the middle of work and without any; nothing is lost,
/// and nothing comes again after it.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn stops_in_time<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let bench = Bench::new("stops_in_time", harness).await;
    bench.start().await;
    bench.drained().await;
    bench.stop().await;
    bench.send(0..20).await;
    resume(&bench).await;
    bench.worker.until(|| bench.script.calls(Call::Put) > 1).await;
    bench.stop().await;
    resume(&bench).await;
    bench.check(0..20, Copies::One).await;
}

async fn resume<A>(bench: &Bench<A>) {
    bench.worker.worker().resume(SINK).await.unwrap_or_else(|error| panic!("{error}"));
}

/// Partitions may move between tasks, and between workers, at any time; nothing is lost, and nothing comes again.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn survives_a_rebalance<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let bench = Bench::new("survives_a_rebalance", harness).await;
    bench.send(0..10).await;
    bench.worker.create(bench.properties([("tasks.max", "2")])).await;
    bench.worker.until(|| bench.script.calls(Call::Put) > 0).await;
    let rebalanced = bench.worker.broker().rebalance("connect-sink");
    rebalanced.unwrap_or_else(|error| panic!("the group could not be rebalanced: {error}"));
    bench.send(10..20).await;
    bench.check(0..20, Copies::One).await;
}
