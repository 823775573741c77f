//! How often somebody may ask.

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

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use super::{ADDRESSES, Limit};

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_comes_back_with_time() {
        let limit = Limit::new(2.0, 3.0);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        assert!((0..3).all(|_| limit.take(one).is_ok()));
        assert_eq!(limit.look(one), Err(Duration::from_millis(500)));
        assert_eq!(limit.take(one), Err(Duration::from_millis(500)));
        assert!(limit.take(other).is_ok());
        tokio::time::advance(Duration::from_millis(500)).await;
        assert!(limit.look(one).is_ok() && limit.take(one).is_ok());
        assert!(limit.take(one).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let limit = Limit::new(1.0, 1.0);
        for number in 0..3 * ADDRESSES {
            let _ = limit.take(IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(number).unwrap())));
        }
        assert!(super::lock(&limit.left).len() <= ADDRESSES);
    }
}
