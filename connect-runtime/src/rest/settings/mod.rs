//! What the REST interface can be told.

mod checked;
mod headers;
mod listener;

use std::collections::BTreeMap;
use std::path::PathBuf;

use connect_api::JsonSchema;
use connect_api::config::{self, ConfigErrors, Millis, Parsed};
use serde::Deserialize;

pub(crate) use checked::{Checked, Cors, OPEN};
pub(crate) use headers::HeaderRule;
pub(crate) use listener::{Listener, authority};

/// How a worker's REST interface is reached, and by whom, under Kafka Connect's property names; those that begin with
/// `rest.` and are not `rest.advertised.*` are this worker's own.
///
/// Unlike Kafka Connect's it listens at the loopback address unless told otherwise, and elsewhere only with
/// authentication, or with `rest.auth=none`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RestConfig {
    /// Where to listen: `http://HOST:PORT` and `https://HOST:PORT`. Without a host at all interfaces; port 0 takes a
    /// free one.
    pub listeners: Vec<String>,
    /// Where `/admin` is served; unset: where everything is; empty: nowhere.
    #[serde(rename = "admin.listeners")]
    pub admin_listeners: Option<Vec<String>>,
    /// Host that others reach this worker at, if that is not the one it listens at.
    #[serde(rename = "rest.advertised.host.name")]
    pub advertised_host: Option<String>,
    /// Port that others reach this worker at, if that is not the one it listens at.
    #[serde(rename = "rest.advertised.port")]
    pub advertised_port: Option<u16>,
    /// Which listener others use: `http` or `https`; unset: the first one.
    #[serde(rename = "rest.advertised.listener")]
    pub advertised_listener: Option<String>,
    /// Origins whose web pages may read answers, comma separated; `*` is any, nothing is none.
    #[serde(rename = "access.control.allow.origin")]
    pub allow_origin: String,
    /// Methods that these may use; nothing is GET, POST and HEAD.
    #[serde(rename = "access.control.allow.methods")]
    pub allow_methods: String,
    /// Headers of every answer: comma separated `ACTION NAME: VALUE`, with `set`, `add`, `setDate`, `addDate`.
    #[serde(rename = "response.http.headers.config")]
    pub response_headers: String,
    /// Who may ask: `basic` (user and password), `bearer` (tokens), both, or `none` (everybody). Unset is `none` for
    /// listeners that only this machine reaches, and no other listener is possible then.
    #[serde(rename = "rest.auth")]
    pub auth: Vec<String>,
    /// Users and passwords, a line `user:hash` each, with hashes of bcrypt as `htpasswd -B` writes them.
    #[serde(rename = "rest.auth.basic.file")]
    pub basic_file: Option<PathBuf>,
    /// Tokens, a line `name:hash` each, with the SHA-256 of the token in hexadecimal.
    #[serde(rename = "rest.auth.bearer.file")]
    pub bearer_file: Option<PathBuf>,
    /// Users and names of tokens that may read and change nothing.
    #[serde(rename = "rest.auth.read.only")]
    pub read_only: Vec<String>,
    /// Bytes that the body of a request may have.
    #[serde(rename = "rest.request.max.bytes")]
    #[schemars(range(min = 1024))]
    pub request_max_bytes: usize,
    /// Requests a second from one address, on average; as many may come at once. 0 is no limit.
    #[serde(rename = "rest.requests.per.second")]
    pub requests_per_second: u32,
    /// Connections at the same time; further ones wait.
    #[serde(rename = "rest.connections.max")]
    #[schemars(range(min = 1))]
    pub connections_max: usize,
    /// How long a client may take to send a request's head, or its body, or to take bytes of an answer, and how long an
    /// idle connection is kept.
    #[serde(rename = "rest.connection.timeout.ms")]
    pub connection_timeout: Millis,
    /// How long an answer may take; then it says what did not end.
    #[serde(rename = "rest.request.timeout.ms")]
    pub request_timeout: Millis,
    /// Whether configurations are shown with passwords and other secrets that are written in them. Otherwise these read
    /// `[hidden]`, which stands for the present value where a configuration is sent back.
    #[serde(rename = "rest.show.secrets")]
    pub show_secrets: bool,
    /// `ssl.*` of https listeners, without a prefix.
    #[serde(skip)]
    pub ssl: SslProperties,
    /// `ssl.*` of https admin listeners, without a prefix.
    #[serde(skip)]
    pub admin_ssl: SslProperties,
}

/// Properties `ssl.*` as they were written. `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SslProperties(pub BTreeMap<String, String>);

impl std::fmt::Debug for SslProperties {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            listeners: vec!["http://127.0.0.1:8083".into()],
            admin_listeners: None,
            advertised_host: None,
            advertised_port: None,
            advertised_listener: None,
            allow_origin: String::new(),
            allow_methods: String::new(),
            response_headers: String::new(),
            auth: Vec::new(),
            basic_file: None,
            bearer_file: None,
            read_only: Vec::new(),
            request_max_bytes: 1 << 20,
            requests_per_second: 1000,
            connections_max: 256,
            connection_timeout: Millis::new(30_000),
            request_timeout: Millis::new(90_000),
            show_secrets: false,
            ssl: SslProperties::default(),
            admin_ssl: SslProperties::default(),
        }
    }
}

impl RestConfig {
    /// Reads a worker's properties. Keys that have nothing to do with REST are left to others; files that are named are
    /// read too.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    pub fn from_properties(properties: &BTreeMap<String, String>) -> Result<Parsed<Self>, ConfigErrors> {
        let of_others = |key: &str| {
            !key.starts_with("rest.") || matches!(key, "rest.host.name" | "rest.port" | "rest.extension.classes")
        };
        let mut parsed = config::parse_with::<Self>(properties, &of_others)?;
        parsed.config.ssl = ssl(properties, "listeners.https.");
        parsed.config.admin_ssl = ssl(properties, "admin.listeners.https.");
        parsed.config.checked()?;
        Ok(parsed)
    }
}

/// The prefixed keys alone if there are any, else those without a prefix.
fn ssl(properties: &BTreeMap<String, String>, prefix: &str) -> SslProperties {
    let with = |prefix: &str| -> BTreeMap<String, String> {
        let stripped = properties.iter().filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value)));
        stripped
            .filter(|(key, _)| key.starts_with("ssl."))
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect()
    };
    let own = with(prefix);
    SslProperties(if own.is_empty() { with("") } else { own })
}

#[cfg(test)]
mod tests;
