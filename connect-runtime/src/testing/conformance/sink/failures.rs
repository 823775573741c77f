//! Rules of what is wrong: records and configurations.

use connect_api::SinkConnector;

use super::super::report::Copies;
use super::SinkHarness;
use super::bench::{Bench, SINK, TOPIC};
use crate::worker::State;

/// Bad records go to the dead letter queue, exactly those; the records around them arrive once and in order, and
/// everything is committed.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn partial_failures<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let Some(poison) = harness.poison.clone() else { return };
    let mut bench = Bench::new("partial_failures", harness).await;
    // A bad one is the first that the sink sees, one the last, and two come together.
    bench.send_value(poison.clone(), 0).await;
    bench.send(0..9).await;
    bench.send_value(poison.clone(), 1).await;
    bench.send_value(poison.clone(), 1).await;
    bench.send(9..20).await;
    bench.send_value(poison, 1).await;
    let properties = bench.properties([
        ("errors.tolerance", "all"),
        ("errors.deadletterqueue.topic.name", "dlq"),
        ("errors.deadletterqueue.context.headers.enable", "true"),
    ]);
    bench.worker.create(properties).await;
    bench.check(0..20, Copies::One).await;
    let letters = bench.worker.dead_letters("dlq");
    bench.rule.check(letters.len() == 4, || {
        let texts: Vec<_> = letters.iter().map(crate::testing::DeadLetter::text).collect();
        format!("4 records were bad, the dead letter queue has {texts:?}")
    });
    // What was taken beside bad records was there when it was committed.
    bench.worker.crash().await;
    bench.check_arrived(0..20, Copies::One).await;
    for letter in &letters {
        let (stage, reason) = (letter.stage().unwrap_or_default(), letter.reason().unwrap_or_default());
        bench.rule.check(stage == "TASK_PUT" && !reason.is_empty(), || {
            format!("a bad record should fail in TASK_PUT and say why; it failed in {stage}: {reason:?}")
        });
    }
}

/// Without tolerance a bad record fails the task, with a trace that names the record. Nothing after it is committed,
/// and everything that is has arrived.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn fails_on_a_bad_record<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: SinkHarness<C, A>) {
    let Some(poison) = harness.poison.clone() else { return };
    let bench = Bench::new("fails_on_a_bad_record", harness).await;
    bench.send(0..10).await;
    bench.send_value(poison, 1).await;
    bench.send(10..20).await;
    bench.start().await;
    bench.worker.settled().await;
    let (state, trace) = (bench.worker.state(SINK), bench.worker.trace(SINK));
    bench.rule.check(state == State::Failed, || format!("it is {state} after a record that it refuses"));
    bench.rule.check(trace.contains("partition 1, offset 5"), || {
        format!("the trace does not name the record at partition 1, offset 5: {trace}")
    });
    let committed = bench.worker.committed(SINK, TOPIC);
    bench
        .rule
        .check(committed[1] <= 5, || format!("offset 5 of partition 1 is bad, but {} is committed", committed[1]));
    let arrived = bench.arrived().await;
    let even = (0..20).step_by(2).take(committed[0].max(0) as usize);
    let odd = (0..20).skip(1).step_by(2).take(committed[1].max(0) as usize);
    let missing: Vec<u32> = even.chain(odd).filter(|number| !arrived.contains(number)).collect();
    bench.rule.check(missing.is_empty(), || format!("{committed:?} is committed, but {missing:?} did not arrive"));
}

/// Everything that is wrong with a configuration is reported at once; the harness's own is right.
///
/// # Panics
/// When the sink breaks the rule.
pub async fn reports_all_config_errors<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(mut harness: SinkHarness<C, A>) {
    let broken = std::mem::take(&mut harness.broken);
    let bench = Bench::new("reports_all_config_errors", harness).await;
    bench.rule.config(&bench.worker, &bench.properties([]), broken).await;
}
