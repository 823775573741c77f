//! What a client is told: Kafka's client properties.

mod jaas;
mod numbers;
mod sasl;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use connect_tls::{KeyErrors, Keys, Tls};
use numbers::Numbers as _;

pub use sasl::TokenSource;
pub(super) use sasl::{Claims, Credentials, Oauth, Sasl, ScramHash};

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HostPort {
    pub(super) host: String,
    pub(super) port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// How to reach a cluster, and who one is to it.
///
/// Made of Kafka's client properties, with Kafka's names and defaults; what belongs to producers, consumers or
/// anybody else is ignored.
///
/// | keys | |
/// |---|---|
/// | `bootstrap.servers`, `client.id`, `client.dns.lookup` | `bootstrap.servers` defaults to `localhost:9092` |
/// | `security.protocol` | `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT`, `SASL_SSL` |
/// | `ssl.truststore.*`, `ssl.keystore.*`, `ssl.key.password` | of type PEM, in files or in the properties themselves; without a truststore the machine's own roots are trusted |
/// | `ssl.endpoint.identification.algorithm`, `ssl.enabled.protocols` | empty: the host name is not checked |
/// | `sasl.mechanism`, `sasl.jaas.config` | `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER`; `sasl.username` and `sasl.password` will do too |
/// | `sasl.oauthbearer.token.endpoint.url` | `file:` only; or [`with_token_source`](Self::with_token_source) |
/// | `request.timeout.ms`, `retry.backoff.ms`, `retry.backoff.max.ms` | 30000, 100, 1000 |
/// | `reconnect.backoff.ms`, `reconnect.backoff.max.ms` | 50, 1000 |
/// | `socket.connection.setup.timeout.ms`, `….max.ms` | 10000, 30000 |
/// | `metadata.max.age.ms`, `connections.max.idle.ms` | 300000, 540000 |
/// | `send.buffer.bytes`, `receive.buffer.bytes` | 131072, 65536; -1 is the system's own |
#[derive(Debug, Clone)]
pub struct WireConfig {
    pub(super) bootstrap: Vec<HostPort>,
    pub(super) client_id: String,
    pub(super) ssl: Option<Tls>,
    pub(super) sasl: Option<Sasl>,
    pub(super) request_timeout: Duration,
    pub(super) retry_backoff: (Duration, Duration),
    pub(super) reconnect_backoff: (Duration, Duration),
    pub(super) setup_timeout: (Duration, Duration),
    pub(super) metadata_max_age: Duration,
    pub(super) max_idle: Duration,
    pub(super) send_buffer: Option<u32>,
    pub(super) receive_buffer: Option<u32>,
    pub(super) seed: u64,
}

impl WireConfig {
    /// Reads properties; files that they name are read too.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn from_properties(properties: &BTreeMap<String, String>) -> Result<Self, KeyErrors> {
        let lookup = |key: &str| properties.get(key).map(String::as_str);
        let mut keys = Keys::new(&lookup);
        let bootstrap = bootstrap(&mut keys);
        let _ = keys.one_of(
            "client.dns.lookup",
            "use_all_dns_ips",
            &["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"],
        );
        let protocol =
            keys.one_of("security.protocol", "PLAINTEXT", &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]);
        let ssl = if protocol.ends_with("SSL") { Some(keys.tls()) } else { None };
        let sasl = if protocol.starts_with("SASL") { sasl::read(&mut keys) } else { None };
        let config = Self {
            bootstrap,
            client_id: keys.text("client.id").unwrap_or_default().to_owned(),
            ssl,
            sasl,
            request_timeout: keys.millis("request.timeout.ms", 30_000),
            retry_backoff: backoff(&mut keys, "retry.backoff", 100, 1_000),
            reconnect_backoff: backoff(&mut keys, "reconnect.backoff", 50, 1_000),
            setup_timeout: {
                let first = keys.millis("socket.connection.setup.timeout.ms", 10_000);
                (first, keys.millis("socket.connection.setup.timeout.max.ms", 30_000).max(first))
            },
            metadata_max_age: keys.millis("metadata.max.age.ms", 300_000),
            max_idle: keys.millis_or_never("connections.max.idle.ms", 540_000),
            send_buffer: keys.buffer("send.buffer.bytes", 131_072),
            receive_buffer: keys.buffer("receive.buffer.bytes", 65_536),
            seed: 0,
        };
        keys.finish(config)
    }

    /// Properties with nothing but addresses (`host:port`, comma separated): no TLS, no SASL.
    ///
    /// # Errors
    /// An address is not one.
    pub fn plaintext(bootstrap_servers: impl Into<String>) -> Result<Self, KeyErrors> {
        Self::from_properties(&BTreeMap::from([("bootstrap.servers".to_owned(), bootstrap_servers.into())]))
    }

    /// What spreads the reconnection attempts of several clients. The default is 0; give each client its own.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Asks `source` for a token whenever a connection authenticates by OAUTHBEARER, instead of what the
    /// properties say. Without effect for other mechanisms.
    #[must_use]
    pub fn with_token_source(mut self, source: TokenSource) -> Self {
        if let Some(sasl) = &mut self.sasl {
            sasl.set_token_source(source);
        }
        self
    }
}

fn backoff(keys: &mut Keys<'_, '_>, prefix: &str, min: i64, max: i64) -> (Duration, Duration) {
    let first = keys.millis(&format!("{prefix}.ms"), min);
    let most = keys.millis(&format!("{prefix}.max.ms"), max);
    (first, most.max(first))
}

fn bootstrap(keys: &mut Keys<'_, '_>) -> Vec<HostPort> {
    let text = keys.text("bootstrap.servers").unwrap_or("localhost:9092");
    let mut found = Vec::new();
    for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        match host_port(one) {
            Some(address) => found.push(address),
            None => keys.wrong("bootstrap.servers", format!("{one:?} is not host:port")),
        }
    }
    if text.split(',').all(|one| one.trim().is_empty()) {
        keys.wrong("bootstrap.servers", "there is no address; write host:port, several separated by commas");
    }
    found
}

/// `host:port`, `[v6]:port`, and both with a listener name before it (`SSL://host:port`).
fn host_port(text: &str) -> Option<HostPort> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port != 0)?;
    (!host.is_empty()).then(|| HostPort { host: host.to_owned(), port })
}
