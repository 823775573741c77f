//! The one place where the present is read.

use std::time::{SystemTime, UNIX_EPOCH};

/// Says the present in milliseconds since 1970-01-01 UTC.
pub(crate) type Clock = fn() -> i64;

/// The machine's clock.
#[expect(clippy::disallowed_methods, reason = "this is the clock module; transforms take a clock for tests")]
pub(crate) fn system() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
