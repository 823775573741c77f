//! Accepting connections, as many as there may be.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::connection;
use crate::rest::api::Api;
use crate::rest::gate::{Kind, Via};

/// How long to wait when there are too many open files, or the like.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// A socket that accepts.
pub(super) struct Accept {
    pub(super) socket: TcpListener,
    pub(super) kind: Kind,
    pub(super) tls: Option<TlsAcceptor>,
}

impl fmt::Debug for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accept").field("socket", &self.socket).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Accept {
    /// Accepts until it is told to stop, and then waits for the connections there are.
    pub(super) async fn run(self, api: Arc<Api>, connections: Arc<Semaphore>, mut stopped: watch::Receiver<bool>) {
        let mut open = JoinSet::new();
        loop {
            let next = async {
                let place = Arc::clone(&connections).acquire_owned().await;
                (self.socket.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => break,
                Some(_) = open.join_next() => continue,
                next = next => next,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection to the REST interface could not be accepted");
                    sleep(AFTER_FAILURE).await;
                    continue;
                }
            };
            let via = Via { peer: peer.ip().to_canonical(), https: self.tls.is_some(), kind: self.kind };
            let (api, tls, stopped) = (Arc::clone(&api), self.tls.clone(), stopped.clone());
            open.spawn(async move {
                connection::run(api, stream, tls, via, stopped).await;
                drop(place);
            });
        }
        drop(self.socket);
        while open.join_next().await.is_some() {}
    }
}
