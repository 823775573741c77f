//! What a server shows and wants, under the same keys.

use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::error::KeyErrors;
use crate::keys::Keys;
use crate::tls::{Identity, Tls, provider};

/// Settings of a server from Kafka's `ssl.*` keys, `ssl.client.auth` (`none`, `requested`, `required`) among them;
/// `lookup` has the value of a key, if it is set.
///
/// # Errors
/// All that is wrong, by key: as in [`Tls::read`]; no key or certificate, a key that does not belong to its certificate,
/// client certificates that are wanted although nobody is trusted.
pub fn server_config<'v>(lookup: &dyn Fn(&str) -> Option<&'v str>) -> Result<Arc<ServerConfig>, KeyErrors> {
    let mut keys = Keys::new(lookup);
    let tls = keys.tls();
    let wanted = keys.one_of("ssl.client.auth", "none", &["none", "requested", "required"]);
    let config = if keys.is_right() { server(&mut keys, &tls, wanted) } else { None };
    // Without a config there is a mistake that says why.
    keys.finish(config)?.ok_or_else(|| KeyErrors(Vec::new()))
}

fn server(keys: &mut Keys<'_, '_>, tls: &Tls, wanted: &str) -> Option<Arc<ServerConfig>> {
    let Some(Identity { chain, key }) = &tls.identity else {
        let message = "a server needs a key and a certificate: set ssl.keystore.type=PEM, and ssl.keystore.location to a \
                       file with both";
        keys.wrong("ssl.keystore.location", message);
        return None;
    };
    let builder = ServerConfig::builder_with_provider(Arc::new(provider()));
    let builder = match builder.with_protocol_versions(&tls.versions.supported()) {
        Ok(builder) => builder,
        Err(error) => {
            keys.wrong("ssl.enabled.protocols", error.to_string());
            return None;
        }
    };
    let builder = match wanted {
        "none" => builder.with_no_client_auth(),
        _ => builder.with_client_cert_verifier(verifier(keys, tls, wanted == "required")?),
    };
    match builder.with_single_cert(chain.clone(), key.clone_key()) {
        Ok(config) => Some(Arc::new(config)),
        Err(error) => {
            keys.wrong("ssl.keystore", format!("the key and the certificate cannot be used: {error}"));
            None
        }
    }
}

fn verifier(keys: &mut Keys<'_, '_>, tls: &Tls, required: bool) -> Option<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in tls.roots.iter().flatten() {
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
