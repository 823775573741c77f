//! A server that takes its time, and remembers how much it had to do at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::Result;

/// What a server has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    documents: AtomicU64,
    load: Mutex<Load>,
}

/// Requests and their bytes: now, and when there were most bytes.
#[derive(Debug, Default)]
struct Load {
    now: (u64, u64),
    most: (u64, u64),
}

impl Seen {
    /// Documents that were answered.
    pub(crate) fn documents(&self) -> u64 {
        self.documents.load(Ordering::Relaxed)
    }

    /// Requests and bytes under way when there were most bytes.
    pub(crate) fn most(&self) -> (u64, u64) {
        self.load.lock().unwrap_or_else(PoisonError::into_inner).most
    }

    fn begin(&self, bytes: u64) {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        load.now = (load.now.0 + 1, load.now.1 + bytes);
        if load.now.1 > load.most.1 {
            load.most = load.now;
        }
    }

    fn end(&self, bytes: u64, documents: u64) {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        load.now = (load.now.0 - 1, load.now.1 - bytes);
        drop(load);
        self.documents.fetch_add(documents, Ordering::Relaxed);
    }
}

/// A server that answers bulk requests so long after they are read; its URL.
pub(crate) async fn listen(after: Duration) -> Result<(String, Arc<Seen>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let seen = Arc::clone(&shared);
            // It ends when the other side goes.
            tokio::spawn(async move { drop(serve(BufStream::new(stream), &seen, after).await) });
        }
    });
    Ok((url, seen))
}

async fn serve(mut stream: BufStream<TcpStream>, seen: &Seen, after: Duration) -> Result<()> {
    loop {
        let (mut length, mut line, mut bulk) = (0, String::new(), None);
        while line != "\r\n" {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            bulk.get_or_insert(line.contains("/_bulk"));
            if let Some((_, value)) = line.to_ascii_lowercase().split_once("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let mut answer = "{}".to_owned();
        if bulk == Some(true) {
            let documents = body.iter().filter(|byte| **byte == b'\n').count() / 2;
            seen.begin(length as u64);
            sleep(after).await;
            seen.end(length as u64, documents as u64);
            let items = vec![r#"{"index":{"status":201}}"#; documents].join(",");
            answer = format!(r#"{{"errors":false,"took":30,"items":[{items}]}}"#);
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
    }
}
