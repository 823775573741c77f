//! Durations, and what is said of them.

use std::time::Duration;

/// Durations of one kind.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// A line: what, count, then the median, the 99th percentile and the longest in microseconds.
    pub(crate) fn line(mut self, what: &str) -> String {
        self.0.sort_unstable();
        let at = |percent: usize| {
            let index = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
            self.0.get(index).map_or(0, Duration::as_micros)
        };
        format!("{what},{},{},{},{}\n", self.0.len(), at(50), at(99), at(100))
    }
}
