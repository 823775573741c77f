//! Rules of starts, stops and crashes.

use std::ops::Range;

use connect_api::SourceConnector;

use super::super::report::Copies;
use super::SourceHarness;
use super::bench::Bench;

/// After an orderly restart the source goes on where it was.
///
/// # Panics
/// When the source breaks the rule.
pub async fn resumes_after_a_restart<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let mut bench = Bench::new("resumes_after_a_restart", harness).await;
    bench.feed(0..10).await;
    bench.start().await;
    bench.until_produced().await;
    bench.worker.restart().await;
    bench.feed(10..20).await;
    bench.check(0..20, Copies::One).await;
}

/// After a crash the source goes on at the stored offsets, neither before nor after them.
///
/// # Panics
/// When the source breaks the rule.
pub async fn goes_on_at_stored_offsets<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let mut bench = Bench::new("goes_on_at_stored_offsets", harness).await;
    bench.feed(0..10).await;
    bench.start().await;
    bench.check(0..10, Copies::One).await;
    bench.worker.crash().await;
    bench.feed(10..20).await;
    bench.worker.restart().await;
    bench.check(0..20, Copies::One).await;
}

/// A crash after some records were produced, and before their offsets were stored, loses none.
///
/// # Panics
/// When the source breaks the rule.
pub async fn loses_nothing_in_a_crash<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let mut bench = Bench::new("loses_nothing_in_a_crash", harness).await;
    bench.feed(0..10).await;
    bench.start().await;
    bench.until_produced().await;
    bench.worker.crash().await;
    bench.feed(10..20).await;
    bench.worker.restart().await;
    bench.check(0..20, Copies::Some).await;
}

/// A stop ends within `task.shutdown.graceful.timeout.ms`, in the middle of work and without any; nothing is lost,
/// and nothing comes again after it.
///
/// # Panics
/// When the source breaks the rule.
pub async fn stops_in_time<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let bench = Bench::new("stops_in_time", harness).await;
    bench.start().await;
    bench.drained().await;
    bench.stop().await;
    bench.feed(0..20).await;
    bench.resume().await;
    bench.until_produced().await;
    bench.stop().await;
    bench.resume().await;
    bench.check(0..20, Copies::One).await;
}
