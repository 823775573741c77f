//! The embedded broker on a TCP port, for other processes and for real Kafka clients.
//!
//! A connection is one task, which answers one request after the other, as Kafka does. There is no encryption and no
//! authentication.

mod apis;
mod connection;
mod dispatch;
mod handle;
mod schema;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::EmbeddedBroker;
use handle::Front;

/// How to listen.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListenOptions {
    /// Where. A free port of 127.0.0.1.
    pub address: SocketAddr,
    /// Host and port that clients are told to connect to; the address itself if `None`.
    pub advertised: Option<(String, u16)>,
    /// `auto.create.topics.enable`: whether asking for a topic creates it. On, as in Kafka.
    pub auto_create_topics: bool,
    /// `socket.request.max.bytes`: a larger request closes its connection. 100 MiB.
    pub max_request_bytes: usize,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            advertised: None,
            auto_create_topics: true,
            max_request_bytes: 100 << 20,
        }
    }
}

/// A broker's port. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    task: AbortHandle,
}

impl Listening {
    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl EmbeddedBroker {
    /// Serves Kafka's protocol on a free port of 127.0.0.1.
    ///
    /// Panics outside a tokio runtime with I/O.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn listen(&self) -> io::Result<Listening> {
        self.listen_with(ListenOptions::default()).await
    }

    /// Serves Kafka's protocol. Whoever reaches the port may do everything.
    ///
    /// Panics outside a tokio runtime with I/O.
    ///
    /// # Errors
    /// The address cannot be listened at.
    pub async fn listen_with(&self, options: ListenOptions) -> io::Result<Listening> {
        let listener = TcpListener::bind(options.address).await?;
        let address = listener.local_addr()?;
        let front = Arc::new(Front::new(self.clone(), options, address));
        let task = tokio::spawn(accept(listener, front)).abort_handle();
        Ok(Listening { address, task })
    }
}

/// Takes connections until it is aborted; they end with it.
async fn accept(listener: TcpListener, front: Arc<Front>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    connections.spawn(connection::serve(socket, peer, front.clone()));
                }
                Err(error) => {
                    // Mostly too many open files: some connection has to end first.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
        }
    }
}
