//! Where a database is and how it is entered.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use connect_api::config::Secret;

use super::{Class, Fault};
use crate::factory::{ConnectionFactory, HostConnection};
use crate::url::JdbcUrl;

/// Longest time one attempt to connect may take, as in JDBC's login timeout.
pub(crate) const LOGIN_TIMEOUT: Duration = Duration::from_secs(40);

/// Names URL parameters that are refused, separated by commas.
const BLOCKED: &str = "JDBC_CONNECTION_URL_BLOCKED_PARAMS";

/// A URL, an account, and properties for the driver.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// `connection.url`
    pub(crate) url: JdbcUrl,
    /// `connection.user`
    pub(crate) user: Option<String>,
    /// `connection.password`
    pub(crate) password: Option<Secret<String>>,
    /// `connection.*` that no key declares, without the prefix.
    pub(crate) properties: BTreeMap<String, Secret<String>>,
    /// Whom the server's list of sessions names, where it has one.
    pub(crate) application: String,
    /// Who opens connections instead of the dialect.
    pub(crate) factory: Option<ConnectionFactory>,
}

impl Endpoint {
    /// The URL's parameters with the properties over them, for a dialect that reads them one by one.
    ///
    /// # Errors
    /// A config fault when a parameter is one that the administrator has blocked.
    pub(crate) fn parameters(&self, url: &BTreeMap<String, String>) -> Result<Parameters, Fault> {
        let mut all = url.clone();
        all.extend(self.properties.iter().map(|(name, value)| (name.clone(), value.expose().clone())));
        let blocked = std::env::var(BLOCKED).unwrap_or_default();
        let blocked = blocked
            .split(',')
            .map(str::trim)
            .find(|blocked| !blocked.is_empty() && all.keys().any(|name| name.eq_ignore_ascii_case(blocked)));
        match blocked {
            Some(blocked) => {
                Err(Fault::new(Class::Config, format!("the connection parameter {blocked} is blocked by {BLOCKED}")))
            }
            None => Ok(Parameters(all)),
        }
    }
}

impl Endpoint {
    /// A connection of the host's factory, if it has one.
    ///
    /// # Errors
    /// A fault of the connection when the factory fails.
    pub(crate) async fn adopted(&self) -> Result<Option<HostConnection>, Fault> {
        let Some(factory) = &self.factory else { return Ok(None) };
        let opened = factory.open().await;
        opened.map(Some).map_err(|error| Fault::new(Class::Connection, format!("the host's factory failed: {error}")))
    }
}

/// The fault of a factory whose connections are to another kind of database than the URL names.
pub(crate) fn foreign(dialect: &str) -> Fault {
    let message = format!("the host's factory gives connections to another database than {dialect} is for");
    Fault::new(Class::Config, message)
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).field("user", &self.user).finish_non_exhaustive()
    }
}

/// Parameters that are taken one by one, so that in the end what nobody took can be told. Names match in any case.
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Takes a text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let key = self.0.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
        self.0.remove(&key).filter(|value| !value.is_empty())
    }

    /// Takes `true` or `false`; a name without a value is true.
    ///
    /// # Errors
    /// A config fault that names the parameter.
    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(key) = self.0.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned() else { return Ok(None) };
        let value = self.0.remove(&key).unwrap_or_default();
        match value.to_ascii_lowercase().as_str() {
            "" | "true" | "yes" | "on" | "1" => Ok(Some(true)),
            "false" | "no" | "off" | "0" => Ok(Some(false)),
            _ => Err(wrong(name, &value, "true or false")),
        }
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// A config fault that names the parameter.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        let Some(value) = self.text(name) else { return Ok(None) };
        value.trim().parse().map(Some).map_err(|_| wrong(name, &value, "a whole number"))
    }

    /// Takes these without effect: they tune a Java driver.
    pub(crate) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            if self.text(name).is_some() {
                tracing::info!(parameter = name, "connection parameter has no effect here");
            }
        }
    }

    /// Refuses these unless they are off: each would let a URL reach into the client's machine.
    ///
    /// # Errors
    /// A config fault that names the parameter.
    pub(crate) fn refuse(&mut self, names: &[&str]) -> Result<(), Fault> {
        for name in names {
            if self.text(name).is_some_and(|value| !value.eq_ignore_ascii_case("false")) {
                return Err(Fault::new(Class::Config, format!("the connection parameter {name} is not supported")));
            }
        }
        Ok(())
    }

    /// Warns of what nobody took.
    pub(crate) fn warn_of_rest(self) {
        for name in self.0.keys() {
            tracing::warn!(parameter = %name, "unknown connection parameter is ignored");
        }
    }
}

/// A parameter's value is none of those that are possible.
pub(crate) fn wrong(name: &str, value: &str, possible: &str) -> Fault {
    Fault::new(Class::Config, format!("the connection parameter {name} is {value:?}; it must be {possible}"))
}
