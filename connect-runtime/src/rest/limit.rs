//! How often somebody may ask.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::progress::lock;

/// Addresses that are remembered; who is forgotten begins anew.
const ADDRESSES: usize = 4096;

/// So many at once, and so many a second on average, for each address.
#[derive(Debug)]
pub(crate) struct Limit {
    per_second: f64,
    burst: f64,
    left: Mutex<BTreeMap<IpAddr, (f64, Instant)>>,
}

impl Limit {
    /// `burst` is at least 1.
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst: burst.max(1.0), left: Mutex::default() }
    }

    /// Takes one; how long to wait when there is none.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), Duration> {
        let now = Instant::now();
        let mut left = lock(&self.left);
        if left.len() >= ADDRESSES && !left.contains_key(&address) {
            left.retain(|_, (had, since)| self.now(*had, now - *since) < self.burst);
            if left.len() >= ADDRESSES {
                left.clear();
            }
        }
        let entry = left.entry(address).or_insert((self.burst, now));
        let has = self.now(entry.0, now - entry.1);
        let taken = if has < 1.0 { has } else { has - 1.0 };
        *entry = (taken, now);
        if has < 1.0 { Err(Duration::from_secs_f64((1.0 - has) / self.per_second)) } else { Ok(()) }
    }

    /// Whether there is one, without taking it.
    pub(crate) fn look(&self, address: IpAddr) -> Result<(), Duration> {
        let now = Instant::now();
        match lock(&self.left).get(&address) {
            Some((had, since)) if self.now(*had, now - *since) < 1.0 => {
                Err(Duration::from_secs_f64((1.0 - self.now(*had, now - *since)) / self.per_second))
            }
            _ => Ok(()),
        }
    }

    fn now(&self, had: f64, since: Duration) -> f64 {
        (had + since.as_secs_f64() * self.per_second).min(self.burst)
    }
}
