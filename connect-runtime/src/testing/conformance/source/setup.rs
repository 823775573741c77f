//! Rules of configurations, splits and offsets.

use std::ops::Range;

use connect_api::{SourceConnector, config};

use super::SourceHarness;
use super::bench::Bench;

/// Everything that is wrong with a configuration is reported at once; the harness's own is right.
///
/// # Panics
/// When the source breaks the rule.
pub async fn reports_all_config_errors<C: SourceConnector, F: AsyncFn(Range<u32>)>(mut harness: SourceHarness<C, F>) {
    let broken = std::mem::take(&mut harness.broken);
    let bench = Bench::new("reports_all_config_errors", harness).await;
    bench.rule.config(&bench.worker, bench.properties(), broken).await;
}

/// There are no more splits than tasks are allowed, and each is the same after it was written as JSON and read again.
///
/// # Panics
/// When the source breaks the rule.
pub async fn splits_fit_the_tasks<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let bench = Bench::new("splits_fit_the_tasks", harness).await;
    let parsed = config::parse_with::<C::Config>(bench.properties(), &|_| true);
    let parsed = parsed.unwrap_or_else(|errors| bench.rule.broken(errors));
    for tasks in [1, 2, 8] {
        let splits = bench.connector.splits(&parsed.config, tasks).await;
        let splits = splits.unwrap_or_else(|error| bench.rule.broken(format!("there are no splits: {error:?}")));
        bench.rule.check(splits.len() <= tasks, || format!("{} splits for {tasks} tasks", splits.len()));
        for split in splits {
            let written = serde_json::to_string(&split);
            let written = written.unwrap_or_else(|error| bench.rule.broken(format!("a split is no JSON: {error}")));
            let again = serde_json::from_str::<C::Split>(&written).map(|split| serde_json::to_string(&split).ok());
            bench.rule.check(again.as_ref().is_ok_and(|again| again.as_ref() == Some(&written)), || {
                format!("the split {written} reads back as {:?}", again.err())
            });
        }
    }
}

/// Source partitions and offsets are made of what can be stored.
///
/// # Panics
/// When the source breaks the rule.
pub async fn offsets_can_be_stored<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: SourceHarness<C, F>) {
    let bench = Bench::new("offsets_can_be_stored", harness).await;
    bench.feed(0..20).await;
    bench.start().await;
    bench.worker.settled().await;
    let wrong = bench.script.wrong();
    bench.rule.check(wrong.is_empty(), || wrong.join("; "));
}
