//! What comes of a request.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// An answer, of whatever status.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// Whether the server, or what stands before it, says that it cannot serve now.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }

    /// Whether the status is one of success.
    pub(crate) const fn is_fine(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    kind: Kind,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No connection.
    Connect,
    /// TLS was refused, by us or by them.
    Tls,
    /// No answer in time.
    Silent,
    /// The connection broke.
    Broken,
    /// A connection that was used before broke before anything came back.
    Stale,
    /// An answer that nobody is there to serve.
    Unable,
    /// No keys to sign with; which key of the configuration is to blame, and whether it may be over later.
    Keys(&'static str, bool),
    /// Nothing that another node would do better.
    Unfit,
}

impl Trouble {
    pub(super) fn connect(message: String) -> Self {
        Self { kind: Kind::Connect, message }
    }

    pub(super) fn tls(message: String) -> Self {
        Self { kind: Kind::Tls, message }
    }

    pub(super) fn unfit(message: String) -> Self {
        Self { kind: Kind::Unfit, message }
    }

    pub(super) fn keys(key: &'static str, passing: bool, message: String) -> Self {
        Self { kind: Kind::Keys(key, passing), message }
    }

    pub(super) fn unable(status: u16) -> Self {
        Self { kind: Kind::Unable, message: format!("the answer is status {status}") }
    }

    pub(super) fn silent(limit: Duration) -> Self {
        Self { kind: Kind::Silent, message: format!("no answer within {} ms", limit.as_millis()) }
    }

    pub(super) fn broken(error: &hyper::Error, reused: bool) -> Self {
        // In TLS 1.3 a server refuses our certificate, or that there is none, when it is asked something.
        if let Some(why) = of_tls(error) {
            return Self::tls(format!("the connection broke: {why}; is the keystore the one that it wants?"));
        }
        let early = error.is_incomplete_message() || error.is_canceled() || error.is_closed() || is_io(error);
        let kind = if reused && early { Kind::Stale } else { Kind::Broken };
        let mut message = format!("the connection broke: {error}");
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            message += &format!(": {error}");
            cause = error.source();
        }
        Self { kind, message }
    }

    /// Whether another node may do better.
    pub(super) fn is_of_node(&self) -> bool {
        !matches!(self.kind, Kind::Unfit | Kind::Keys(..))
    }

    /// Whether the other side had closed the connection before.
    pub(super) fn was_stale(&self) -> bool {
        self.kind == Kind::Stale
    }

    /// Whether the connection broke in the middle of a request, as servers do that refuse its size.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.kind, Kind::Broken | Kind::Stale)
    }

    /// Whether it may be over later without anything being changed here.
    pub(crate) fn is_passing(&self) -> bool {
        !matches!(self.kind, Kind::Tls | Kind::Unfit | Kind::Keys(_, false))
    }

    /// The key of the configuration that is to blame when there is nothing to sign requests with.
    pub(crate) fn of_keys(&self) -> Option<&'static str> {
        if let Kind::Keys(key, _) = self.kind { Some(key) } else { None }
    }

    /// Whether TLS is to blame.
    pub(crate) fn is_tls(&self) -> bool {
        self.kind == Kind::Tls
    }
}

fn of_tls(error: &hyper::Error) -> Option<String> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return connect_tls::explain(io, "server");
        }
        cause = error.source();
    }
    None
}

fn is_io(error: &hyper::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}
