//! TLS: what is trusted, who we are, and what errors mean.

use std::io;
use std::sync::Arc;

use connect_api::config::{ConfigErrors, Secret};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version,
};

use super::node::Node;
use super::reply::Trouble;
use crate::config::TlsConfig;

/// What is trusted, and who we are.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsSettings {
    /// The machine's own when absent.
    roots: Option<Vec<CertificateDer<'static>>>,
    identity: Option<(Vec<CertificateDer<'static>>, Arc<PrivateKeyDer<'static>>)>,
    any_host: bool,
    insecure: bool,
    only_12: bool,
    only_13: bool,
}

impl TlsSettings {
    /// Reads stores; `prefix` stands before the keys in errors.
    pub(crate) fn read(config: &TlsConfig, prefix: &str) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::new();
        let trust = store(
            &mut errors,
            "ssl.truststore",
            &config.truststore_type,
            config.truststore_location.as_deref(),
            config.truststore_certificates.as_ref(),
        );
        let roots = trust.map(|pem| certificates(&mut errors, "ssl.truststore.location", &pem));
        let own = store(
            &mut errors,
            "ssl.keystore",
            &config.keystore_type,
            config.keystore_location.as_deref(),
            config.keystore_chain.as_ref(),
        );
        let key = config.keystore_key.as_ref().map(|key| key.expose().clone()).or_else(|| own.clone());
        let identity = own.zip(key).and_then(|(chain, key)| {
            let chain = certificates(&mut errors, "ssl.keystore.location", &chain);
            match PrivateKeyDer::from_pem_slice(key.as_bytes()) {
                Ok(key) => Some((chain, Arc::new(key))),
                Err(error) => {
                    errors.add("ssl.keystore.key", None, format!("there is no private key that can be read: {error}"));
                    None
                }
            }
        });
        let has = |name: &str| config.enabled_protocols.iter().any(|one| one == name);
        let (v12, v13) = (has("TLSv1.2"), has("TLSv1.3"));
        if !v12 && !v13 {
            errors.add("ssl.enabled.protocols", None, "it has neither of the possible TLSv1.2, TLSv1.3");
        }
        errors.prefixed(prefix).into_result()?;
        Ok(Self {
            roots,
            identity,
            any_host: config.endpoint_identification.is_empty(),
            insecure: config.insecure,
            only_12: !v13,
            only_13: !v12,
        })
    }
}

/// The PEM text of a store.
fn store(
    errors: &mut ConfigErrors,
    name: &str,
    kind: &str,
    location: Option<&str>,
    inline: Option<&Secret<String>>,
) -> Option<String> {
    let location = location.filter(|location| !location.is_empty());
    if let Some(text) = inline {
        return Some(text.expose().clone());
    }
    let location = location?;
    if !kind.eq_ignore_ascii_case("PEM") {
        let message = format!(
            "{kind} stores cannot be read; possible: PEM. Export the store as PEM text, set {name}.type=PEM, and \
             name the file in {name}.location"
        );
        errors.add(format!("{name}.type"), Some(kind.to_owned()), message);
        return None;
    }
    match std::fs::read_to_string(location) {
        Ok(text) => Some(text),
        Err(error) => {
            errors.add(format!("{name}.location"), Some(location.to_owned()), format!("cannot be read: {error}"));
            None
        }
    }
}

fn certificates(errors: &mut ConfigErrors, key: &str, pem: &str) -> Vec<CertificateDer<'static>> {
    match CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>() {
        Ok(found) if !found.is_empty() => return found,
        Ok(_) => errors.add(key, None, "there is no certificate (-----BEGIN CERTIFICATE-----) in the PEM text"),
        Err(error) => errors.add(key, None, format!("the PEM text cannot be read: {error}")),
    }
    Vec::new()
}

/// Opens TLS over connections. The message of an error says what cannot be set up.
pub(super) fn connector(settings: &TlsSettings) -> Result<TlsConnector, String> {
    let provider = Arc::new(ring::default_provider());
    let wrong = |what: &str, error: &dyn std::fmt::Display| format!("TLS cannot be set up: {what}: {error}");
    let verifier: Arc<dyn ServerCertVerifier> = if settings.insecure {
        tracing::warn!(
            "every server is trusted, whoever it is: elastic.https.insecure, connection.trust.all.certificates"
        );
        Arc::new(Lenient { webpki: None, provider: Arc::clone(&provider) })
    } else {
        let mut roots = RootCertStore::empty();
        match &settings.roots {
            Some(given) => {
                for certificate in given {
                    roots.add(certificate.clone()).map_err(|error| wrong("ssl.truststore", &error))?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if roots.is_empty() {
                    return Err(wrong(
                        "ssl.truststore",
                        &"the machine has no root certificates; set ssl.truststore.location",
                    ));
                }
            }
        }
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| wrong("ssl.truststore", &error))?;
        match settings.any_host {
            true => Arc::new(Lenient { webpki: Some(webpki), provider: Arc::clone(&provider) }),
            false => webpki,
        }
    };
    let versions: &[_] = match (settings.only_12, settings.only_13) {
        (true, _) => &[&version::TLS12],
        (_, true) => &[&version::TLS13],
        _ => &[&version::TLS13, &version::TLS12],
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| wrong("ssl.enabled.protocols", &error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match &settings.identity {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .map_err(|error| wrong("ssl.keystore", &error))?,
        None => builder.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What an error of TLS means.
pub(super) fn explain(error: &io::Error, node: &Node) -> Trouble {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return Trouble::tls(format!(
            "TLS with {node} failed: {error}; the server broke off, so it may not expect TLS"
        ));
    };
    let why = match tls {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired".to_owned()
            }
            CertificateError::UnknownIssuer => {
                "the server's certificate was issued by nobody in the truststore (unknown CA)".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the server's certificate is for another host name: {certificate}")
            }
            other => format!("the server's certificate was refused: {other}"),
        },
        Error::AlertReceived(alert) => format!("the server refused: {alert:?}; it may want a client certificate"),
        Error::InvalidMessage(_) => "the server does not speak TLS there; is it http?".to_owned(),
        other => other.to_string(),
    };
    Trouble::tls(format!("TLS with {node} failed: {why}"))
}

/// Checks everything but the host name, or nothing at all.
#[derive(Debug)]
struct Lenient {
    webpki: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<tokio_rustls::rustls::crypto::CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(webpki) = &self.webpki else { return Ok(ServerCertVerified::assertion()) };
        // The name is looked at last, when the chain has been found good.
        match webpki.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
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
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
