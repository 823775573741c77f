//! Whether a request may go on, before anything of it is looked at closely.

use std::net::{IpAddr, Ipv4Addr};

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Uri};

use super::api::Api;
use super::auth::{Identity, Refusal};
use super::reply::Failure;

/// How a request came, when it came through a listener of ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Via {
    pub(crate) peer: IpAddr,
    pub(crate) https: bool,
    pub(crate) kind: Kind,
}

/// Which endpoints a listener has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    All,
    WithoutAdmin,
    Admin,
}

impl Via {
    /// How the request of these parts came.
    pub(crate) fn of(parts: &Parts) -> Self {
        let mounted = Self { peer: Ipv4Addr::UNSPECIFIED.into(), https: false, kind: Kind::All };
        parts.extensions.get().copied().unwrap_or(mounted)
    }

    pub(crate) fn scheme(self) -> &'static str {
        if self.https { "https" } else { "http" }
    }
}

/// The rate limit. Wrong passwords have one of their own.
pub(crate) fn limits(api: &Api, via: Via) -> Result<(), Failure> {
    let wait = api.requests.as_ref().map_or(Ok(()), |limit| limit.take(via.peer));
    let wait = wait.map_err(|wait| (wait, "too many requests; rest.requests.per.second says how many are possible"));
    let wrong = || api.wrong_passwords.look(via.peer).map_err(|wait| (wait, "too many wrong passwords or tokens"));
    wait.and_then(|()| wrong())
        .map_err(|(wait, why)| Failure::new(StatusCode::TOO_MANY_REQUESTS, why).retry_after(wait))
}

/// Whether a web page of another origin may be behind the request. Where there is no authentication a browser on this
/// machine would let it drive the worker.
pub(crate) fn origin(api: &Api, parts: &Parts) -> Result<(), Failure> {
    let host = text(&parts.headers, &HOST).or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    // A page can have its own name stand for the loopback address; an address it cannot.
    if !api.checked.auth.is_decided() && !host.is_none_or(|host| is_own(api, host)) {
        let why = "the Host is a name that nobody gave this worker; use an address, set rest.advertised.host.name, or \
                   set rest.auth";
        return Err(Failure::new(StatusCode::FORBIDDEN, why));
    }
    if parts.method == Method::GET || parts.method == Method::HEAD || parts.method == Method::OPTIONS {
        return Ok(());
    }
    let Some(origin) = text(&parts.headers, &ORIGIN) else { return Ok(()) };
    let same = origin.split_once("://").map(|(_, authority)| authority) == host;
    if same || api.checked.cors.as_ref().is_some_and(|cors| cors.allows(origin)) {
        return Ok(());
    }
    let why = "web pages of this Origin may not change anything; access.control.allow.origin says which may";
    Err(Failure::new(StatusCode::FORBIDDEN, why))
}

/// Whether a `Host` is an address, or a name of this machine or this worker.
fn is_own(api: &Api, host: &str) -> bool {
    let Ok(uri) = host.parse::<Uri>() else { return false };
    let Some(name) = uri.host() else { return false };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let named = api.checked.listeners.iter().chain(api.checked.admin.iter().flatten());
    let mut names = named.filter_map(|listener| listener.host.as_deref()).chain(api.config.advertised_host.as_deref());
    address.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.any(|known| known.eq_ignore_ascii_case(name))
}

/// Who asks.
pub(crate) async fn identity(api: &Api, parts: &Parts, via: Via) -> Result<Identity, Failure> {
    let auth = &api.checked.auth;
    auth.identify(parts.headers.get(AUTHORIZATION)).await.map_err(|refusal| {
        let why = match refusal {
            Refusal::Missing => "who asks is not known; send a user and password, or a token, as rest.auth has it",
            Refusal::Wrong => {
                // Nobody waits for this one; the next ones are refused.
                let _ = api.wrong_passwords.take(via.peer);
                "the user, the password or the token is wrong"
            }
        };
        Failure::new(StatusCode::UNAUTHORIZED, why).challenges(&auth.challenges())
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &hyper::header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
