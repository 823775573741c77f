//! URLs of databases that are reached over the network.

use std::collections::BTreeMap;
use std::fmt;

use connect_api::{Error, Result};

use super::decode;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Name or address, without brackets.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
}

/// Servers, database, account and parameters. `Debug` shows no values of parameters, as passwords may be among them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Network {
    /// To be tried in order; at least one.
    pub(crate) addresses: Vec<Address>,
    /// Empty when the URL names none.
    pub(crate) database: String,
    /// What stands before an `@`.
    pub(crate) user: Option<String>,
    /// What stands between `:` and `@`.
    pub(crate) password: Option<String>,
    /// What follows the `?`.
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Network {
    /// Reads what follows `jdbc:<subprotocol>:`: `//host:port,host/database?name=value`, `database`, `/`, and MySQL's
    /// `address=(host=..)(port=..)` and `(host=..,port=..)`.
    pub(super) fn parse(subprotocol: &str, rest: &str, default_port: u16) -> Result<Self> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let parameters = decode::query(query)?;
        let Some(place) = place.strip_prefix("//") else {
            if place.contains("://") || place.contains("//") {
                let (scheme, _) = place.split_once("//").unwrap_or((place, ""));
                return Err(Error::config(format!(
                    "JDBC URLs of the form jdbc:{subprotocol}:{scheme}//.. are not supported; name servers as \
                     jdbc:{subprotocol}://host:port,host:port/database"
                )));
            }
            let local = Address { host: "localhost".into(), port: default_port };
            let database = decode::text(place.trim_start_matches('/'))?;
            return Ok(Self { addresses: vec![local], database, user: None, password: None, parameters });
        };
        let (authority, database) = place.split_once('/').unwrap_or((place, ""));
        let (account, hosts) = match authority.rsplit_once('@') {
            Some((account, hosts)) => (Some(account), hosts),
            None => (None, authority),
        };
        let (user, password) = match account.map(|account| account.split_once(':').unwrap_or((account, ""))) {
            None => (None, None),
            Some((user, "")) => (Some(decode::text(user)?), None),
            Some((user, password)) => (Some(decode::text(user)?), Some(decode::text(password)?)),
        };
        let addresses = split_hosts(hosts).map(|host| address(host, default_port)).collect::<Result<_>>()?;
        Ok(Self { addresses, database: decode::text(database)?, user, password, parameters })
    }
}

/// At commas outside parentheses and brackets.
fn split_hosts(hosts: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    hosts.split(move |at: char| {
        match at {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        at == ',' && depth <= 0
    })
}

fn address(text: &str, default_port: u16) -> Result<Address> {
    let text = text.trim();
    if let Some(fields) = text.strip_prefix("address=").or_else(|| text.starts_with('(').then_some(text)) {
        return fields_address(fields, default_port);
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or_else(|| wrong("an address has a [ without a ]"))?;
            (host, after.strip_prefix(':').unwrap_or(after))
        }
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    let host = if host.is_empty() { "localhost".to_owned() } else { decode::text(host)? };
    Ok(Address { host, port: parse_port(port, default_port)? })
}

/// `(host=a)(port=1)` or `(host=a,port=1)`.
fn fields_address(text: &str, default_port: u16) -> Result<Address> {
    let mut address = Address { host: "localhost".into(), port: default_port };
    for field in text.split(['(', ')', ',']).map(str::trim).filter(|field| !field.is_empty()) {
        match field.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())) {
            Some((name, value)) if name == "host" => address.host = decode::text(value)?,
            Some((name, value)) if name == "port" => address.port = parse_port(value, default_port)?,
            Some((name, value)) if name == "protocol" && value.eq_ignore_ascii_case("tcp") => {}
            Some((name, _)) => return Err(wrong(&format!("{name:?} of an address is not known; known: host, port"))),
            None => return Err(wrong("an address in parentheses is not made of name=value")),
        }
    }
    Ok(address)
}

fn parse_port(text: &str, default_port: u16) -> Result<u16> {
    match text {
        "" => Ok(default_port),
        text => {
            text.parse().ok().filter(|port| *port > 0).ok_or_else(|| wrong("a port is not a number from 1 to 65535"))
        }
    }
}

fn wrong(what: &str) -> Error {
    Error::config(format!("not a valid JDBC URL: {what}"))
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.keys().collect();
        f.debug_struct("Network")
            .field("addresses", &self.addresses)
            .field("database", &self.database)
            .field("user", &self.user)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}
