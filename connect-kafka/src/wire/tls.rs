//! TLS over connections, and what its errors mean.

use std::io;
use std::sync::Arc;

use connect_tls::{Part, Tls as Settings};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::{BrokerError, Code, Result};

/// Opens TLS over connections.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let config = settings.client().map_err(|error| {
            let key = match error.part {
                Part::Roots => "ssl.truststore",
                Part::Identity => "ssl.keystore",
                Part::Versions => "ssl.enabled.protocols",
            };
            BrokerError::new(Code::SslHandshakeFailed, format!("TLS cannot be set up: {key}: {error}"))
        })?;
        Ok(Self(TlsConnector::from(config)))
    }

    /// The settings, for another client.
    pub(super) fn config(&self) -> Arc<ClientConfig> {
        self.0.config().clone()
    }

    pub(super) async fn wrap(&self, host: &str, peer: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            BrokerError::new(Code::SslHandshakeFailed, format!("{host:?} is not a name that a certificate can have"))
        })?;
        self.0.connect(name, stream).await.map_err(|error| {
            explain(&error, peer).unwrap_or_else(|| {
                let message = format!(
                    "TLS with {peer} failed: {error}; the broker broke off, so the listener may not expect TLS"
                );
                BrokerError::new(Code::NetworkException, message)
            })
        })
    }
}

/// What an error of TLS means; `None` when it is not one.
pub(super) fn explain(error: &io::Error, peer: &str) -> Option<BrokerError> {
    let why = connect_tls::explain(error, "broker")?;
    Some(BrokerError::new(Code::SslHandshakeFailed, format!("TLS with {peer} failed: {why}")))
}
