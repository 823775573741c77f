//! Rates, averages and maxima over the last while, with Kafka's sample windows.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How long values count: `metrics.num.samples` windows of `metrics.sample.window.ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Windows {
    pub(crate) length: Duration,
    pub(crate) count: usize,
}

/// Values of the last windows.
///
/// A window begins with the first value after the one before it was full. What is older than all windows together counts
/// no more. A rate is taken over the time since the oldest window began, but never over less than all windows but one.
#[derive(Debug)]
pub(crate) struct Sampled {
    windows: Windows,
    samples: VecDeque<Sample>,
}

#[derive(Debug)]
struct Sample {
    began: Instant,
    sum: f64,
    count: u64,
    max: f64,
}

impl Sampled {
    pub(crate) fn new(windows: Windows) -> Self {
        Self { windows, samples: VecDeque::new() }
    }

    pub(crate) fn record(&mut self, now: Instant, value: f64) {
        let Windows { length, count } = self.windows;
        if self.samples.back().is_none_or(|last| now - last.began >= length) {
            while self.samples.len() >= count {
                self.samples.pop_front();
            }
            self.samples.push_back(Sample { began: now, sum: 0.0, count: 0, max: f64::NEG_INFINITY });
        }
        if let Some(last) = self.samples.back_mut() {
            last.sum += value;
            last.count += 1;
            last.max = last.max.max(value);
        }
    }

    fn recent(&self, now: Instant) -> impl Iterator<Item = &Sample> {
        let span = self.windows.length.saturating_mul(u32::try_from(self.windows.count).unwrap_or(u32::MAX));
        self.samples.iter().filter(move |sample| now - sample.began < span)
    }

    /// What was recorded, for each second; 0 when nothing was.
    pub(crate) fn rate(&self, now: Instant) -> f64 {
        let Some(oldest) = self.recent(now).map(|sample| sample.began).next() else { return 0.0 };
        let least = self.windows.length.saturating_mul(u32::try_from(self.windows.count - 1).unwrap_or(u32::MAX));
        let elapsed = (now - oldest).max(least).as_secs_f64();
        let sum: f64 = self.recent(now).map(|sample| sample.sum).sum();
        if elapsed > 0.0 { sum / elapsed } else { 0.0 }
    }

    /// The average; not a number when nothing was recorded.
    pub(crate) fn avg(&self, now: Instant) -> f64 {
        let (sum, count) =
            self.recent(now).fold((0.0, 0), |(sum, count), sample| (sum + sample.sum, count + sample.count));
        if count == 0 { f64::NAN } else { sum / count as f64 }
    }

    /// The largest; not a number when nothing was recorded.
    pub(crate) fn max(&self, now: Instant) -> f64 {
        self.recent(now).map(|sample| sample.max).fold(f64::NAN, f64::max)
    }
}
