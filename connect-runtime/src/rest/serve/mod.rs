//! Listening, and connections.

mod accept;
mod connection;
mod stall;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use connect_api::{Error, Result};
use tokio::net::{TcpListener, lookup_host};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use self::accept::Accept;
use super::api::Api;
use super::gate::Kind;
use super::settings::{Checked, Listener, OPEN, RestConfig, authority};

/// How long requests that are under way may take when the server ends.
const GRACE: Duration = Duration::from_secs(5);

/// Addresses that are listened at, and where nobody answers yet.
///
/// A worker is known by the address of its REST interface, so this is there before the worker is.
#[derive(Debug)]
pub struct RestListeners {
    sockets: Vec<Accept>,
    addresses: Vec<SocketAddr>,
    url: String,
}

impl RestListeners {
    /// Listens at all addresses of the settings.
    ///
    /// # Errors
    /// What is wrong with the settings, or an address that cannot be listened at, with its key; also one that other
    /// machines reach although nobody said what `rest.auth` is.
    pub async fn bind(config: &RestConfig) -> Result<Self> {
        let checked = config.checked().map_err(|errors| Error::config(errors.to_string()))?;
        let kind = if checked.admin.is_some() { Kind::WithoutAdmin } else { Kind::All };
        let main = checked.listeners.iter().map(|listener| ("listeners", listener, kind, &checked.tls));
        let admin = checked.admin.iter().flatten();
        let admin = admin.map(|listener| ("admin.listeners", listener, Kind::Admin, &checked.admin_tls));
        let (mut sockets, mut addresses) = (Vec::new(), Vec::new());
        for (key, listener, kind, tls) in main.chain(admin) {
            let socket = bind(&checked, key, listener).await?;
            addresses.push(socket.local_addr().map_err(|error| failed(key, listener, error))?);
            let tls = tls.clone().filter(|_| listener.https).map(TlsAcceptor::from);
            sockets.push(Accept { socket, kind, tls });
        }
        let url = advertised(config, checked.listeners.iter().zip(&addresses));
        Ok(Self { sockets, addresses, url })
    }

    /// Where it listens, first the `listeners`, then the `admin.listeners`, with the ports that were taken.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What others reach it at: the first listener, or what `rest.advertised.*` says. It ends with a slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port of [`url`](Self::url), which is what a worker is called in statuses.
    #[must_use]
    pub fn worker_id(&self) -> &str {
        let authority = self.url.split_once("://").map_or(self.url.as_str(), |(_, authority)| authority);
        authority.trim_end_matches('/')
    }
}

/// A REST interface that is served. Dropping it ends it at once.
#[derive(Debug)]
pub struct RestServer {
    addresses: Vec<SocketAddr>,
    url: String,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl RestServer {
    /// As [`RestListeners::addresses`].
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// As [`RestListeners::url`].
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Accepts nobody any more, and waits for the requests that are under way, for 5 seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        // What does not end is ended with `self`.
        let _ = timeout(GRACE, ended).await;
    }
}

/// Answers whoever comes.
pub(crate) fn serve(api: &Arc<Api>, listeners: RestListeners) -> RestServer {
    let connections = Arc::new(Semaphore::new(api.config.connections_max.min(Semaphore::MAX_PERMITS)));
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for accept in listeners.sockets {
        tasks.spawn(accept.run(Arc::clone(api), Arc::clone(&connections), stopped.clone()));
    }
    RestServer { addresses: listeners.addresses, url: listeners.url, stop, tasks }
}

async fn bind(checked: &Checked, key: &str, listener: &Listener) -> Result<TcpListener> {
    let found = lookup_host(listener.address()).await.map_err(|error| failed(key, listener, error))?;
    let found: Vec<_> = found.collect();
    // Only now a host name says which address it stands for.
    if !checked.auth.is_decided() && found.iter().any(|address| !address.ip().is_loopback()) {
        return Err(Error::config(format!("{key}: {listener}: {OPEN}")));
    }
    TcpListener::bind(found.as_slice()).await.map_err(|error| failed(key, listener, error))
}

fn failed(key: &str, listener: &Listener, error: std::io::Error) -> Error {
    Error::config(format!("{key}: cannot listen at {listener}: {error}")).with_source(error)
}

/// What others are told to connect to.
fn advertised<'a>(config: &RestConfig, mut bound: impl Iterator<Item = (&'a Listener, &'a SocketAddr)>) -> String {
    let wanted = config.advertised_listener.as_deref();
    let is_wanted = |listener: &Listener| wanted.is_none_or(|scheme| listener.scheme().eq_ignore_ascii_case(scheme));
    let Some((listener, address)) = bound.find(|(listener, _)| is_wanted(listener)) else { return String::new() };
    let ip = address.ip();
    let everywhere = if ip.is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { ip }.to_string();
    let host = config.advertised_host.as_deref().or(listener.host.as_deref().filter(|_| !ip.is_unspecified()));
    let port = config.advertised_port.unwrap_or(address.port());
    format!("{}://{}/", listener.scheme(), authority(host.unwrap_or(&everywhere), port))
}
