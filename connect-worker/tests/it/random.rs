//! Chance that can be repeated, and what variables say of it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Marsaglia's xorshift.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Even seeds are made odd: from 0 it would never get away.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// The number that a variable of the environment says.
pub(crate) fn setting(name: &str, default: impl FnOnce() -> u64) -> u64 {
    std::env::var(name).map_or_else(|_| default(), |text| text.parse().expect("a whole number"))
}

/// The seed that a variable says, or a new one.
pub(crate) fn seed(name: &str) -> u64 {
    setting(name, || RandomState::new().build_hasher().finish())
}
