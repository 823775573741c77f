//! What a TLS server shows and wants, under the same keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, version};

use super::keys::Keys;
use super::{Ssl, WireConfigErrors, ssl};
use crate::wire::tls::provider;

/// Settings of a TLS server from Kafka's `ssl.*` properties: `ssl.keystore.*` and `ssl.truststore.*` as PEM,
/// `ssl.key.password`, `ssl.enabled.protocols`, and `ssl.client.auth` (`none`, `requested`, `required`).
///
/// # Errors
/// Everything that is wrong, by key: stores that cannot be read, no key or certificate, a key that does not belong to
/// the certificate, client certificates that are wanted although nobody is trusted.
pub fn tls_server(properties: &BTreeMap<String, String>) -> Result<Arc<ServerConfig>, WireConfigErrors> {
    let mut keys = Keys::new(properties);
    let ssl = ssl::read(&mut keys);
    let wanted = keys.one_of("ssl.client.auth", "none", &["none", "requested", "required"]);
    let config = match ssl {
        Some(ssl) if keys.is_right() => server(&mut keys, &ssl, wanted),
        _ => None,
    };
    // Without a config there is a mistake that says why.
    keys.finish(config)?.ok_or_else(|| WireConfigErrors(Vec::new()))
}

fn server(keys: &mut Keys<'_>, ssl: &Ssl, wanted: &str) -> Option<Arc<ServerConfig>> {
    let Some((chain, key)) = &ssl.identity else {
        let message = "a server needs a key and a certificate: set ssl.keystore.type=PEM, and ssl.keystore.location to a \
                       file with both";
        keys.wrong("ssl.keystore.location", message.into());
        return None;
    };
    let mut versions = Vec::new();
    versions.extend(ssl.tls13.then_some(&version::TLS13));
    versions.extend(ssl.tls12.then_some(&version::TLS12));
    let builder = match ServerConfig::builder_with_provider(Arc::new(provider())).with_protocol_versions(&versions) {
        Ok(builder) => builder,
        Err(error) => {
            keys.wrong("ssl.enabled.protocols", error.to_string());
            return None;
        }
    };
    let builder = match wanted {
        "none" => builder.with_no_client_auth(),
        _ => builder.with_client_cert_verifier(verifier(keys, ssl, wanted == "required")?),
    };
    match builder.with_single_cert(chain.clone(), key.clone_key()) {
        Ok(config) => Some(Arc::new(config)),
        Err(error) => {
            keys.wrong("ssl.keystore", format!("the key and the certificate cannot be used: {error}"));
            None
        }
    }
}

fn verifier(keys: &mut Keys<'_>, ssl: &Ssl, required: bool) -> Option<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in ssl.roots.iter().flatten() {
        if let Err(error) = roots.add(certificate.clone()) {
            keys.wrong("ssl.truststore", error.to_string());
            return None;
        }
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider()));
    match if required { builder } else { builder.allow_unauthenticated() }.build() {
        Ok(verifier) => Some(verifier),
        Err(error) => {
            let message = format!("client certificates are checked against it, and it cannot be used: {error}");
            keys.wrong("ssl.truststore.location", message);
            None
        }
    }
}
