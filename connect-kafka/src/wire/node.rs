//! One broker: its connections, made when they are needed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::time::{Instant, sleep_until};

use super::config::HostPort;
use super::connection::Connection;
use super::dial::Dialer;
use super::jitter::Jitter;
use crate::backoff::Backoff;
use crate::{BrokerError, Code, Result};

/// What a connection is for. A broker answers one request of a connection at a time, so what it may keep waiting
/// goes its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Metadata, producing, looking offsets up.
    Data,
    /// Heartbeats, commits and what else a coordinator answers at once.
    Coordinator,
    /// Fetches, joins and syncs: nobody else's request waits behind one, at the price of a connection for each
    /// that is under way at the same time.
    Waiting,
}

/// A broker of the cluster, or an address to begin with.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) address: HostPort,
    dialer: Arc<Dialer>,
    reconnect: Mutex<Reconnect>,
    data: Slot,
    coordinator: Slot,
    waiting: Mutex<Vec<Arc<Connection>>>,
}

#[derive(Debug)]
struct Reconnect {
    wait: Backoff,
    patience: Backoff,
    not_before: Option<Instant>,
    jitter: Jitter,
}

type Dialing = Shared<BoxFuture<'static, Result<Arc<Connection>>>>;

/// A connection that is shared.
#[derive(Debug, Default)]
struct Slot(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Dialing(Dialing),
    Open(Arc<Connection>),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Node {
    pub(super) fn new(address: HostPort, dialer: Arc<Dialer>, seed: u64) -> Self {
        let config = dialer.config();
        let reconnect = Reconnect {
            wait: Backoff::new(config.reconnect_backoff.0, config.reconnect_backoff.1),
            patience: Backoff::new(config.setup_timeout.0, config.setup_timeout.1),
            not_before: None,
            jitter: Jitter::new(seed),
        };
        Self {
            address,
            dialer,
            reconnect: Mutex::new(reconnect),
            data: Slot::default(),
            coordinator: Slot::default(),
            waiting: Mutex::default(),
        }
    }

    /// Whether a request can be sent without connecting first.
    pub(super) fn is_connected(&self) -> bool {
        matches!(&*lock(&self.data.0), State::Open(connection) if connection.is_open())
    }

    /// A connection of a lane.
    pub(super) async fn connection(self: &Arc<Self>, lane: Lane) -> Result<Arc<Connection>> {
        match lane {
            Lane::Data => self.shared(&self.data).await,
            Lane::Coordinator => self.shared(&self.coordinator).await,
            Lane::Waiting => self.lease().await,
        }
    }

    async fn shared(self: &Arc<Self>, slot: &Slot) -> Result<Arc<Connection>> {
        let dialing = {
            let mut state = lock(&slot.0);
            match &*state {
                State::Open(connection) if connection.is_open() => return Ok(connection.clone()),
                State::Dialing(dialing) => dialing.clone(),
                State::Open(_) | State::Closed => {
                    let dialing = self.clone().dial_in_background();
                    *state = State::Dialing(dialing.clone());
                    dialing
                }
            }
        };
        let dialed = dialing.clone().await;
        let mut state = lock(&slot.0);
        if matches!(&*state, State::Dialing(current) if current.ptr_eq(&dialing)) {
            *state = dialed.as_ref().map_or(State::Closed, |connection| State::Open(connection.clone()));
        }
        dialed
    }

    /// Goes on when whoever asked for it has gone, so that others find it done.
    fn dial_in_background(self: Arc<Self>) -> Dialing {
        let task = tokio::spawn(async move { self.dial().await.map(Arc::new) });
        async move {
            task.await.unwrap_or_else(|error| {
                Err(BrokerError::new(Code::NetworkException, format!("connecting was broken off: {error}")))
            })
        }
        .boxed()
        .shared()
    }

    /// A connection that nobody else uses while the caller holds on to it.
    async fn lease(&self) -> Result<Arc<Connection>> {
        {
            let mut waiting = lock(&self.waiting);
            waiting.retain(|connection| connection.is_open());
            let free = |connection: &&Arc<Connection>| Arc::strong_count(connection) == 1 && connection.is_idle();
            if let Some(connection) = waiting.iter().find(free) {
                return Ok(connection.clone());
            }
        }
        let connection = Arc::new(self.dial().await?);
        lock(&self.waiting).push(connection.clone());
        Ok(connection)
    }

    async fn dial(&self) -> Result<Connection> {
        let (not_before, patience) = {
            let mut reconnect = lock(&self.reconnect);
            (reconnect.not_before, reconnect.patience.next())
        };
        if let Some(at) = not_before {
            sleep_until(at).await;
        }
        let dialed = self.dialer.dial(&self.address, patience).await;
        let mut reconnect = lock(&self.reconnect);
        match &dialed {
            Ok(_) => {
                reconnect.wait.reset();
                reconnect.patience.reset();
                reconnect.not_before = None;
            }
            Err(error) => {
                let wait = reconnect.wait.next();
                let wait = reconnect.jitter.spread(wait);
                reconnect.not_before = Some(Instant::now() + wait);
                tracing::debug!(address = %self.address, %error, "cannot connect");
            }
        }
        dialed
    }

    pub(super) fn request_timeout(&self) -> Duration {
        self.dialer.config().request_timeout
    }
}
