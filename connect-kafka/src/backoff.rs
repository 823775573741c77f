//! Waits between attempts.

use std::time::Duration;

/// Waits that double from `min` to `max`. Without randomness, so that a schedule can be replayed.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(min: Duration, max: Duration) -> Self {
        Self { min, max, next: min }
    }

    /// How long to wait now.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.max);
        wait
    }

    /// After a success.
    pub(crate) fn reset(&mut self) {
        self.next = self.min;
    }
}
