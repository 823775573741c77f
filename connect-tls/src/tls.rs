//! Settings, and what rustls makes of them.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

use crate::check::Lenient;

/// The one place that chooses cryptography.
#[must_use]
pub fn provider() -> CryptoProvider {
    ring::default_provider()
}

/// Whom to trust, who we are, and how much is checked.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Whom to trust; the machine's own roots when absent.
    pub roots: Option<Vec<CertificateDer<'static>>>,
    /// Our key and certificates.
    pub identity: Option<Identity>,
    /// How much is checked of a server.
    pub check: Check,
    /// Versions that may be spoken.
    pub versions: Versions,
}

/// A key and its certificates, the key's own one first.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificates.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key.
    pub key: Arc<PrivateKeyDer<'static>>,
}

/// How much is checked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Check {
    /// That somebody who is trusted says who it is, and that it is the one we called.
    #[default]
    Everything,
    /// Not that it is the one we called.
    AnyName,
    /// Only that it has the key of the certificate it shows. Whoever sits between reads and changes everything.
    Nothing,
}

/// Versions of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// TLS 1.2.
    pub tls12: bool,
    /// TLS 1.3.
    pub tls13: bool,
}

impl Default for Versions {
    fn default() -> Self {
        Self { tls12: true, tls13: true }
    }
}

impl Versions {
    pub(crate) fn supported(self) -> Vec<&'static SupportedProtocolVersion> {
        let mut versions = Vec::new();
        versions.extend(self.tls13.then_some(&version::TLS13));
        versions.extend(self.tls12.then_some(&version::TLS12));
        versions
    }
}

/// Which settings an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// [`Tls::roots`].
    Roots,
    /// [`Tls::identity`].
    Identity,
    /// [`Tls::versions`].
    Versions,
}

/// Settings that are no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsError {
    /// What it is about, for callers who know the name of its key.
    pub part: Part,
    /// What is wrong.
    pub message: String,
}

impl TlsError {
    fn new(part: Part, error: impl fmt::Display) -> Self {
        Self { part, message: error.to_string() }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TlsError {}

impl Tls {
    /// What a client needs.
    ///
    /// # Errors
    /// Roots that are no roots, a machine without roots of its own, a key that does not belong to its certificate, or no
    /// version.
    pub fn client(&self) -> Result<Arc<ClientConfig>, TlsError> {
        let provider = Arc::new(provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&self.versions.supported())
            .map_err(|error| TlsError::new(Part::Versions, error))?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(provider)?);
        let config = match &self.identity {
            Some(Identity { chain, key }) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| TlsError::new(Part::Identity, error))?,
            None => builder.with_no_client_auth(),
        };
        Ok(Arc::new(config))
    }

    fn verifier(&self, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
        if self.check == Check::Nothing {
            return Ok(Arc::new(Lenient { chain: None, provider }));
        }
        let mut roots = RootCertStore::empty();
        match &self.roots {
            Some(given) => {
                for certificate in given {
                    roots.add(certificate.clone()).map_err(|error| TlsError::new(Part::Roots, error))?;
                }
            }
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        if roots.is_empty() {
            return Err(TlsError::new(Part::Roots, "the machine has no root certificates, and no others are given"));
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| TlsError::new(Part::Roots, error))?;
        Ok(match self.check {
            Check::Everything => chain,
            _ => Arc::new(Lenient { chain: Some(chain), provider }),
        })
    }
}
