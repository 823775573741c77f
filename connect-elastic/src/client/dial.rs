//! From a node to a stream of bytes: TCP, a proxy's tunnel, TLS.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::node::Node;
use super::reply::Trouble;
use super::tls::explain;
use super::{ClientSettings, Proxy};

/// Longest answer of a proxy to the request for a tunnel.
const LONGEST_ANSWER: usize = 8 * 1024;

/// A stream, whatever it is made of.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects to a node.
pub(super) async fn dial(
    node: &Node,
    settings: &ClientSettings,
    tls: Option<&TlsConnector>,
) -> Result<Box<dyn Stream>, Trouble> {
    let connecting = async {
        let (host, port) = match &settings.proxy {
            Some(proxy) => (proxy.host.as_str(), proxy.port),
            None => (node.host.as_str(), node.port),
        };
        let refused = |error: io::Error| Trouble::connect(format!("cannot connect to {host}:{port}: {error}"));
        let mut stream = TcpStream::connect((host, port)).await.map_err(refused)?;
        // Small requests must not wait for the acknowledgement of earlier ones.
        let _ = stream.set_nodelay(true);
        let Some(connector) = tls.filter(|_| node.tls) else { return Ok(Box::new(stream) as Box<dyn Stream>) };
        if let Some(proxy) = &settings.proxy {
            tunnel(&mut stream, node, proxy).await?;
        }
        let name = ServerName::try_from(node.host.clone())
            .map_err(|_| Trouble::unfit(format!("{:?} is no name that a certificate can have", node.host)))?;
        let stream = connector.connect(name, stream).await.map_err(|error| explain(&error, node))?;
        Ok(Box::new(stream) as Box<dyn Stream>)
    };
    // Nothing means for ever, as in Java.
    if settings.connect_timeout == Duration::ZERO {
        return connecting.await;
    }
    match timeout(settings.connect_timeout, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(Trouble::connect(format!("no connection to {node} within {:?}", settings.connect_timeout))),
    }
}

async fn tunnel(stream: &mut TcpStream, node: &Node, proxy: &Proxy) -> Result<(), Trouble> {
    let place = format!("{}:{}", proxy.host, proxy.port);
    let broken = |error: io::Error| Trouble::connect(format!("the proxy {place} gave no tunnel to {node}: {error}"));
    let target = if node.host.contains(':') {
        format!("[{}]:{}", node.host, node.port)
    } else {
        format!("{}:{}", node.host, node.port)
    };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(value) = proxy.auth.as_ref().and_then(super::Auth::header) {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await.map_err(broken)?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the head belongs to TLS.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() > LONGEST_ANSWER {
            return Err(Trouble::connect(format!("the proxy {place} answered at too great length")));
        }
        answer.push(stream.read_u8().await.map_err(broken)?);
    }
    let head = String::from_utf8_lossy(&answer);
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        return Ok(());
    }
    let line = head.lines().next().unwrap_or_default();
    let message = format!("the proxy {place} gave no tunnel to {node}: {line}");
    // That it does not want to is no matter of time.
    Err(if status.starts_with('4') { Trouble::unfit(message) } else { Trouble::connect(message) })
}
