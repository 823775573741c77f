//! What a worker measures of itself.

use std::sync::Mutex;

use tokio::time::Instant;

use super::task::Measure;
use super::window::Sampled;
use crate::progress::lock;

/// How starts went, of connectors or of tasks.
#[derive(Debug)]
pub(crate) struct Starts(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    attempts: u64,
    success: u64,
    failure: u64,
    /// One for each success, zero for each failure.
    last: Sampled,
}

/// Attempts, successes and their share, failures and theirs.
pub(super) struct StartsSeen {
    pub(super) attempts: u64,
    pub(super) success: (u64, f64),
    pub(super) failure: (u64, f64),
}

impl Starts {
    fn new(measure: Measure) -> Self {
        Self(Mutex::new(Counts { attempts: 0, success: 0, failure: 0, last: Sampled::new(measure.windows) }))
    }

    /// A start was tried, and went so.
    pub(crate) fn ended(&self, well: bool) {
        let mut counts = lock(&self.0);
        counts.attempts += 1;
        *(if well { &mut counts.success } else { &mut counts.failure }) += 1;
        counts.last.record(Instant::now(), f64::from(u8::from(well)));
    }

    pub(super) fn look(&self) -> StartsSeen {
        let counts = lock(&self.0);
        let avg = counts.last.avg(Instant::now());
        let (success, failure) = if avg.is_nan() { (0.0, 0.0) } else { (avg, 1.0 - avg) };
        StartsSeen { attempts: counts.attempts, success: (counts.success, success), failure: (counts.failure, failure) }
    }
}

/// A worker's own measurements.
#[derive(Debug)]
pub(crate) struct WorkerMetrics {
    pub(crate) measure: Measure,
    pub(crate) connectors: Starts,
    pub(crate) tasks: Starts,
    pub(super) built_ms: i64,
}

impl WorkerMetrics {
    pub(crate) fn new(measure: Measure) -> Self {
        let (connectors, tasks) = (Starts::new(measure), Starts::new(measure));
        Self { measure, connectors, tasks, built_ms: measure.clock.now_ms() }
    }
}
