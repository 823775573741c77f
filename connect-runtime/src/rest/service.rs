//! The way of a request through everything.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures::FutureExt as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::{Duration, timeout};

use super::api::Api;
use super::gate::{self, Kind, Via};
use super::handlers::{self, Ask};
use super::path;
use super::reply::{Failure, JSON, Reply, empty, text};
use super::routes::{self, Access, Route};
use super::settings::Cors;
use super::ui;

/// A router that leaves all paths to us.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new().fallback(move |request: Request<Body>| {
        let api = Arc::clone(&api);
        async move { answer(&api, request).await }
    })
}

/// The answer to a request; there is always one.
pub(crate) async fn answer(api: &Api, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut reply = match preflight(api, &parts) {
        Some(reply) => reply,
        None => guarded(api, &parts, body).await.unwrap_or_else(Failure::reply),
    };
    finish(api, &parts, &mut reply);
    let (parts, body) = reply.into_parts();
    Response::from_parts(parts, Body::from(body))
}

async fn guarded(api: &Api, parts: &Parts, body: Body) -> Result<Reply, Failure> {
    let via = Via::of(parts);
    gate::limits(api, via)?;
    gate::origin(api, parts)?;
    if via.kind != Kind::Admin
        && let Some(reply) = ui::file(&parts.method, parts.uri.path())
    {
        return reply;
    }
    let identity = gate::identity(api, parts, via).await?;
    let segments = path::segments(parts.uri.path()).map_err(Failure::bad_request)?;
    let routes = routes_of(api, via, &segments);
    if routes.is_empty() {
        return Err(Failure::http(StatusCode::NOT_FOUND));
    }
    let methods = routes::methods(&routes);
    if parts.method == Method::OPTIONS {
        return Ok(options(&parts.headers, &methods));
    }
    // A HEAD is answered as a GET, and the server leaves the body out.
    let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
    let Some((route, variables)) = routes.into_iter().find(|(route, _)| route.method == method) else {
        return Err(Failure::http(StatusCode::METHOD_NOT_ALLOWED).allow(&methods.join(",")));
    };
    if route.access == Access::Write && !identity.may_write {
        let name = identity.name.as_deref().unwrap_or_default();
        let why = format!("{name:?} may only read, as rest.auth.read.only has it");
        return Err(Failure::new(StatusCode::FORBIDDEN, why));
    }
    content(&parts.headers, route)?;
    let body = read(api, body).await?;
    if !body.is_empty() && !parts.headers.contains_key(CONTENT_TYPE) {
        return Err(Failure::http(StatusCode::UNSUPPORTED_MEDIA_TYPE).typed());
    }
    let ask = Ask { variables, query: path::query(parts.uri.query()), body, location: location(parts, via) };
    let reply = within_deadline(api, route, &ask).await;
    if route.access == Access::Write {
        let status = reply.as_ref().map_or_else(|failure| failure.status, Response::status).as_u16();
        let user = identity.name.as_deref();
        tracing::info!(user, method = %parts.method, path = parts.uri.path(), status, "request");
    }
    reply
}

/// The endpoints of a path at this listener.
fn routes_of(api: &Api, via: Via, segments: &[String]) -> Vec<(&'static Route, Vec<String>)> {
    // Mounted in a host's server there is no listener for /admin alone, nor one without it unless it is switched off.
    let off = api.checked.admin.as_ref().is_some_and(Vec::is_empty);
    let mut routes = routes::of_path(segments);
    routes.retain(|(route, _)| match via.kind {
        Kind::All => !(off && route.is_admin()),
        Kind::WithoutAdmin => !route.is_admin(),
        Kind::Admin => route.is_admin(),
    });
    routes
}

/// Whether the types of content are ours: JSON, both ways.
fn content(headers: &HeaderMap, route: &Route) -> Result<(), Failure> {
    let sent = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if sent.is_some_and(|sent| !["application/json", "application/*", "*/*"].contains(&essence(sent).as_str())) {
        return Err(Failure::http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let produced = handlers::produces(route.operation);
    let (family, _) = produced.split_once('/').unwrap_or((produced, ""));
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let fits = |range: &str| {
        let range = essence(range);
        range.is_empty() || range == produced || range == "*/*" || range.strip_suffix("/*") == Some(family)
    };
    if accepted.peek().is_some() && !accepted.flat_map(|list| list.split(',')).any(fits) {
        return Err(Failure::http(StatusCode::NOT_ACCEPTABLE));
    }
    Ok(())
}

async fn read(api: &Api, body: Body) -> Result<Bytes, Failure> {
    let max = api.config.request_max_bytes;
    let patience = api.config.connection_timeout.duration();
    match timeout(patience, Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let why = format!("the body has more than {max} bytes; rest.request.max.bytes says how many are possible");
            Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, why))
        }
        Ok(Err(error)) => Err(Failure::bad_request(format!("the body could not be read: {error}"))),
        Err(_) => {
            let why = format!("the body did not come within {patience:?}, as rest.connection.timeout.ms has it");
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, why))
        }
    }
}

/// The herder and the check of a configuration have the same deadline, begun a moment later, and say which call it is that
/// does not end. So this much is waited beyond it before the request ends without that.
const COURTESY: Duration = Duration::from_secs(1);

async fn within_deadline(api: &Api, route: &Route, ask: &Ask) -> Result<Reply, Failure> {
    let patience = api.config.request_timeout.duration();
    let calls = AssertUnwindSafe(handlers::call(api, route.operation, ask)).catch_unwind();
    match timeout(patience + COURTESY, calls).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(_)) => {
            tracing::error!(operation = ?route.operation, "an endpoint panicked");
            Err(Failure::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "this request made the worker fail; its log says where",
            ))
        }
        Err(_) => {
            let (method, path) = (&route.method, route.path);
            let why = format!(
                "the request did not end within {patience:?}: the worker is still busy with {method} {path} and goes on with it"
            );
            Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, why))
        }
    }
}

/// The answer to `OPTIONS`: what is possible.
fn options(headers: &HeaderMap, methods: &[&str]) -> Reply {
    let json = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(JSON));
    let mut reply = if json {
        text(StatusCode::OK, JSON, Bytes::new())
    } else {
        text(StatusCode::OK, "text/plain", methods.join(", "))
    };
    if let Ok(value) = HeaderValue::from_str(&methods.join(",")) {
        reply.headers_mut().insert(hyper::header::ALLOW, value);
    }
    reply
}

/// What `Location` begins with: as the client reached us.
fn location(parts: &Parts, via: Via) -> String {
    let host = parts.headers.get(hyper::header::HOST).and_then(|host| host.to_str().ok());
    let authority = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    authority.map_or_else(String::new, |authority| format!("{}://{authority}", via.scheme()))
}

const ALLOW_ORIGIN: HeaderName = HeaderName::from_static("access-control-allow-origin");
const ALLOW_CREDENTIALS: HeaderName = HeaderName::from_static("access-control-allow-credentials");
const ALLOW_METHODS: HeaderName = HeaderName::from_static("access-control-allow-methods");
const ALLOW_HEADERS: HeaderName = HeaderName::from_static("access-control-allow-headers");
const MAX_AGE: HeaderName = HeaderName::from_static("access-control-max-age");
const REQUEST_METHOD: HeaderName = HeaderName::from_static("access-control-request-method");

impl Cors {
    pub(crate) fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == "*" || known.eq_ignore_ascii_case(origin))
    }
}

/// The answer to a browser that asks what a page may do.
fn preflight(api: &Api, parts: &Parts) -> Option<Reply> {
    let cors = api.checked.cors.as_ref()?;
    let origin = parts.headers.get(ORIGIN)?.to_str().ok()?;
    if parts.method != Method::OPTIONS || !parts.headers.contains_key(REQUEST_METHOD) || !cors.allows(origin) {
        return None;
    }
    let mut reply = empty(StatusCode::OK);
    let headers = reply.headers_mut();
    headers.extend(HeaderValue::from_str(&cors.methods).ok().map(|methods| (ALLOW_METHODS, methods)));
    headers
        .insert(ALLOW_HEADERS, HeaderValue::from_static("X-Requested-With,Content-Type,Accept,Origin,Authorization"));
    headers.insert(MAX_AGE, HeaderValue::from_static("1800"));
    Some(reply)
}

/// Headers that every answer has.
fn finish(api: &Api, parts: &Parts, reply: &mut Reply) {
    if let Some(cors) = &api.checked.cors {
        let headers = reply.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let origin = parts.headers.get(ORIGIN).filter(|origin| origin.to_str().is_ok_and(|origin| cors.allows(origin)));
        if let Some(origin) = origin {
            headers.insert(ALLOW_ORIGIN, origin.clone());
            // A page that any origin can be must not use what the browser knows of somebody.
            if !cors.origins.iter().any(|known| known == "*") {
                headers.insert(ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
        }
    }
    let now = api.clock.now_ms();
    for rule in &api.checked.headers {
        rule.apply(reply.headers_mut(), now);
    }
}
