//! Waiting before the next attempt.

use std::time::Duration;

use crate::config::Retries;

/// No wait is longer, however often something failed.
const LONGEST: Duration = Duration::from_secs(60);

/// Draws waits: a random part of a time that doubles. One seed gives one sequence.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    retries: Retries,
    state: u64,
}

impl Backoff {
    /// Waits by these settings.
    pub(crate) const fn new(retries: Retries, seed: u64) -> Self {
        Self { retries, state: seed }
    }

    /// The wait before retry `number`, from 1; `None` when there were enough. A server's wish is the least.
    pub(crate) fn before(&mut self, number: u32, wish: Option<Duration>) -> Option<Duration> {
        if number > self.retries.max {
            return None;
        }
        let limit = self.retries.backoff.saturating_mul(1 << number.min(20)).min(LONGEST);
        let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        let drawn = if nanos == 0 { 0 } else { self.next() % nanos };
        Some(Duration::from_nanos(drawn).max(wish.unwrap_or_default().min(LONGEST)))
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
