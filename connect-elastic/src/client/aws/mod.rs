//! Signatures of AWS, version 4, and whose keys they are made with.

mod keys;
mod source;
mod sts;

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connect_api::calendar::Calendar;
use hmac::{Hmac, KeyInit, Mac};
use hyper::Request;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

pub(super) use keys::Keys;
pub(crate) use source::{Credentials, Proof, Role, Source, Sts};

use super::escape;
use super::node::Node;
use super::reply::Trouble;
use crate::body::Chunks;

/// The header with the token of keys that are good for a while.
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// What requests are signed with.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    pub(crate) region: String,
    /// `es`, or `aoss`.
    pub(crate) service: String,
    /// Whose keys these are.
    pub(crate) source: Source,
}

impl Aws {
    /// Adds the headers of a signature. `path` is as it is asked for, with its query.
    pub(super) fn sign(
        &self,
        credentials: &Credentials,
        request: &mut Request<Chunks>,
        path: &str,
        node: &Node,
    ) -> Result<(), Trouble> {
        let now = wall_clock();
        let body = hex(&request.body().parts().fold(Sha256::new(), Sha256::chain_update).finalize());
        let method = request.method().as_str().to_owned();
        let signature = self.authorization(credentials, &method, path, &node.authority(), &body, now);
        let headers = request.headers_mut();
        let mut add = |name, value: &str| {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| Trouble::unfit("the keys of AWS have characters that no header can have".into()))?;
            value.set_sensitive(name == TOKEN);
            headers.insert(name, value);
            Ok(())
        };
        add(AUTHORIZATION, &signature)?;
        add(HeaderName::from_static("x-amz-date"), &stamp(now))?;
        add(HeaderName::from_static("x-amz-content-sha256"), &body)?;
        if let Some(token) = &credentials.token {
            add(TOKEN, token.expose())?;
        }
        Ok(())
    }

    fn authorization(
        &self,
        credentials: &Credentials,
        method: &str,
        path: &str,
        host: &str,
        body: &str,
        now: u64,
    ) -> String {
        let stamp = stamp(now);
        let date = &stamp[..8];
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = format!("host:{host}\nx-amz-content-sha256:{body}\nx-amz-date:{stamp}\n");
        let mut signed = "host;x-amz-content-sha256;x-amz-date".to_owned();
        if let Some(token) = &credentials.token {
            headers += &format!("{TOKEN}:{}\n", token.expose());
            signed = format!("{signed};{TOKEN}");
        }
        let canonical =
            format!("{method}\n{}\n{}\n{headers}\n{signed}\n{body}", encoded(path, true), canonical_query(query),);
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut key = mac(format!("AWS4{}", credentials.secret.expose()).as_bytes(), date);
        for part in [self.region.as_str(), &self.service, "aws4_request"] {
            key = mac(&key, part);
        }
        let signature = hex(&mac(&key, &text));
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
            credentials.key_id
        )
    }
}

/// Parameters in order, encoded once more where they are not yet.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("{}={}", encoded(&decoded(name), false), encoded(&decoded(value), false))
        })
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                std::str::from_utf8(&digits)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                    .map(|byte| (byte, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Escapes text, leaving slashes of paths alone.
fn encoded(text: &str, path: bool) -> String {
    match path {
        true => text.split('/').map(escape).collect::<Vec<_>>().join("/"),
        false => escape(text),
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // Keys of any length are taken, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds since 1970 as `20260102T030405Z`.
fn stamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = Calendar::Gregorian.date(i64::try_from(days).unwrap_or_default());
    format!("{year:04}{:02}{day:02}T{:02}{:02}{:02}Z", month + 1, rest / 3600, rest / 60 % 60, rest % 60)
}

/// AWS refuses signatures whose time is not its own.
#[expect(clippy::disallowed_methods, reason = "a signature names the time of the world, which no test decides")]
fn wall_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
