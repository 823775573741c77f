//! Retrying: a policy says how, a backoff how long to wait next, a budget when to give up.

use std::time::Duration;

use tokio::time::Instant;

use crate::random::Random;

/// How something is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first wait; each next one is twice as long.
    pub first: Duration,
    /// A wait beyond this becomes a random one below it.
    pub longest: Duration,
    /// When to give up; `None` never, zero after the first attempt.
    pub budget: Option<Duration>,
}

impl RetryPolicy {
    /// One attempt, no retry: the default of `errors.retry.timeout`.
    pub const NONE: Self =
        Self { first: Duration::from_millis(300), longest: Duration::from_secs(60), budget: Some(Duration::ZERO) };

    /// For ever, from 100 ms to 10 s: how a task's calls are repeated after a retriable error.
    pub const FOREVER: Self =
        Self { first: Duration::from_millis(100), longest: Duration::from_secs(10), budget: None };

    /// Begins a run of attempts now.
    pub(crate) fn begin(self, seed: u64) -> Attempts {
        Attempts {
            backoff: Backoff { next: self.first, longest: self.longest, random: Random::new(seed) },
            budget: Budget { deadline: self.budget.map(|budget| Instant::now() + budget) },
        }
    }

    pub(crate) fn is_none(self) -> bool {
        self.budget == Some(Duration::ZERO)
    }
}

/// How long to wait next.
#[derive(Debug)]
struct Backoff {
    next: Duration,
    longest: Duration,
    random: Random,
}

impl Backoff {
    fn next(&mut self) -> Duration {
        let delay = self.next;
        self.next = delay.saturating_mul(2);
        if delay > self.longest {
            self.next = delay;
            // Even where no wait is wanted, what fails at once must not keep a core busy.
            self.random.below(self.longest).max(Duration::from_millis(1))
        } else {
            delay
        }
    }
}

/// When to give up.
#[derive(Debug)]
struct Budget {
    deadline: Option<Instant>,
}

impl Budget {
    /// What of a wait may be spent: less than asked for shortly before the end, so that one last attempt runs
    /// at the deadline; nothing after it.
    fn allow(&self, delay: Duration) -> Option<Duration> {
        let Some(deadline) = self.deadline else { return Some(delay) };
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        Some(delay.min(left))
    }
}

/// A run of attempts at one thing.
#[derive(Debug)]
pub(crate) struct Attempts {
    backoff: Backoff,
    budget: Budget,
}

impl Attempts {
    /// How long to wait before the next attempt, at least `wish`; `None` to give up.
    pub(crate) fn next_delay(&mut self, wish: Option<Duration>) -> Option<Duration> {
        let delay = self.backoff.next().max(wish.unwrap_or_default());
        self.budget.allow(delay)
    }
}

#[cfg(test)]
mod tests;
