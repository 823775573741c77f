//! HTTP, as little of it as is needed.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Asked, FOR_EVER, Fault, State, bulk};

type Shared = Arc<Mutex<State>>;

pub(super) async fn serve(stream: TcpStream, state: Shared) {
    let mut stream = BufStream::new(stream);
    state.lock().unwrap().connections += 1;
    while let Ok(Some(asked)) = read(&mut stream, &state).await {
        match answer(&mut stream, asked, &state).await {
            Ok(true) => {}
            _ => return,
        }
    }
}

async fn read(stream: &mut BufStream<TcpStream>, state: &Shared) -> io::Result<Option<Asked>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    // As proxies are asked.
    let path = match path.strip_prefix("http://").and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => format!("/{path}"),
        None => path,
    };
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
        .collect();
    let mut asked = Asked { method, path, headers, body: Vec::new() };
    let length = asked.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let torn = {
        let mut state = state.lock().unwrap();
        let torn = match state.faults.front() {
            Some(Fault::ResetInBody(after)) if asked.is_bulk() && length > *after => Some(*after),
            _ => None,
        };
        if torn.is_some() {
            state.faults.pop_front();
            state.asked.push(asked.clone());
        }
        torn
    };
    if let Some(after) = torn {
        stream.read_exact(&mut vec![0; after]).await?;
        stream.get_ref().set_zero_linger()?;
        return Ok(None);
    }
    asked.body = vec![0; length];
    stream.read_exact(&mut asked.body).await?;
    if asked.header("content-encoding") == Some("gzip") {
        let mut plain = Vec::new();
        io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&asked.body[..]), &mut plain)?;
        asked.body = plain;
    }
    Ok(Some(asked))
}

/// Answers; says whether the connection goes on.
async fn answer(stream: &mut BufStream<TcpStream>, asked: Asked, state: &Shared) -> io::Result<bool> {
    let is_bulk = asked.is_bulk();
    let fault = {
        let mut state = state.lock().unwrap();
        state.asked.push(asked.clone());
        let next = if is_bulk { state.faults.pop_front() } else { state.other_faults.pop_front() };
        let always = state.always.clone().filter(|_| is_bulk);
        next.or(always).unwrap_or(Fault::None)
    };
    let keys = if is_bulk { bulk::keys(&asked.body) } else { Vec::new() };
    if is_bulk {
        state.lock().unwrap().begin(&keys);
    }
    if let Fault::Delay(time) = &fault {
        sleep(*time).await;
    }
    let head = asked.method == "HEAD";
    let outcome = match &fault {
        Fault::Reset => {
            let _ = stream.get_ref().set_zero_linger();
            Ok(false)
        }
        Fault::Status(status, body) => write(stream, *status, body, "", head).await,
        Fault::RetryAfter(status, seconds) => {
            write(stream, *status, "", &format!("Retry-After: {seconds}\r\n"), head).await
        }
        Fault::Limit(limit) if asked.body.len() > *limit => write(stream, 413, "", "", head).await,
        Fault::Poison(text) if String::from_utf8_lossy(&asked.body).contains(text) => {
            let (status, body) = super::error(400, "action_request_validation_exception", "Validation Failed");
            write(stream, status, &body.to_string(), "", head).await
        }
        _ => {
            let (status, body) =
                if is_bulk { state.lock().unwrap().bulk(&asked, &fault) } else { state.lock().unwrap().other(&asked) };
            let text = if body.is_null() { String::new() } else { body.to_string() };
            match &fault {
                Fault::ResetInReply => {
                    let start = &text.as_bytes()[..text.len() / 2];
                    let line = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", text.len());
                    stream.write_all(line.as_bytes()).await?;
                    stream.write_all(start).await?;
                    stream.flush().await?;
                    Ok(false)
                }
                Fault::Drip => {
                    let line = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", text.len() + 1_000_000);
                    stream.write_all(line.as_bytes()).await?;
                    let until = tokio::time::Instant::now() + FOR_EVER;
                    while tokio::time::Instant::now() < until {
                        stream.write_all(b" ").await?;
                        stream.flush().await?;
                        sleep(Duration::from_millis(500)).await;
                    }
                    Ok(false)
                }
                Fault::Nonsense(text) => write(stream, 200, text, "", head).await,
                _ => write(stream, status, &text, "", head).await,
            }
        }
    };
    if is_bulk {
        state.lock().unwrap().end(&keys);
    }
    outcome
}

async fn write(stream: &mut BufStream<TcpStream>, status: u16, body: &str, more: &str, head: bool) -> io::Result<bool> {
    let line = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(line.as_bytes()).await?;
    if !head {
        stream.write_all(body.as_bytes()).await?;
    }
    stream.flush().await?;
    Ok(true)
}

impl State {
    fn other(&mut self, asked: &Asked) -> (u16, serde_json::Value) {
        let body = serde_json::from_slice(&asked.body).unwrap_or_default();
        if asked.path == "/" {
            let root = json!({ "version": { "number": "8.19.0", "build_flavor": "default" } });
            return (200, self.root.clone().unwrap_or(root));
        }
        if let Some((_, answer)) = self.answers.iter().find(|(path, _)| asked.path.starts_with(path)) {
            return (200, answer.clone());
        }
        self.store.other(&asked.method, &asked.path, body)
    }
}
