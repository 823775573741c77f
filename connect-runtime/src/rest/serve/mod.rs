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
use super::settings::{Listener, OPEN, authority};

/// How long requests that are under way may take when the server ends.
const GRACE: Duration = Duration::from_secs(5);

/// A REST interface that is served. Dropping it ends it at once.
#[derive(Debug)]
pub struct RestServer {
    addresses: Vec<SocketAddr>,
    url: String,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl RestServer {
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

    /// Accepts nobody any more, and waits for the requests that are under way, for 5 seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        // What does not end is ended with `self`.
        let _ = timeout(GRACE, ended).await;
    }
}

/// Listens everywhere, and answers from then on.
pub(crate) async fn serve(api: Arc<Api>) -> Result<RestServer> {
    let checked = api.checked.clone();
    let own_admin = checked.admin.as_deref().unwrap_or_default();
    let kind = if checked.admin.is_some() { Kind::WithoutAdmin } else { Kind::All };
    let main = checked.listeners.iter().map(|listener| ("listeners", listener, kind, &checked.tls));
    let admin = own_admin.iter().map(|listener| ("admin.listeners", listener, Kind::Admin, &checked.admin_tls));
    let connections = Arc::new(Semaphore::new(api.config.connections_max.min(Semaphore::MAX_PERMITS)));
    let (stop, stopped) = watch::channel(false);
    let mut bound = Vec::new();
    for (key, listener, kind, tls) in main.chain(admin) {
        let socket = bind(&api, key, listener).await?;
        let address = socket.local_addr().map_err(|error| failed(key, listener, &error))?;
        let tls = tls.clone().filter(|_| listener.https).map(TlsAcceptor::from);
        bound.push((listener, address, Accept { socket, kind, tls }));
    }
    let url = advertised(&api, &bound.iter().map(|(listener, address, _)| (*listener, *address)).collect::<Vec<_>>());
    let mut addresses = Vec::new();
    let mut tasks = JoinSet::new();
    for (_, address, accept) in bound {
        addresses.push(address);
        tasks.spawn(accept.run(Arc::clone(&api), Arc::clone(&connections), stopped.clone()));
    }
    Ok(RestServer { addresses, url, stop, tasks })
}

async fn bind(api: &Api, key: &str, listener: &Listener) -> Result<TcpListener> {
    let found = lookup_host(listener.address()).await.map_err(|error| failed(key, listener, &error))?;
    let found: Vec<_> = found.collect();
    // Only now a host name says which address it stands for.
    if !api.checked.auth.is_decided() && found.iter().any(|address| !address.ip().is_loopback()) {
        return Err(Error::config(format!("{key}: {listener}: {OPEN}")));
    }
    TcpListener::bind(found.as_slice()).await.map_err(|error| failed(key, listener, &error))
}

fn failed(key: &str, listener: &Listener, error: &std::io::Error) -> Error {
    Error::config(format!("{key}: cannot listen at {listener}: {error}"))
}

/// What others are told to connect to.
fn advertised(api: &Api, bound: &[(&Listener, SocketAddr)]) -> String {
    let wanted = api.config.advertised_listener.as_deref();
    let is_wanted = |listener: &Listener| wanted.is_none_or(|scheme| listener.scheme().eq_ignore_ascii_case(scheme));
    let Some((listener, address)) = bound.iter().find(|(listener, _)| is_wanted(listener)) else {
        return String::new();
    };
    let ip = address.ip();
    let everywhere = if ip.is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { ip }.to_string();
    let host = api.config.advertised_host.as_deref().or(listener.host.as_deref().filter(|_| !ip.is_unspecified()));
    let port = api.config.advertised_port.unwrap_or(address.port());
    format!("{}://{}/", listener.scheme(), authority(host.unwrap_or(&everywhere), port))
}
