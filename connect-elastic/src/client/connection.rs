//! One connection: a request, then its answer, then the next.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::RETRY_AFTER;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};

use super::dial::Stream;
use super::kept::{Keep, Kept};
use super::reply::{Reply, Trouble};
use crate::body::Stream as Body;

/// Bytes that are read, or written, at once. Answers are short, and bodies are in chunks already.
const AT_ONCE: usize = 128 << 10;
/// Longest answer that is read. That of a bulk request with nothing but errors is far shorter.
const LONGEST_REPLY: usize = 64 << 20;
/// An answer may pause for the read timeout, and take this many times as long in all.
const WHOLE_REPLY: u32 = 10;

/// The same request again; its body is shared.
pub(super) fn copy(request: &Request<Body>) -> Request<Body> {
    let mut copy = Request::new(request.body().clone());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy
}

/// A connection to a node.
pub(super) struct Connection {
    sender: SendRequest<Body>,
    used: bool,
}

impl Connection {
    /// Speaks HTTP over a stream.
    pub(super) async fn open(stream: Box<dyn Stream>) -> Result<Self, Trouble> {
        let opened = http1::Builder::new().max_buf_size(AT_ONCE).handshake(TokioIo::new(stream)).await;
        let (sender, driver) = opened.map_err(|error| Trouble::connect(format!("cannot begin HTTP: {error}")))?;
        // It ends with the sender, or with the connection; what went wrong is told by the request.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Self { sender, used: false })
    }

    /// Whether another request can be sent.
    pub(super) fn is_usable(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends a request and reads the answer, of which the body is kept as said. With `silence` of zero there is no limit.
    pub(super) async fn send(
        &mut self,
        request: Request<Body>,
        silence: Duration,
        keep: Keep,
    ) -> Result<Reply, Trouble> {
        let reused = std::mem::replace(&mut self.used, true);
        let sending = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let answer = within(silence, sending).await.ok_or_else(|| Trouble::silent(silence))?;
        let response = answer.map_err(|error| Trouble::broken(&error, reused))?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let body = read(response.into_body(), silence, keep).await?;
        Ok(Reply { status, retry_after, body })
    }
}

async fn read(mut body: Incoming, silence: Duration, keep: Keep) -> Result<Bytes, Trouble> {
    let deadline = (silence > Duration::ZERO).then(|| Instant::now() + silence.saturating_mul(WHOLE_REPLY));
    let mut kept = Kept::new(keep);
    let mut length = 0;
    while let Some(frame) = within(silence, body.frame()).await.ok_or_else(|| Trouble::silent(silence))? {
        let frame = frame.map_err(|error| Trouble::broken(&error, false))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        kept.add(data);
        if length > LONGEST_REPLY {
            return Err(Trouble::unfit(format!("the answer is longer than {LONGEST_REPLY} bytes")));
        }
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(Trouble::silent(silence.saturating_mul(WHOLE_REPLY)));
        }
    }
    Ok(kept.finish())
}

async fn within<T>(limit: Duration, what: impl Future<Output = T>) -> Option<T> {
    if limit == Duration::ZERO { Some(what.await) } else { timeout(limit, what).await.ok() }
}
