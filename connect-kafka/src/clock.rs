//! The one place where wall-clock time is read.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Wall-clock time in milliseconds, either the machine's or one that follows tokio's clock.
///
/// Durations and deadlines use [`tokio::time`] everywhere; this type answers only "which timestamp does a
/// record get". A virtual clock starts at a given epoch and moves with tokio's clock, so a test that pauses
/// tokio also decides every timestamp.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Source);

#[derive(Debug, Clone, Copy)]
enum Source {
    System,
    Virtual { epoch_ms: i64, origin: Instant },
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that says `epoch_ms` now and moves with tokio's clock from here on.
    #[must_use]
    pub fn starting_at(epoch_ms: i64) -> Self {
        Self(Source::Virtual { epoch_ms, origin: Instant::now() })
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match self.0 {
            Source::System => system_ms(),
            Source::Virtual { epoch_ms, origin } => {
                epoch_ms.saturating_add(i64::try_from(origin.elapsed().as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
fn system_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
