//! OAUTHBEARER (RFC 7628): a token, and nothing else.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;

use super::{Reply, Talk};
use crate::wire::config::{Claims, Oauth};
use crate::{Clock, Result};

pub(super) async fn authenticate(talk: &Talk<'_>, oauth: &Oauth) -> Result<Option<Duration>> {
    let token = token(oauth).await.map_err(|why| talk.failed(&why))?;
    let Reply { bytes: complaint, lifetime } = talk.send(first(&token)).await?;
    if complaint.is_empty() {
        return Ok(lifetime);
    }
    // The broker says why in JSON and ends the talk when it is told to go on.
    let why = String::from_utf8_lossy(&complaint).into_owned();
    match talk.send(Bytes::from_static(b"\x01")).await {
        Err(error) => Err(talk.failed(&format!("{} ({why})", error.message))),
        Ok(_) => Err(talk.failed(&why)),
    }
}

/// A token from where tokens come from, or why there is none.
pub(in crate::wire) async fn token(oauth: &Oauth) -> Result<String, String> {
    let token = match oauth {
        Oauth::File(path) => {
            let file = path.clone();
            let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(file));
            let read = read.await.map_err(|error| error.to_string())?;
            read.map_err(|error| format!("cannot read the token from {}: {error}", path.display()))?
        }
        Oauth::Unsecured(claims) => unsecured(claims, Clock::system().now_ms() / 1000),
        Oauth::Source(source) => source.token().await?,
    };
    Ok(token.trim().to_owned())
}

pub(super) fn first(token: &str) -> Bytes {
    Bytes::from(format!("n,,\x01auth=Bearer {token}\x01\x01"))
}

/// A token without a signature, which only a broker set up for tests accepts.
pub(super) fn unsecured(claims: &Claims, now_seconds: i64) -> String {
    let mut json = String::from("{");
    for (name, value) in &claims.strings {
        let _ = write!(json, "{}:{},", quoted(name), quoted(value));
    }
    let expires = now_seconds.saturating_add(claims.lifetime_seconds);
    let _ = write!(json, "\"iat\":{now_seconds},\"exp\":{expires}}}");
    format!("{}.{}.", BASE64.encode("{\"alg\":\"none\"}"), BASE64.encode(json))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
