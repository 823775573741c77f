#![doc = include_str!("../README.md")]

mod check;
mod error;
mod explain;
mod keys;
mod pem;
mod server;
mod tls;

#[cfg(test)]
mod tests;

pub use error::{KeyError, KeyErrors};
pub use explain::explain;
pub use keys::Keys;
pub use pem::{certificates, private_key};
pub use server::server_config;
pub use tls::{Check, Identity, Part, Tls, TlsError, Versions, provider};
