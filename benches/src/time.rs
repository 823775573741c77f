//! Clocks finer than a millisecond, and one that all processes of the machine share.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Time that only goes forward, the same in all threads.
#[must_use]
pub fn monotonic() -> Duration {
    read(ClockId::Monotonic)
}

/// Time since the machine started, which is also what the kernel says of a process's start.
#[must_use]
pub fn since_boot() -> Duration {
    read(ClockId::Boottime)
}

/// Time since 1970-01-01 UTC, finer than [`connect_kafka::Clock`] has it.
#[must_use]
pub fn wall_clock() -> Duration {
    read(ClockId::Realtime)
}

pub(crate) fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}
