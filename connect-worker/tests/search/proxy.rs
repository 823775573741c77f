//! Between the sink and its server: passes requests on, and spoils some of them.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::random::Random;

/// Longer than the sink waits for an answer.
const SILENCE: Duration = Duration::from_secs(30);

/// What was done to bulk requests, by kind.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) passed: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) reset: AtomicU64,
    pub(crate) torn: AtomicU64,
    pub(crate) silent: AtomicU64,
    pub(crate) partly: AtomicU64,
    /// The server was not there.
    pub(crate) away: AtomicU64,
}

struct Proxy {
    server: String,
    random: Mutex<Random>,
    done: Arc<Done>,
}

/// Starts it; where it listens, and what it does.
pub(crate) async fn start(server: &str, random: Random) -> (SocketAddr, Arc<Done>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let done = Arc::new(Done::default());
    let server = host(server).to_owned();
    let proxy = Arc::new(Proxy { server, random: Mutex::new(random), done: Arc::clone(&done) });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let proxy = Arc::clone(&proxy);
            // A client that is killed breaks off.
            tokio::spawn(async move { proxy.serve(BufStream::new(stream)).await });
        }
    });
    (address, done)
}

/// What a URL says after its scheme.
fn host(url: &str) -> &str {
    url.strip_prefix("http://").expect("a URL of http")
}

struct Message {
    line: String,
    body: Vec<u8>,
}

async fn read(stream: &mut BufStream<TcpStream>) -> io::Result<Message> {
    let (mut first, mut length, mut chunked) = (String::new(), 0, false);
    if stream.read_line(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        chunked |= line == "transfer-encoding: chunked";
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    if chunked {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            let start = body.len();
            body.resize(start + size + 2, 0);
            stream.read_exact(&mut body[start..]).await?;
            body.truncate(start + size);
            if size == 0 {
                break;
            }
        }
    } else {
        stream.read_exact(&mut body).await?;
    }
    Ok(Message { line: first.trim_end().to_owned(), body })
}

impl Proxy {
    async fn serve(&self, mut client: BufStream<TcpStream>) -> io::Result<()> {
        loop {
            let request = read(&mut client).await?;
            let is_bulk = request.line.contains("/_bulk");
            let (chance, status, at) = {
                let mut random = self.random.lock().expect("nobody panicked");
                (random.below(100), [429, 503, 429, 502][random.below(4) as usize], random.below(1 << 20))
            };
            let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
            match chance {
                _ if !is_bulk => self.pass(&mut client, &request, &request.body, Vec::new()).await?,
                0..6 => {
                    count(&self.done.refused);
                    let kind = if status == 429 { "es_rejected_execution_exception" } else { "" };
                    answer(&mut client, status, json!({ "error": { "type": kind, "reason": "busy" } }).to_string())
                        .await?;
                }
                6..9 => {
                    count(&self.done.reset);
                    client.get_ref().set_zero_linger()?;
                    return Ok(());
                }
                9..12 => {
                    count(&self.done.torn);
                    let (line, body) = forward(&self.server, &request, &request.body).await?;
                    let head = format!("{line}\r\nContent-Length: {}\r\n\r\n", body.len());
                    client.write_all(head.as_bytes()).await?;
                    client.write_all(&body[..body.len() / 2]).await?;
                    client.flush().await?;
                    client.get_ref().set_zero_linger()?;
                    return Ok(());
                }
                12..14 => {
                    count(&self.done.silent);
                    if chance == 12 {
                        let _ = forward(&self.server, &request, &request.body).await?;
                    }
                    sleep(SILENCE).await;
                    return Ok(());
                }
                14..20 => {
                    count(&self.done.partly);
                    let (body, refused) = part(&request.body, at);
                    self.pass(&mut client, &request, &body, refused).await?;
                }
                _ => {
                    count(&self.done.passed);
                    self.pass(&mut client, &request, &request.body, Vec::new()).await?;
                }
            }
        }
    }

    /// Lets the server answer. The actions with these names are refused in addition, as when its queue is full.
    async fn pass(
        &self,
        client: &mut BufStream<TcpStream>,
        request: &Message,
        body: &[u8],
        refused: Vec<String>,
    ) -> io::Result<()> {
        let Ok((line, mut body)) = forward(&self.server, request, body).await else {
            self.done.away.fetch_add(1, Ordering::Relaxed);
            client.get_ref().set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        };
        let status = line.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(500);
        if !refused.is_empty() && status == 200 {
            let mut told: Value = serde_json::from_slice(&body)?;
            let error = json!({ "type": "rejected_execution_exception", "reason": "rejected execution" });
            let items = refused.into_iter().map(|action| json!({ action: { "status": 429, "error": error } }));
            told["errors"] = true.into();
            told["items"].as_array_mut().ok_or_else(|| io::Error::other("no items"))?.extend(items);
            body = told.to_string().into_bytes();
        }
        if request.line.starts_with("HEAD ") {
            client.write_all(format!("{line}\r\nContent-Length: 0\r\n\r\n").as_bytes()).await?;
            return client.flush().await;
        }
        answer(client, status, body).await
    }
}

/// The first line and the body of the server's answer.
async fn forward(server: &str, request: &Message, body: &[u8]) -> io::Result<(String, Vec<u8>)> {
    let mut stream = BufStream::new(TcpStream::connect(server).await?);
    let kind = if request.line.contains("/_bulk") { "application/x-ndjson" } else { "application/json" };
    let head = format!(
        "{}\r\nHost: {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        request.line,
        server,
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await?;
    if request.line.starts_with("HEAD ") {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        return Ok((line.trim_end().to_owned(), Vec::new()));
    }
    read(&mut stream).await.map(|answer| (answer.line, answer.body))
}

/// The first actions of a body, and the names of those that are left out.
fn part(body: &[u8], at: u64) -> (Vec<u8>, Vec<String>) {
    let mut actions: Vec<(&[u8], &str)> = Vec::new();
    let mut lines = body.split_inclusive(|byte| *byte == b'\n');
    let mut start = 0;
    while let Some(line) = lines.next() {
        let name = if line.starts_with(b"{\"delete\"") { "delete" } else { "index" };
        let end = start + line.len() + if name == "delete" { 0 } else { lines.next().unwrap_or_default().len() };
        actions.push((&body[start..end], name));
        start = end;
    }
    let kept = 1 + (at as usize) % actions.len();
    let refused = actions[kept..].iter().map(|(_, name)| (*name).to_owned()).collect();
    (actions[..kept].iter().flat_map(|(text, _)| text.iter().copied()).collect(), refused)
}

async fn answer(client: &mut BufStream<TcpStream>, status: u16, body: impl AsRef<[u8]>) -> io::Result<()> {
    let body = body.as_ref();
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    client.write_all(head.as_bytes()).await?;
    client.write_all(body).await?;
    client.flush().await
}

/// A request of the test's own, which nobody spoils.
pub(crate) async fn ask(server: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = Message { line: format!("{method} {path} HTTP/1.1"), body: Vec::new() };
    let (line, body) = forward(host(server), &request, body.as_bytes()).await.expect("the server answers");
    let status = line.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}
