//! Where to listen.

use std::fmt;
use std::net::IpAddr;

/// One of `listeners`: `http://host:port` or `https://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) https: bool,
    /// None stands for all interfaces.
    pub(crate) host: Option<String>,
    /// 0 takes a free one.
    pub(crate) port: u16,
}

impl Listener {
    /// Reads one; what was expected when it is none.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no listener; expected http://HOST:PORT or https://HOST:PORT");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(wrong()),
        };
        let (host, port) = rest.trim_end_matches('/').rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.strip_suffix(']').filter(|v6| v6.parse::<IpAddr>().is_ok()).ok_or_else(wrong)?,
            None if host.contains([':', '/', '@', '?', '#', ' ']) => return Err(wrong()),
            None => host,
        };
        Ok(Self { https, host: Some(host.to_owned()).filter(|host| !host.is_empty()), port })
    }

    /// The address to bind, as a resolver takes it.
    pub(crate) fn address(&self) -> (&str, u16) {
        (self.host.as_deref().unwrap_or("0.0.0.0"), self.port)
    }

    /// Whether other machines surely, or perhaps, reach it. What a host name stands for is seen when it is bound.
    pub(crate) fn is_open(&self) -> bool {
        match self.host.as_deref() {
            None => true,
            Some(host) => host.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback()),
        }
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), authority(self.host.as_deref().unwrap_or_default(), self.port))
    }
}

/// A host and a port as they stand in a URL.
pub(crate) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
