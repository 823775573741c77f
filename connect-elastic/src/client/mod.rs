//! A thin client: one request at a time over pooled connections to many nodes.
//!
//! One call is one attempt on one node. Who repeats it, and when, is decided by those who call.

mod auth;
mod aws;
mod connection;
mod dial;
mod kept;
mod node;
mod pool;
mod reply;
mod server;
mod sniff;
mod tls;

#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use connect_api::{Error, Result};
use connect_tls::Tls;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

pub(crate) use auth::Auth;
pub(crate) use aws::{Aws, Credentials, Proof, Role, Source, Sts};
pub(crate) use kept::{HEAD, Keep};
pub(crate) use node::{Node, escape};
pub(crate) use reply::{Reply, Trouble};
pub(crate) use tls::read as read_tls;

use crate::body::{Chunks, Stream};
use connection::Connection;
use pool::Pool;

/// Where a cluster is, and how it is talked to.
#[derive(Debug, Clone)]
pub(crate) struct ClientSettings {
    pub(crate) nodes: Vec<Node>,
    /// What stands before all paths; empty or with a slash in front.
    pub(crate) prefix: String,
    pub(crate) auth: Auth,
    pub(crate) tls: Tls,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) compression: bool,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    /// How long a connection without work is kept; for ever when absent.
    pub(crate) idle: Option<Duration>,
    pub(crate) sniff: Option<Duration>,
    pub(crate) aws: Option<Aws>,
}

/// An HTTP proxy.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) auth: Option<Auth>,
}

/// A request, whichever node it goes to.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path and query, beginning with a slash.
    pub(crate) path: String,
    pub(crate) body: Chunks,
    pub(crate) content: Content,
    /// What the caller wants of the answer.
    pub(crate) keep: Keep,
}

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Nothing,
    Json,
    Bulk,
    /// Of a service that is none of the cluster's; it is answered with XML.
    Form,
}

impl Call {
    /// A request without a body.
    pub(crate) fn bare(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: Chunks::default(), content: Content::Nothing, keep: Keep::All }
    }

    /// A request with a JSON body.
    pub(crate) fn json(method: Method, path: impl Into<String>, body: &serde_json::Value) -> Self {
        Self {
            method,
            path: path.into(),
            body: Bytes::from(body.to_string()).into(),
            content: Content::Json,
            keep: Keep::All,
        }
    }
}

/// The client of one task.
pub(crate) struct Client {
    settings: ClientSettings,
    tls: Option<TlsConnector>,
    pool: Mutex<Pool>,
    /// What `settings.aws` is signed with.
    keys: Option<aws::Keys>,
    /// The server refused a compressed request.
    plain: AtomicBool,
}

impl Client {
    /// A client that has not asked anything yet.
    ///
    /// # Errors
    /// A configuration error when TLS cannot be set up.
    pub(crate) fn new(settings: ClientSettings) -> Result<Self> {
        let secure = settings.sniff.is_some() || settings.nodes.iter().any(|node| node.tls);
        let tls = secure.then(|| tls::connector(&settings.tls)).transpose().map_err(Error::config)?;
        let pool = Mutex::new(Pool::new(settings.nodes.clone(), settings.sniff));
        let keys = settings.aws.as_ref().map(|aws| aws::Keys::new(&aws.source));
        Ok(Self { settings, tls, pool, keys, plain: AtomicBool::new(false) })
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request to the node whose turn it is, and reads the answer. A node that does not answer, or is not
    /// able to serve, is left alone for a while.
    pub(crate) async fn call(&self, call: &Call) -> Result<Reply, Trouble> {
        self.sniff_if_due().await;
        let (index, node) = self.pool().pick(Instant::now());
        let answer = self.call_node(&node, call).await;
        let fine = match &answer {
            Ok(reply) => !matches!(reply.status, 502..=504),
            Err(trouble) => !trouble.is_of_node(),
        };
        self.pool().told(index, &node, fine, Instant::now());
        answer
    }

    /// Keys of AWS that the server refuses may have ended: then others are asked for, once.
    pub(super) async fn call_node(&self, node: &Arc<Node>, call: &Call) -> Result<Reply, Trouble> {
        let Some(keys) = &self.keys else { return self.attempt(node, call, None).await };
        let credentials = keys.get().await?;
        let reply = self.attempt(node, call, Some(&credentials)).await?;
        if !matches!(reply.status, 401 | 403) || !keys.refused(&credentials) {
            return Ok(reply);
        }
        let others = keys.get().await?;
        self.attempt(node, call, Some(&others)).await
    }

    async fn attempt(
        &self,
        node: &Arc<Node>,
        call: &Call,
        credentials: Option<&Arc<Credentials>>,
    ) -> Result<Reply, Trouble> {
        let compress =
            self.settings.compression && call.content == Content::Bulk && !self.plain.load(Ordering::Relaxed);
        let request = self.request(node, call, compress, credentials)?;
        let reply = self.send(node, request, call.keep).await?;
        if compress && matches!(reply.status, 400 | 415) && !self.plain.swap(true, Ordering::Relaxed) {
            let again = self.send(node, self.request(node, call, false, credentials)?, call.keep).await?;
            if again.status == reply.status {
                // It was not the compression.
                self.plain.store(false, Ordering::Relaxed);
            } else {
                tracing::warn!(%node, status = reply.status, "the server refuses compressed requests; they go uncompressed");
            }
            return Ok(again);
        }
        Ok(reply)
    }

    /// A connection that was kept may have been closed by the other side meanwhile, which shows when it is used.
    async fn send(&self, node: &Arc<Node>, request: Request<Stream>, keep: Keep) -> Result<Reply, Trouble> {
        let copy = connection::copy(&request);
        let kept = self.pool().kept(node, self.settings.idle, Instant::now());
        if let Some(mut connection) = kept {
            match connection.send(request, self.settings.read_timeout, keep).await {
                Ok(reply) => return Ok(self.keep(node, connection, reply)),
                Err(trouble) if trouble.was_stale() => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let dialled = dial::dial(node, &self.settings, self.tls.as_ref()).await?;
        let mut connection = Connection::open(dialled).await?;
        let reply = connection.send(copy, self.settings.read_timeout, keep).await?;
        Ok(self.keep(node, connection, reply))
    }

    fn keep(&self, node: &Arc<Node>, connection: Connection, reply: Reply) -> Reply {
        if connection.is_usable() {
            self.pool().keep(node, connection, Instant::now());
        }
        reply
    }

    fn request(
        &self,
        node: &Node,
        call: &Call,
        compress: bool,
        credentials: Option<&Arc<Credentials>>,
    ) -> Result<Request<Stream>, Trouble> {
        let path = format!("{}{}", self.settings.prefix, call.path);
        let through_proxy = self.settings.proxy.is_some() && !node.tls;
        let target = if through_proxy { format!("{node}{path}") } else { path.clone() };
        let body = if compress { gzip(&call.body)? } else { call.body.clone() };
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(target)
            .header(HOST, node.authority())
            .header(ACCEPT, if call.content == Content::Form { "application/xml" } else { "application/json" })
            .body(body)
            .map_err(|error| Trouble::unfit(format!("cannot ask for {path:?}: {error}")))?;
        let headers = request.headers_mut();
        match call.content {
            Content::Nothing => {}
            Content::Json => drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"))),
            Content::Form => {
                let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
                headers.insert(CONTENT_TYPE, form);
            }
            Content::Bulk => drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"))),
        }
        if compress {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(value) = self.settings.auth.header() {
            headers.insert(AUTHORIZATION, value);
        }
        if let Some(value) =
            self.settings.proxy.as_ref().filter(|_| through_proxy).and_then(|p| p.auth.as_ref()?.header())
        {
            headers.insert(hyper::header::PROXY_AUTHORIZATION, value);
        }
        if let (Some(aws), Some(credentials)) = (&self.settings.aws, credentials) {
            aws.sign(credentials, &mut request, &path, node)?;
        }
        Ok(request.map(Chunks::into_body))
    }
}

fn gzip(body: &Chunks) -> Result<Chunks, Trouble> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 4), flate2::Compression::fast());
    let written = body.parts().try_for_each(|part| encoder.write_all(part)).and_then(|()| encoder.finish());
    written
        .map(|bytes| Bytes::from(bytes).into())
        .map_err(|error| Trouble::unfit(format!("cannot compress a request: {error}")))
}
