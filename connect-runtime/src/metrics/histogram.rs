//! How long records were on their way.

#[cfg(test)]
mod tests;

use std::time::Duration;

/// Upper bounds of the buckets, in milliseconds.
const BOUNDS: [u64; 17] =
    [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000];

/// Counts of durations by length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Of each bucket, without those before it; the last has what is beyond all bounds.
    counts: [u64; BOUNDS.len() + 1],
    sum_ms: u128,
}

impl Histogram {
    pub(crate) fn observe(&mut self, duration: Duration, times: u64) {
        let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.counts[BOUNDS.partition_point(|bound| *bound < ms)] += times;
        self.sum_ms += u128::from(ms) * u128::from(times);
    }

    /// Upper bounds in seconds, and how many were not longer; the last bound is infinite.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1000.0).chain([f64::INFINITY]);
        bounds.zip(self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }))
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together, in seconds.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum_ms as f64 / 1000.0
    }
}
