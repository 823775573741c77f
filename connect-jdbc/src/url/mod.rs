//! JDBC URLs: `jdbc:<subprotocol>:<rest>`, with the parameters that JDBC drivers know.

mod decode;
mod network;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use connect_api::{Error, Result};

#[cfg(feature = "mysql")]
pub(crate) use network::Address;
pub(crate) use network::Network;

/// A JDBC URL, split but not understood: what follows the subprotocol is a dialect's business.
///
/// It may hold a password, so `Debug` shows the subprotocol only, and no error repeats it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct JdbcUrl {
    subprotocol: String,
    rest: String,
}

impl JdbcUrl {
    /// Splits a URL.
    ///
    /// # Errors
    /// A config error when it does not begin with `jdbc:<subprotocol>:`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let parts = url.trim().strip_prefix("jdbc:").and_then(|rest| rest.split_once(':'));
        match parts {
            Some((subprotocol, rest)) if !subprotocol.is_empty() && !rest.is_empty() => {
                Ok(Self { subprotocol: subprotocol.to_ascii_lowercase(), rest: rest.to_owned() })
            }
            _ => Err(Error::config("not a valid JDBC URL: expected jdbc:<database>:<address>")),
        }
    }

    /// `postgresql`, `mysql`, `sqlite` and so on, in lower case.
    pub(crate) fn subprotocol(&self) -> &str {
        &self.subprotocol
    }

    /// Servers, database and parameters of a database that is reached over the network.
    ///
    /// # Errors
    /// A config error that says which part is wrong.
    pub(crate) fn network(&self, default_port: u16) -> Result<Network> {
        Network::parse(&self.subprotocol, &self.rest, default_port)
    }

    /// The file of a database that is a file, as it is written, and the parameters behind its `?`.
    ///
    /// # Errors
    /// A config error when a parameter is not well encoded.
    pub(crate) fn file(&self) -> Result<(String, BTreeMap<String, String>)> {
        match self.rest.split_once('?') {
            Some((file, query)) => Ok((file.to_owned(), decode::query(query)?)),
            None => Ok((self.rest.clone(), BTreeMap::new())),
        }
    }
}

impl fmt::Debug for JdbcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "jdbc:{}:..", self.subprotocol)
    }
}
