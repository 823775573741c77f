//! TLS: what is trusted, and what its errors mean.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version,
};

use super::config::Ssl;
use crate::{BrokerError, Code, Result};

/// Opens TLS over connections.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

/// The one place that chooses cryptography.
pub(super) fn provider() -> CryptoProvider {
    ring::default_provider()
}

impl Tls {
    pub(super) fn new(ssl: &Ssl) -> Result<Self> {
        let wrong = |what: &str, error: &dyn std::fmt::Display| {
            BrokerError::new(Code::SslHandshakeFailed, format!("TLS cannot be set up: {what}: {error}"))
        };
        let provider = Arc::new(provider());
        let mut roots = RootCertStore::empty();
        match &ssl.roots {
            Some(certificates) => {
                for certificate in certificates {
                    roots.add(certificate.clone()).map_err(|error| wrong("ssl.truststore", &error))?;
                }
            }
            None => {
                let found = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(found.certs);
                if roots.is_empty() {
                    let none = "the machine has no root certificates; set ssl.truststore.location";
                    return Err(wrong("ssl.truststore", &none));
                }
            }
        }
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| wrong("ssl.truststore", &error))?;
        let verifier: Arc<dyn ServerCertVerifier> = if ssl.check_host { webpki } else { Arc::new(AnyHost(webpki)) };
        let mut versions = Vec::new();
        versions.extend(ssl.tls13.then_some(&version::TLS13));
        versions.extend(ssl.tls12.then_some(&version::TLS12));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| wrong("ssl.enabled.protocols", &error))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &ssl.identity {
            Some((chain, key)) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| wrong("ssl.keystore", &error))?,
            None => builder.with_no_client_auth(),
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
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
    let tls = error.get_ref()?.downcast_ref::<Error>()?;
    let why = match tls {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the broker's certificate has expired".into()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the broker's certificate is not valid yet".into()
            }
            CertificateError::UnknownIssuer => {
                "the broker's certificate was issued by nobody in the truststore (unknown CA)".into()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the broker's certificate is for another host name: {certificate}")
            }
            other => format!("the broker's certificate was refused: {other}"),
        },
        Error::AlertReceived(alert) => format!("the broker refused: {alert:?}; it may want another client certificate"),
        Error::InvalidMessage(_) => "the broker does not speak TLS there (plaintext listener?)".into(),
        other => other.to_string(),
    };
    Some(BrokerError::new(Code::SslHandshakeFailed, format!("TLS with {peer} failed: {why}")))
}

/// Checks everything but the host name.
#[derive(Debug)]
struct AnyHost(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, Error> {
        // The name is looked at last, when the chain has been found good.
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
