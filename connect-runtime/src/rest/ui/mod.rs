//! The page at `/ui`: files that are part of the program, for a browser that asks the REST API beside it.
//!
//! They say nothing of this worker and are given to anybody; what the page shows it asks for as whoever looks at it.

#[cfg(test)]
mod tests;

use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use hyper::{Method, StatusCode};

use super::reply::{Failure, Reply, text};

/// Nothing from elsewhere, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Path, type and content.
const FILES: [(&str, &str, &str); 10] = [
    ("/ui", "text/html; charset=utf-8", include_str!("index.html")),
    ("/ui/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/ui/icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("/ui/app.js", SCRIPT, include_str!("app.js")),
    ("/ui/api.js", SCRIPT, include_str!("api.js")),
    ("/ui/dom.js", SCRIPT, include_str!("dom.js")),
    ("/ui/metrics.js", SCRIPT, include_str!("metrics.js")),
    ("/ui/overview.js", SCRIPT, include_str!("overview.js")),
    ("/ui/connector.js", SCRIPT, include_str!("connector.js")),
    ("/ui/editor.js", SCRIPT, include_str!("editor.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The answer, when the path is one of the page's.
pub(crate) fn file(method: &Method, path: &str) -> Option<Result<Reply, Failure>> {
    let (_, kind, content) = FILES.iter().find(|(known, ..)| *known == path)?;
    if method != Method::GET && method != Method::HEAD {
        return Some(Err(Failure::http(StatusCode::METHOD_NOT_ALLOWED).allow("HEAD,GET")));
    }
    let mut reply = text(StatusCode::OK, kind, *content);
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // A newer program has newer files under the same names.
        (CACHE_CONTROL, "no-cache"),
    ] {
        reply.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Some(Ok(reply))
}
