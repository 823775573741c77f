//! One connection: requests are numbered and written in order, replies come back in the same order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::protocol::StrBytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::api::Api;
use super::frame::{self, LENGTH};
use super::tls;
use super::versions::Versions;
use crate::{BrokerError, Code, Result};

/// What an alert of TLS begins with, before the version 3.x.
const TLS_ALERT: u8 = 0x15;
/// Bytes read ahead at most when nothing is known of the next frame.
const READ_AHEAD: usize = 32 * 1024;
/// Replies without records stay below this; a cluster of a hundred thousand partitions fits.
pub(super) const REPLY_LIMIT: usize = 64 << 20;

pub(super) type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub(super) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// An open connection; dropping it closes it.
pub(super) struct Connection {
    shared: Arc<Shared>,
    client_id: StrBytes,
    versions: Versions,
    /// When the broker will not have it any longer.
    retires: Option<Instant>,
    tasks: [AbortHandle; 2],
}

struct Shared {
    /// Host and port, for errors.
    peer: String,
    state: Mutex<State>,
    /// There is something to write.
    to_write: Notify,
    /// Deadlines changed.
    asked: Notify,
}

#[derive(Default)]
struct State {
    outgoing: VecDeque<BytesMut>,
    /// Oldest first: replies come in this order.
    waiting: VecDeque<Waiting>,
    next_id: i32,
    answers: u64,
    broken: Option<BrokerError>,
}

struct Waiting {
    id: i32,
    name: &'static str,
    deadline: Instant,
    asked: Instant,
    limit: usize,
    reply: oneshot::Sender<Result<Bytes>>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("peer", &self.shared.peer).finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared
            .fail(|peer| BrokerError::new(Code::NetworkException, format!("the connection to {peer} was closed")));
    }
}

impl Connection {
    /// Takes over a stream. Without requests for `idle` it closes by itself.
    pub(super) fn start(peer: String, client_id: StrBytes, reader: Reader, writer: Writer, idle: Duration) -> Self {
        let shared = Arc::new(Shared {
            peer,
            state: Mutex::new(State::default()),
            to_write: Notify::new(),
            asked: Notify::new(),
        });
        let write = tokio::spawn(write(shared.clone(), writer)).abort_handle();
        let read = tokio::spawn(read(shared.clone(), reader, idle)).abort_handle();
        Self { shared, client_id, versions: Versions::default(), retires: None, tasks: [read, write] }
    }

    /// What the broker said it speaks.
    pub(super) fn set_versions(&mut self, versions: Versions) {
        self.versions = versions;
    }

    pub(super) fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Takes no new requests after this time.
    pub(super) fn retire_after(&mut self, time: Option<Duration>) {
        self.retires = time.map(|time| Instant::now() + time);
    }

    pub(super) fn is_open(&self) -> bool {
        self.shared.lock().broken.is_none() && self.retires.is_none_or(|at| Instant::now() < at)
    }

    /// Whether a request sent now would wait for nobody's.
    pub(super) fn is_idle(&self) -> bool {
        self.is_open() && self.shared.lock().waiting.is_empty()
    }

    /// Asks in the newest version both sides speak.
    pub(super) async fn call<R: Api>(&self, request: &R, within: Duration) -> Result<R::Response> {
        self.call_limited(request, self.versions.choose::<R>()?, within, REPLY_LIMIT).await
    }

    /// Asks in a given version; a reply of more than `limit` bytes breaks the connection.
    ///
    /// The request stands in the queue when the future was polled once. Dropping the future then does not take
    /// it back: the reply is thrown away when it comes.
    pub(super) async fn call_limited<R: Api>(
        &self,
        request: &R,
        version: i16,
        within: Duration,
        limit: usize,
    ) -> Result<R::Response> {
        let frame = self.exchange(request, version, within, limit).await?;
        // After a reply that cannot be read, what follows cannot be trusted either.
        frame::decode::<R>(frame, version).inspect_err(|error| self.shared.fail(|_| error.clone()))
    }

    /// The reply as it came.
    pub(super) async fn exchange<R: Api>(
        &self,
        request: &R,
        version: i16,
        within: Duration,
        limit: usize,
    ) -> Result<Bytes> {
        let frame = frame::encode(request, version, &self.client_id)?;
        let reply = self.shared.ask(frame, R::NAME, within, limit)?;
        reply.await.unwrap_or_else(|_| {
            let message = format!("the connection to {} was closed", self.shared.peer);
            Err(BrokerError::new(Code::NetworkException, message))
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(
        &self,
        mut frame: BytesMut,
        name: &'static str,
        within: Duration,
        limit: usize,
    ) -> Result<oneshot::Receiver<Result<Bytes>>> {
        let (reply, answer) = oneshot::channel();
        let mut state = self.lock();
        if let Some(error) = &state.broken {
            return Err(error.clone());
        }
        let id = state.next_id;
        state.next_id = id.wrapping_add(1) & i32::MAX;
        frame::set_correlation(&mut frame, id);
        let asked = Instant::now();
        state.waiting.push_back(Waiting { id, name, deadline: asked + within, asked, limit, reply });
        state.outgoing.push_back(frame);
        drop(state);
        self.to_write.notify_one();
        self.asked.notify_one();
        Ok(answer)
    }

    /// Ends the connection: everybody who waits is told that the answer is unknown.
    fn fail(&self, error: impl FnOnce(&str) -> BrokerError) {
        self.fail_if(|_| true, error);
    }

    fn fail_if(&self, condition: impl FnOnce(&State) -> bool, error: impl FnOnce(&str) -> BrokerError) {
        let mut state = self.lock();
        if state.broken.is_some() || !condition(&state) {
            return;
        }
        let error = error(&self.peer);
        state.broken = Some(error.clone());
        state.outgoing.clear();
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for one in waiting {
            let message = format!("no answer to {}: {}", one.name, error.message);
            let _ = one.reply.send(Err(BrokerError::new(error.code, message)));
        }
        self.to_write.notify_one();
        self.asked.notify_one();
    }

    fn lost(&self, what: &str) {
        self.lost_for(Code::NetworkException, what);
    }

    fn lost_for(&self, code: Code, what: &str) {
        self.fail(|peer| BrokerError::new(code, format!("the connection to {peer} broke: {what}")));
    }

    fn broke(&self, error: &std::io::Error) {
        match tls::explain(error, &self.peer) {
            Some(error) => self.fail(|_| error),
            None => self.lost(&error.to_string()),
        }
    }

    /// Why a broker may close a connection, as far as it can be guessed.
    fn closed(&self) {
        let fresh = self.lock().answers <= 1;
        let hint =
            if fresh { " (before it answered; does the listener expect another security.protocol?)" } else { "" };
        self.lost(&format!("the broker closed it{hint}"));
    }
}

async fn write(shared: Arc<Shared>, mut writer: Writer) {
    loop {
        let frames: Vec<BytesMut> = {
            let mut state = shared.lock();
            if state.broken.is_some() {
                break;
            }
            state.outgoing.drain(..).collect()
        };
        if frames.is_empty() {
            shared.to_write.notified().await;
            continue;
        }
        for frame in frames {
            // Head and body are one buffer, so that a small request is one packet.
            if let Err(error) = writer.write_all(&frame).await {
                shared.broke(&error);
                return;
            }
        }
        if let Err(error) = writer.flush().await {
            shared.broke(&error);
            return;
        }
    }
    // Says goodbye; the other side may be gone already.
    let _ = writer.shutdown().await;
}

async fn read(shared: Arc<Shared>, mut reader: Reader, idle: Duration) {
    let mut buffer = BytesMut::new();
    let mut quiet_since = Instant::now();
    loop {
        match take_frames(&shared, &mut buffer) {
            Ok(0) => {}
            Ok(_) => quiet_since = Instant::now(),
            Err((code, what)) => return shared.lost_for(code, &what),
        }
        let (deadline, waits) = {
            let state = shared.lock();
            if state.broken.is_some() {
                return;
            }
            match state.waiting.front() {
                Some(first) => (first.deadline, true),
                None => (quiet_since + idle, false),
            }
        };
        if buffer.capacity() - buffer.len() < LENGTH {
            buffer.reserve(READ_AHEAD);
        }
        tokio::select! {
            biased;
            read = reader.read_buf(&mut buffer) => match read {
                Ok(0) => return shared.closed(),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return shared.closed(),
                Err(error) => return shared.broke(&error),
            },
            () = shared.asked.notified() => {}
            () = sleep_until(deadline) => {
                if waits {
                    return timed_out(&shared);
                }
                shared.fail_if(|state| state.waiting.is_empty(), |peer| {
                    BrokerError::new(Code::NetworkException, format!("the connection to {peer} was idle for too long"))
                });
            }
        }
    }
}

fn timed_out(shared: &Shared) {
    let waited = {
        let state = shared.lock();
        state.waiting.front().map(|first| (first.name, first.asked.elapsed()))
    };
    let Some((name, waited)) = waited else { return };
    // Later replies would come after the missing one, so the whole connection is given up.
    shared.lost(&format!("{name} was not answered within {} ms", waited.as_millis()));
}

/// Hands whole frames to those who wait for them, and makes room for the rest of the next one.
fn take_frames(shared: &Shared, buffer: &mut BytesMut) -> std::result::Result<usize, (Code, String)> {
    let mut taken = 0;
    loop {
        let Some(head) = buffer.first_chunk::<LENGTH>() else { return Ok(taken) };
        let length = i32::from_be_bytes(*head);
        let mut state = shared.lock();
        let Some(first) = state.waiting.front() else {
            return Err((Code::NetworkException, "the broker sent something that nobody asked for".into()));
        };
        let size = usize::try_from(length).ok().filter(|size| *size >= 4 && *size <= first.limit);
        let Some(size) = size else {
            let (name, limit) = (first.name, first.limit);
            return Err(if head[0] == TLS_ALERT && head[1] == 3 {
                (Code::SslHandshakeFailed, "it answered with a TLS alert, so the listener expects SSL".into())
            } else {
                let text = format!("a frame of {length} bytes as the answer to {name}, at most {limit} are possible");
                (Code::NetworkException, text)
            });
        };
        if buffer.len() < LENGTH + size {
            drop(state);
            buffer.reserve(LENGTH + size - buffer.len());
            return Ok(taken);
        }
        let mut frame = buffer.split_to(LENGTH + size).freeze();
        frame.advance(LENGTH);
        if frame::correlation(&frame) != Some(first.id) {
            let id = frame::correlation(&frame).unwrap_or(-1);
            let text = format!("an answer with correlation id {id} instead of {}", first.id);
            return Err((Code::NetworkException, text));
        }
        let Some(first) = state.waiting.pop_front() else { return Ok(taken) };
        state.answers += 1;
        drop(state);
        taken += 1;
        // Whoever asked may have gone.
        let _ = first.reply.send(Ok(frame));
    }
}
