//! A running worker's REST interface, as a client.

mod metrics;
#[cfg(test)]
mod tests;

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(crate) use metrics::Metrics;

use crate::output::plain;

/// How long an answer may take: a worker's own deadline is 90 seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(100);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// No answer of a worker is larger.
const LONGEST: usize = 64 << 20;

/// A worker, by the address of its REST interface.
pub(crate) struct Remote {
    host: String,
    port: u16,
    /// What stands before every path, without a slash at its end.
    prefix: String,
    authorization: Option<String>,
}

/// What a worker answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The header `Date`.
    pub(crate) date: Option<String>,
    body: Bytes,
}

impl Remote {
    /// `token` is what a bearer token is, or `user:password`; see the help of the commands.
    ///
    /// # Errors
    /// The URL is none of a worker.
    pub(crate) fn new(url: &str, token: Option<&str>, user: Option<&str>) -> Result<Self, String> {
        let wrong = |why: &str| format!("--url {url:?}: {why}");
        let uri: Uri = url.parse().map_err(|error| wrong(&format!("is no URL: {error}")))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(wrong("https is not spoken here; ask the worker where it listens with http")),
            _ => return Err(wrong("expected http://HOST:PORT")),
        }
        let host = uri.host().ok_or_else(|| wrong("has no host"))?;
        let authorization = match (token, user) {
            (Some(token), _) => Some(format!("Bearer {}", token.trim())),
            (None, Some(user)) => Some(format!("Basic {}", base64(user.trim().as_bytes()))),
            (None, None) => None,
        };
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: uri.port_u16().unwrap_or(80),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            authorization,
        })
    }

    /// # Errors
    /// There was no answer, or one that says no, or is not JSON.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, String> {
        self.ask(Method::GET, path, None).await?.json(path)
    }

    /// # Errors
    /// As [`get`](Self::get).
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.ask(Method::PUT, path, Some(body)).await?.json(path)
    }

    /// What the worker measures; none when it does not say.
    pub(crate) async fn metrics(&self) -> Option<Metrics> {
        let answer = self.ask(Method::GET, "/metrics", None).await.ok()?;
        answer.status.is_success().then(|| Metrics::read(&answer.text()))
    }

    /// # Errors
    /// There was no answer.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        let at = format!("{}:{}", self.host, self.port);
        match timeout(ANSWER_WITHIN, self.exchange(method, path, body)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(format!("the worker at {at} did not answer: {error}")),
            Err(_) => Err(format!("the worker at {at} did not answer within {ANSWER_WITHIN:?}")),
        }
    }

    async fn exchange(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let stream = timeout(CONNECT_WITHIN, TcpStream::connect((self.host.as_str(), self.port)))
            .await
            .map_err(|_| format!("no connection within {CONNECT_WITHIN:?}"))?
            .map_err(|error| said(&error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| said(&error))?;
        // It ends with the sender.
        tokio::spawn(connection);
        let bytes = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header(HOST, format!("{}:{}", self.host, self.port))
            .header(ACCEPT, "*/*");
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(bytes)).map_err(|error| said(&error))?;
        let response = sender.send_request(request).await.map_err(|error| said(&error))?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST).collect().await.map_err(|error| said(&error))?;
        Ok(Answer { status, date, body: body.to_bytes() })
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self, path: &str) -> Result<Value, String> {
        let body: Value = match serde_json::from_slice(&self.body) {
            _ if self.body.is_empty() => Value::Null,
            Ok(body) => body,
            Err(error) if self.status.is_success() => return Err(format!("{path}: the answer is no JSON: {error}")),
            Err(_) => Value::Null,
        };
        if self.status.is_success() {
            return Ok(body);
        }
        let told = plain(body["message"].as_str().unwrap_or("no message"));
        let hint = match self.status.as_u16() {
            401 => "; set CONNECT_REST_TOKEN, or CONNECT_REST_USER to user:password",
            _ => "",
        };
        Err(format!("{path}: {}: {told}{hint}", self.status.as_u16()))
    }
}

/// A name as a segment of a path.
pub(crate) fn segment(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63] as char;
            text.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
    text
}
