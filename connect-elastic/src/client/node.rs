//! Nodes: where they are.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A node of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    pub(crate) tls: bool,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Node {
    /// Reads a URL: a node, and the path in front of the cluster, without slashes around it.
    pub(crate) fn parse(url: &str) -> Result<(Self, String), String> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            other => return Err(format!("the scheme {other:?} is none of http, https")),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err("users do not belong into the URL; set connection.username and connection.password".into());
        }
        if authority.contains(['?', '#', ' ']) || path.contains(['?', '#', ' ']) {
            return Err("it is no URL of a node, such as http://localhost:9200".into());
        }
        let (host, port) = split_port(authority)?;
        if host.is_empty() {
            return Err("it names no host".into());
        }
        let node = Self { tls, host: host.to_owned(), port: port.unwrap_or(if tls { 443 } else { 80 }) };
        Ok((node, path.trim_matches('/').to_owned()))
    }

    /// Reads Elastic Cloud's id: `name:` and base64 of `domain[:port]$elasticsearch[$kibana]`.
    pub(crate) fn of_cloud_id(id: &str) -> Result<Self, String> {
        let wrong =
            || "it is no cloud id: a name, a colon, and the base64 text that the cloud console shows".to_owned();
        let (_, data) = id.rsplit_once(':').ok_or_else(wrong)?;
        let decoded = BASE64_STANDARD.decode(data.trim()).map_err(|_| wrong())?;
        let text = String::from_utf8(decoded).map_err(|_| wrong())?;
        let mut parts = text.split('$');
        let (domain, cluster) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if domain.is_empty() || cluster.is_empty() {
            return Err(wrong());
        }
        let (domain, default_port) = split_port(domain)?;
        let (cluster, port) = split_port(cluster)?;
        let port = port.or(default_port).unwrap_or(443);
        Ok(Self { tls: true, host: format!("{cluster}.{domain}"), port })
    }

    /// Host and port as in a `Host` header.
    pub(crate) fn authority(&self) -> String {
        let bracketed = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (false, 80) | (true, 443) => bracketed,
            (_, port) => format!("{bracketed}:{port}"),
        }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("the bracket of the address is not closed")?;
            (host, rest.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.map(|port| port.parse().map_err(|_| format!("{port:?} is no port")));
    Ok((host, port.transpose()?))
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }
}

/// Text as a part of a path or a query.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(char::from(byte)),
            _ => {
                let digit = |n: u8| char::from(b"0123456789ABCDEF"[usize::from(n & 15)]);
                escaped.extend(['%', digit(byte >> 4), digit(byte)]);
            }
        }
    }
    escaped
}
