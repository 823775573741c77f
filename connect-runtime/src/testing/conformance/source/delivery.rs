//! Rules of what arrives.

use std::ops::Range;
use std::time::Duration;

use connect_api::SourceConnector;

use super::super::report::Copies;
use super::super::script::{Call, When};
use super::SourceHarness;
use super::bench::{Bench, SOURCE};
use crate::worker::State;

/// What was there before the source started and what came after arrives, each record once and in order.
///
/// # Panics
/// When the source breaks the rule.
pub async fn delivers_everything<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let bench = Bench::new("delivers_everything", harness).await;
    bench.feed(0..7).await;
    bench.start().await;
    bench.feed(7..10).await;
    bench.drained().await;
    bench.feed(10..20).await;
    // A source that does not say whether it is idle is not asked again before it looks by itself.
    bench.worker.advance(Duration::from_secs(10)).await;
    bench.check(0..20, Copies::One).await;
}

/// Without records the source waits, without failing and without asking its system all the time.
///
/// # Panics
/// When the source breaks the rule.
pub async fn waits_when_there_is_nothing<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let bench = Bench::new("waits_when_there_is_nothing", harness).await;
    bench.start().await;
    bench.worker.advance(Duration::from_secs(10)).await;
    bench.check(0..0, Copies::One).await;
    let state = bench.worker.state(SOURCE);
    bench.rule.check(state == State::Running, || format!("it is {state}"));
}

/// When `poll` fails with a retriable error it is called again, and nothing is lost or repeated.
///
/// # Panics
/// When the source breaks the rule.
pub async fn polls_again_after_a_retriable_error<C: SourceConnector, F: AsyncFn(Range<u32>)>(
    harness: SourceHarness<C, F>,
) {
    let bench = Bench::new("polls_again_after_a_retriable_error", harness).await;
    bench.script.fail(Call::Poll, [0, 1, 3], When::Before);
    bench.feed(0..20).await;
    bench.start().await;
    bench.check(0..20, Copies::One).await;
}
