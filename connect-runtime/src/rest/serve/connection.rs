//! One connection.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::stall::Stall;
use crate::rest::api::Api;
use crate::rest::gate::Via;
use crate::rest::service::answer;

/// Bytes of a request's head.
const MAX_HEAD: usize = 32 << 10;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Answers all requests of a connection.
pub(super) async fn run(
    api: Arc<Api>,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    via: Via,
    stopped: watch::Receiver<bool>,
) {
    // Answers are small, and whoever asks waits for them.
    let _ = stream.set_nodelay(true);
    let peer = via.peer;
    let ended = match tls {
        None => requests(api, stream, via, stopped).await,
        Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => requests(api, stream, via, stopped).await,
            Ok(Err(error)) => return tracing::debug!(%peer, %error, "no TLS with a client of the REST interface"),
            Err(_) => return tracing::debug!(%peer, "a client of the REST interface did not end its TLS handshake"),
        },
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection to the REST interface ended");
    }
}

async fn requests(
    api: Arc<Api>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    via: Via,
    mut stopped: watch::Receiver<bool>,
) -> hyper::Result<()> {
    let patience = api.config.connection_timeout.duration();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let api = Arc::clone(&api);
        async move {
            request.extensions_mut().insert(via);
            Ok::<Response<Body>, std::convert::Infallible>(answer(&api, request.map(Body::new)).await)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(MAX_HEAD);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(Stall::new(stream, patience)), service));
    tokio::select! {
        biased;
        ended = &mut connection => return ended,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}
