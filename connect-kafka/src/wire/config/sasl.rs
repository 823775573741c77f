//! Who the client is.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use connect_tls::Keys;
use futures::future::BoxFuture;

use super::jaas::{self, Jaas};

/// Text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::wire) struct Hidden(String);

impl Hidden {
    pub(in crate::wire) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Gives a bearer token, or says why there is none. Asked at each authentication.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync>);

impl TokenSource {
    /// Tokens that `ask` gets from wherever they come from.
    pub fn new<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, String>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(ask())))
    }

    pub(in crate::wire) async fn token(&self) -> Result<String, String> {
        (self.0)().await
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
    }
}

/// How to authenticate.
#[derive(Debug, Clone)]
pub(in crate::wire) enum Sasl {
    Plain(Credentials),
    Scram(ScramHash, Credentials),
    Oauth(Oauth),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::wire) struct Credentials {
    pub(in crate::wire) username: String,
    pub(in crate::wire) password: Hidden,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) enum ScramHash {
    Sha256,
    Sha512,
}

/// Where tokens come from.
#[derive(Debug, Clone)]
pub(in crate::wire) enum Oauth {
    /// A file that is read at each authentication.
    File(PathBuf),
    /// Made up from claims, without a signature, for tests.
    Unsecured(Claims),
    Source(TokenSource),
}

/// What an unsecured token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::wire) struct Claims {
    pub(in crate::wire) strings: BTreeMap<String, String>,
    pub(in crate::wire) lifetime_seconds: i64,
}

impl Sasl {
    /// Kafka's name of the mechanism.
    pub(in crate::wire) fn mechanism(&self) -> &'static str {
        match self {
            Self::Plain(_) => "PLAIN",
            Self::Scram(ScramHash::Sha256, _) => "SCRAM-SHA-256",
            Self::Scram(ScramHash::Sha512, _) => "SCRAM-SHA-512",
            Self::Oauth(_) => "OAUTHBEARER",
        }
    }

    pub(super) fn set_token_source(&mut self, source: TokenSource) {
        if let Self::Oauth(oauth) = self {
            *oauth = Oauth::Source(source);
        }
    }
}

const MECHANISMS: [&str; 4] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];

pub(super) fn read(keys: &mut Keys<'_, '_>) -> Option<Sasl> {
    let Some(mechanism) = keys.filled("sasl.mechanism") else {
        let text = format!("Kafka's default GSSAPI is not possible here; possible: {}", MECHANISMS.join(", "));
        keys.wrong("sasl.mechanism", text);
        return None;
    };
    if !MECHANISMS.contains(&mechanism) {
        keys.wrong("sasl.mechanism", format!("{mechanism:?} is not possible; possible: {}", MECHANISMS.join(", ")));
        return None;
    }
    let jaas = match keys.secret("sasl.jaas.config").map(jaas::parse) {
        Some(Ok(jaas)) => Some(jaas),
        Some(Err(why)) => {
            keys.wrong("sasl.jaas.config", why);
            return None;
        }
        None => None,
    };
    let module = match mechanism {
        "PLAIN" => "PlainLoginModule",
        "OAUTHBEARER" => "OAuthBearerLoginModule",
        _ => "ScramLoginModule",
    };
    if let Some(other) = jaas.as_ref().map(|jaas| &jaas.module).filter(|other| *other != module) {
        keys.wrong("sasl.jaas.config", format!("sasl.mechanism {mechanism} needs a {module}, not a {other}"));
        return None;
    }
    match mechanism {
        "PLAIN" => credentials(keys, jaas).map(Sasl::Plain),
        "SCRAM-SHA-256" => credentials(keys, jaas).map(|who| Sasl::Scram(ScramHash::Sha256, who)),
        "SCRAM-SHA-512" => credentials(keys, jaas).map(|who| Sasl::Scram(ScramHash::Sha512, who)),
        _ => oauth(keys, jaas).map(Sasl::Oauth),
    }
}

fn credentials(keys: &mut Keys<'_, '_>, jaas: Option<Jaas>) -> Option<Credentials> {
    let mut options = jaas.map(|jaas| jaas.options).unwrap_or_default();
    let username = options.remove("username").or_else(|| keys.filled("sasl.username").map(str::to_owned));
    let password = options.remove("password").or_else(|| keys.secret("sasl.password").map(str::to_owned));
    let (Some(username), Some(password)) = (username, password) else {
        let text = "username and password are missing: give them as options of the login module, \
                    or as sasl.username and sasl.password";
        keys.wrong("sasl.jaas.config", text);
        return None;
    };
    Some(Credentials { username, password: Hidden(password) })
}

fn oauth(keys: &mut Keys<'_, '_>, jaas: Option<Jaas>) -> Option<Oauth> {
    const URL: &str = "sasl.oauthbearer.token.endpoint.url";
    if let Some(url) = keys.filled(URL) {
        let path = url.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path));
        return match path.filter(|path| path.starts_with('/')) {
            Some(path) => Some(Oauth::File(path.into())),
            None => {
                keys.wrong(URL, "only file:///absolute/path is possible, or a token source of the host");
                None
            }
        };
    }
    let options = jaas.map(|jaas| jaas.options).unwrap_or_default();
    let claim = |key: &str| key.strip_prefix("unsecuredLoginStringClaim_").map(str::to_owned);
    let strings: BTreeMap<_, _> =
        options.iter().filter_map(|(key, value)| Some((claim(key)?, value.clone()))).collect();
    if strings.is_empty() {
        // The host may still give a source.
        let missing = "no token: set sasl.oauthbearer.token.endpoint.url to a file, use the login module's \
                       unsecuredLoginStringClaim_sub, or give a token source";
        return Some(Oauth::Source(TokenSource::new(move || async move { Err(missing.to_owned()) })));
    }
    let lifetime = options.get("unsecuredLoginLifetimeSeconds").map_or(Ok(3600), |text| text.parse::<i64>());
    let Ok(lifetime_seconds) = lifetime.map_err(|_| ()).and_then(|n| if n > 0 { Ok(n) } else { Err(()) }) else {
        keys.wrong("sasl.jaas.config", "unsecuredLoginLifetimeSeconds is not a number greater than 0");
        return None;
    };
    Some(Oauth::Unsecured(Claims { strings, lifetime_seconds }))
}
