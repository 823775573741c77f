//! Rules of what arrives.

use connect_api::SinkConnector;

use super::super::report::Copies;
use super::super::script::{Call, When};
use super::SinkHarness;
use super::bench::{Bench, SINK, TOPIC};
use crate::worker::State;

/// What was there before the sink started and what came after arrives, each record once and those of a partition in
/// order; then all of it is committed.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn delivers_everything<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let bench = Bench::new("delivers_everything", harness).await;
    bench.send(0..7).await;
    bench.start().await;
    bench.send(7..20).await;
    bench.check(0..20, Copies::One).await;
}

/// Without records nothing arrives, nothing fails, and nothing is committed.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn waits_on_an_empty_topic<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let bench = Bench::new("waits_on_an_empty_topic", harness).await;
    bench.start().await;
    bench.worker.advance(std::time::Duration::from_secs(70)).await;
    bench.check(0..0, Copies::One).await;
    let (state, committed) = (bench.worker.state(SINK), bench.worker.committed(SINK, TOPIC));
    bench.rule.check(state == State::Running, || format!("it is {state}"));
    bench.rule.check(committed == [0, 0], || format!("{committed:?} is committed of an empty topic"));
}

/// When `put` fails before anything was done, the same records come again, and arrive once.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn redelivers_after_a_retriable_error<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(
    harness: SinkHarness<C, A>,
) {
    let bench = Bench::new("redelivers_after_a_retriable_error", harness).await;
    bench.script.fail(Call::Put, [0, 1, 3], When::Before);
    bench.send(0..20).await;
    bench.start().await;
    bench.check(0..20, Copies::One).await;
}

/// When `put` had its effect and the answer was lost, the same records come again, and none is lost. A sink that
/// promises to be idempotent has them once.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn redelivers_after_a_lost_reply<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let bench = Bench::new("redelivers_after_a_lost_reply", harness).await;
    bench.script.fail(Call::Put, [0, 2, 3], When::After);
    bench.send(0..20).await;
    bench.start().await;
    bench.check(0..20, bench.repeated()).await;
}
