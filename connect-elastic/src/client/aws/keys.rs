//! Keys at hand, renewed before they end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::sts::obtain;
use super::{Credentials, Role, Source};
use crate::client::Trouble;

/// Keys are renewed so long before they end, or when two thirds of a shorter life are over.
const AHEAD: Duration = Duration::from_secs(300);
/// Wait after a renewal that failed while the old keys live; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Keys that are refused are suspected of having ended only after this time.
const SURELY_GOOD: Duration = Duration::from_secs(60);

/// The keys of one client.
pub(crate) enum Keys {
    Given(Arc<Credentials>),
    Renewed(Arc<Renewed>),
}

/// Keys of a role.
pub(crate) struct Renewed {
    role: Role,
    lease: Mutex<Option<Lease>>,
    /// Held by whoever asks for new ones.
    asking: Arc<AsyncMutex<()>>,
}

struct Lease {
    credentials: Arc<Credentials>,
    since: Instant,
    /// When to ask for new ones.
    renew_at: Instant,
    ends_at: Instant,
    failures: u32,
}

impl Keys {
    /// Keys from a source.
    pub(crate) fn new(source: &Source) -> Self {
        match source {
            Source::Given(credentials) => Self::Given(Arc::new(credentials.clone())),
            Source::Role(role) => Self::Renewed(Arc::new(Renewed {
                role: (**role).clone(),
                lease: Mutex::default(),
                asking: Arc::default(),
            })),
        }
    }

    /// Keys that are good now. Those that end soon are given away too, and others are asked for meanwhile.
    ///
    /// # Errors
    /// There are none, and asking for them failed.
    ///
    /// # Cancellation
    /// Safe: the next call asks again.
    pub(crate) async fn get(&self) -> Result<Arc<Credentials>, Trouble> {
        match self {
            Self::Given(credentials) => Ok(Arc::clone(credentials)),
            Self::Renewed(keys) => keys.get().await,
        }
    }

    /// The server refused these keys: says whether others are worth an attempt.
    pub(crate) fn refused(&self, credentials: &Arc<Credentials>) -> bool {
        let Self::Renewed(keys) = self else { return false };
        let mut lease = keys.lease();
        let Some(lease) = lease.as_mut().filter(|lease| Arc::ptr_eq(&lease.credentials, credentials)) else {
            return true;
        };
        let now = Instant::now();
        let suspect = now - lease.since > SURELY_GOOD;
        if suspect {
            lease.ends_at = now;
        }
        suspect
    }
}

impl Renewed {
    fn lease(&self) -> MutexGuard<'_, Option<Lease>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that are alive, and whether to ask for others.
    fn alive(&self) -> Option<(Arc<Credentials>, bool)> {
        let now = Instant::now();
        let lease = self.lease();
        let lease = lease.as_ref().filter(|lease| now < lease.ends_at)?;
        Some((Arc::clone(&lease.credentials), now >= lease.renew_at))
    }

    async fn get(self: &Arc<Self>) -> Result<Arc<Credentials>, Trouble> {
        if let Some((credentials, renew)) = self.alive() {
            if renew && let Ok(turn) = Arc::clone(&self.asking).try_lock_owned() {
                let keys = Arc::clone(self);
                // It ends by the time-outs of its requests.
                tokio::spawn(async move { drop(keys.ask(turn).await) });
            }
            return Ok(credentials);
        }
        let turn = Arc::clone(&self.asking).lock_owned().await;
        match self.alive() {
            Some((credentials, _)) => Ok(credentials),
            None => self.ask(turn).await,
        }
    }

    async fn ask(&self, _turn: OwnedMutexGuard<()>) -> Result<Arc<Credentials>, Trouble> {
        let answer = obtain(&self.role).await;
        let mut lease = self.lease();
        let now = Instant::now();
        match answer {
            Ok(granted) => {
                let credentials = Arc::new(granted.credentials);
                let ahead = AHEAD.min(granted.lifetime / 3);
                let ends_at = now + granted.lifetime;
                *lease = Some(Lease {
                    credentials: Arc::clone(&credentials),
                    since: now,
                    renew_at: ends_at - ahead,
                    ends_at,
                    failures: 0,
                });
                tracing::debug!(role = self.role.arn, lifetime = ?granted.lifetime, "AWS gave keys of the role");
                Ok(credentials)
            }
            Err(trouble) => {
                if let Some(lease) = lease.as_mut().filter(|lease| now < lease.ends_at) {
                    let pause = FIRST_PAUSE.saturating_mul(1 << lease.failures.min(8)).min(LONGEST_PAUSE);
                    lease.failures += 1;
                    lease.renew_at = now + pause;
                    let left = lease.ends_at - now;
                    tracing::warn!(role = self.role.arn, why = %trouble, ?left, "the keys of the role could not be renewed; the old ones are used as long as they live");
                }
                Err(trouble)
            }
        }
    }
}
