//! One lane's request from its first attempt until every document of it is done with.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use connect_api::Error;
use hyper::Method;
use tokio::time::sleep;

use super::batch::Request;
use super::classify::{CallClass, classify_call};
use super::reply::{ALL_WELL, CallError};
use super::shared::Shared;
use crate::client::{Call, Content, Keep, Reply, Trouble};

/// Servers that refuse a body for its size may break the connection; of smaller ones it means nothing.
const SUSPICIOUS: usize = 1 << 20;

/// A part of a request.
pub(super) struct Piece {
    pub(super) request: Request,
    /// Attempts since something was done.
    pub(super) failures: u32,
    /// How often the connection broke.
    broken: u32,
    /// Indices that were missing were made again.
    pub(super) recreated: bool,
    refused: bool,
}

impl Piece {
    pub(super) const fn new(request: Request) -> Self {
        Self { request, failures: 0, broken: 0, recreated: false, refused: false }
    }
}

/// What follows an attempt.
pub(super) enum Next {
    Settled,
    /// The same, or what is left of it, after a while.
    Again(Piece, Duration),
    Split(Request),
    Failed(Error),
}

/// Gives the lane free whatever happens.
struct Guard {
    shared: Arc<Shared>,
    lane: usize,
    finished: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.finished && std::thread::panicking() {
            self.shared.fail(&Error::fatal("a bulk request ended by a panic"));
        }
        self.shared.leave(Some(self.lane));
    }
}

/// Sends a request, whatever it takes.
pub(super) async fn run(shared: Arc<Shared>, lane: usize, request: Request) {
    let mut guard = Guard { shared: Arc::clone(&shared), lane, finished: false };
    let mut work = VecDeque::from([Piece::new(request)]);
    while let Some(piece) = work.pop_front() {
        match shared.attempt(piece).await {
            Next::Settled => {}
            Next::Split(request) => {
                let [first, second] = request.halves();
                work.push_front(Piece::new(second));
                work.push_front(Piece::new(first));
            }
            Next::Again(piece, wait) => {
                work.push_front(piece);
                shared.leave(None);
                let stopped = shared.pause(wait).await;
                shared.enter().await;
                if stopped {
                    shared.fail(&Error::retriable("the task is asked to stop while it tries a bulk request again"));
                    break;
                }
            }
            Next::Failed(error) => {
                shared.fail(&error);
                break;
            }
        }
        if shared.lock().error().is_some() {
            break;
        }
    }
    guard.finished = true;
}

impl Shared {
    /// Waits; says whether the task is asked to stop.
    async fn pause(&self, wait: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.parts.context.stop_signal().stopped() => true,
            () = sleep(wait) => false,
        }
    }

    async fn attempt(self: &Arc<Self>, piece: Piece) -> Next {
        let call = Call {
            method: Method::POST,
            path: self.parts.settings.path.clone(),
            body: piece.request.body.clone(),
            content: Content::Bulk,
            // Documents of data streams may be in the failure store, which is said of each.
            keep: if self.parts.data_stream { Keep::All } else { Keep::HeadOf(ALL_WELL) },
        };
        match self.parts.client.call(&call).await {
            Ok(reply) if reply.is_fine() => self.settle(piece, &reply).await,
            Ok(reply) => self.refused(piece, &reply).await,
            Err(trouble) => self.unanswered(piece, &trouble),
        }
    }

    fn unanswered(&self, mut piece: Piece, trouble: &Trouble) -> Next {
        let large = piece.request.body.len() > SUSPICIOUS && piece.request.entries.len() > 1;
        if trouble.is_broken() {
            piece.broken += 1;
            if large && piece.broken > 1 {
                return Next::Split(piece.request);
            }
        }
        self.again(piece, None, &trouble.to_string())
    }

    async fn refused(self: &Arc<Self>, mut piece: Piece, reply: &Reply) -> Next {
        let error = CallError::read(reply.status, &reply.body);
        let said = match self.parts.policies.sensitive {
            true => format!("{error}: {}", error.reason),
            false => error.to_string(),
        };
        match classify_call(&error) {
            CallClass::Busy => {
                if matches!(reply.status, 429 | 503) {
                    self.slow_down();
                }
                self.again(piece, reply.retry_after, &said)
            }
            CallClass::TooLarge | CallClass::Poisoned if piece.request.entries.len() > 1 => Next::Split(piece.request),
            CallClass::TooLarge | CallClass::Poisoned => self.refuse_all(piece, &error).await,
            CallClass::Unauthorized if !piece.refused => {
                piece.refused = true;
                self.again(piece, None, &said)
            }
            CallClass::Unauthorized => Next::Failed(Error::fatal(format!(
                "the server refuses bulk requests with {said}: check connection.username, connection.api.key, and the \
                 privileges create_index, read, write, view_index_metadata of the user"
            ))),
            CallClass::Fatal => Next::Failed(Error::fatal(format!("the server refuses bulk requests with {said}"))),
        }
    }

    /// Another attempt, if there may be one.
    pub(super) fn again(&self, mut piece: Piece, wish: Option<Duration>, why: &str) -> Next {
        piece.failures += 1;
        let wait = self.lock().backoff.before(piece.failures, wish);
        let count = piece.request.entries.len();
        let Some(wait) = wait else {
            let attempts = piece.failures;
            return Next::Failed(Error::fatal(format!(
                "{count} documents could not be written in {attempts} attempts (max.retries); the last: {why}"
            )));
        };
        tracing::warn!(task = %self.parts.context.id(), documents = count, attempt = piece.failures, ?wait, why, "a bulk request is tried again");
        Next::Again(piece, wait)
    }

    /// Fewer requests at a time: the server has too many.
    pub(super) fn slow_down(&self) {
        let mut state = self.lock();
        state.limit = (state.limit / 2.0).max(1.0);
    }

    /// A little more, up to what is configured.
    #[expect(clippy::cast_precision_loss, reason = "it is at most 1000")]
    pub(super) fn speed_up(&self) {
        let most = self.parts.settings.in_flight as f64;
        let mut state = self.lock();
        state.limit = (state.limit + 1.0 / state.limit).min(most);
    }
}
