//! From `poll` to the broker's acknowledgement, as the worker counts them.

use std::sync::PoisonError;
use std::time::Duration;

use benches::monotonic;
use connect_runtime::Worker;

use crate::latencies::Latencies;
use crate::paced::Polled;
use crate::report;

/// How often the count is looked at: tokio's timer is too coarse, so a thread of its own does it.
const EVERY: Duration = Duration::from_micros(100);

/// Notes when each of `records` records is counted as written, and writes the result to `file` in the end. The first
/// tenth is left out: connections are made meanwhile.
pub(crate) fn watch(worker: Worker, polled: Polled, name: String, records: usize, file: String) {
    std::thread::spawn(move || {
        let (mut latencies, mut seen) = (Latencies::default(), 0);
        while seen < records {
            std::thread::sleep(EVERY);
            let Ok(status) = worker.status(&name) else { return };
            let written: u64 = status.tasks.iter().map(|task| task.counts.written).sum();
            let (now, written) = (monotonic(), usize::try_from(written).unwrap_or(usize::MAX));
            let polled = polled.lock().unwrap_or_else(PoisonError::into_inner);
            for at in polled.iter().take(written).skip(seen.max(records / 10)) {
                latencies.add(now.saturating_sub(*at));
            }
            seen = seen.max(written.min(polled.len()));
        }
        // Whoever waits for the file sees that it does not come.
        drop(report::write(&file, &latencies.line("poll to ack")));
    });
}
