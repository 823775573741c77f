//! A way to a server on which its refusals are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::server::Server;

/// How answers begin that refuse a request for its size.
const REFUSAL: &[u8] = b"HTTP/1.1 413 ";

/// It ends when it is dropped.
pub(crate) struct Relay {
    pub(crate) url: String,
    refusals: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Relay {
    pub(crate) async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let behind = server.url.strip_prefix("http://").expect("the URL is one of http").to_owned();
        let refusals = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&refusals);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (behind, counted) = (behind.clone(), Arc::clone(&counted));
                tokio::spawn(async move { drop(relay(client, &behind, &counted).await) });
            }
        });
        Self { url, refusals, task }
    }

    /// How often the server answered with status 413.
    pub(crate) fn refusals(&self) -> usize {
        self.refusals.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(client: TcpStream, behind: &str, counted: &AtomicUsize) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(behind).await?.into_split();
    tokio::spawn(async move {
        drop(tokio::io::copy(&mut from_client, &mut to_server).await);
        drop(to_server.shutdown().await);
    });
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from_server.read(&mut buffer).await?;
        if length == 0 {
            return to_client.shutdown().await;
        }
        // An answer begins what is read: nothing is asked before the one before has come.
        counted.fetch_add(usize::from(buffer[..length].starts_with(REFUSAL)), Ordering::Relaxed);
        to_client.write_all(&buffer[..length]).await?;
    }
}
