//! What is trusted, and the client's own certificate: PEM, in files or in the properties.

use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::keys::Keys;

/// Settings of TLS.
#[derive(Debug, Clone)]
pub(in crate::wire) struct Ssl {
    /// `None`: the machine's own roots.
    pub(in crate::wire) roots: Option<Vec<CertificateDer<'static>>>,
    pub(in crate::wire) identity: Option<(Vec<CertificateDer<'static>>, Arc<PrivateKeyDer<'static>>)>,
    pub(in crate::wire) check_host: bool,
    pub(in crate::wire) tls12: bool,
    pub(in crate::wire) tls13: bool,
}

pub(super) fn read(keys: &mut Keys<'_>) -> Option<Ssl> {
    let roots = store(keys, "ssl.truststore", "ssl.truststore.certificates");
    let chain = store(keys, "ssl.keystore", "ssl.keystore.certificate.chain");
    let key = keys
        .secret("ssl.keystore.key")
        .map(str::to_owned)
        .or_else(|| chain.clone().filter(|_| keys.filled("ssl.keystore.location").is_some()));
    let roots = roots.map(|text| certificates(keys, "ssl.truststore", &text));
    let identity = match (chain, key) {
        (Some(chain), Some(key)) => {
            let chain = certificates(keys, "ssl.keystore", &chain);
            private_key(keys, &key).map(|key| (chain, Arc::new(key)))
        }
        (None, None) => None,
        (Some(_), None) => {
            keys.wrong("ssl.keystore.key", "missing beside ssl.keystore.certificate.chain".into());
            None
        }
        (None, Some(_)) => {
            keys.wrong("ssl.keystore.certificate.chain", "missing beside ssl.keystore.key".into());
            None
        }
    };
    let algorithm = keys.one_of("ssl.endpoint.identification.algorithm", "https", &["https", ""]);
    let (mut tls12, mut tls13) = (true, true);
    if let Some(list) = keys.filled("ssl.enabled.protocols") {
        let has = |name: &str| list.split(',').any(|one| one.trim() == name);
        (tls12, tls13) = (has("TLSv1.2"), has("TLSv1.3"));
        if !tls12 && !tls13 {
            keys.wrong("ssl.enabled.protocols", format!("{list:?} has neither of the possible TLSv1.2, TLSv1.3"));
        }
    }
    Some(Ssl { roots, identity, check_host: algorithm == "https", tls12, tls13 })
}

/// The PEM text of a store, from the properties or from a file.
fn store(keys: &mut Keys<'_>, prefix: &str, inline: &str) -> Option<String> {
    let (type_key, location_key) = (format!("{prefix}.type"), format!("{prefix}.location"));
    let kind = keys.filled(&type_key).unwrap_or("JKS");
    let given = keys.secret(inline).is_some() || keys.filled(&location_key).is_some();
    if !given {
        return None;
    }
    if !kind.eq_ignore_ascii_case("PEM") {
        let text = format!(
            "{kind} stores cannot be read; possible: PEM. Export the store's certificates and key as PEM text, \
             set {type_key}=PEM and name the file in {location_key}, or put the text into {inline}"
        );
        keys.wrong(&type_key, text);
        return None;
    }
    if let Some(text) = keys.secret(inline) {
        return Some(text.to_owned());
    }
    let path = keys.filled(&location_key)?;
    match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) => {
            keys.wrong(&location_key, format!("cannot read {path:?}: {error}"));
            None
        }
    }
}

fn certificates(keys: &mut Keys<'_>, prefix: &str, text: &str) -> Vec<CertificateDer<'static>> {
    match CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>() {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => {
            keys.wrong(prefix, "there is no certificate (-----BEGIN CERTIFICATE-----) in the PEM text".into());
            Vec::new()
        }
        Err(error) => {
            keys.wrong(prefix, format!("the PEM text cannot be read: {error}"));
            Vec::new()
        }
    }
}

fn private_key(keys: &mut Keys<'_>, text: &str) -> Option<PrivateKeyDer<'static>> {
    const KEY: &str = "ssl.keystore.key";
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return encrypted_key(keys, text);
    }
    match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
        Ok(key) => Some(key),
        Err(error) => {
            keys.wrong(KEY, format!("there is no private key that can be read in the PEM text: {error}"));
            None
        }
    }
}

fn encrypted_key(keys: &mut Keys<'_>, text: &str) -> Option<PrivateKeyDer<'static>> {
    const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
    let Some(password) = keys.secret("ssl.key.password") else {
        keys.wrong("ssl.key.password", "the private key is encrypted, and there is no password for it".into());
        return None;
    };
    let section = text.find("-----BEGIN ENCRYPTED PRIVATE KEY-----").and_then(|begin| {
        let end = text[begin..].find(END)?;
        text.get(begin..begin + end + END.len())
    });
    let read = section.and_then(|section| pkcs8::SecretDocument::from_pem(section).ok());
    let Some((_, document)) = read else {
        keys.wrong("ssl.keystore.key", "the encrypted private key is not valid PEM".into());
        return None;
    };
    let decrypted =
        pkcs8::EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).and_then(|info| info.decrypt(password));
    match decrypted {
        Ok(key) => Some(PrivateKeyDer::Pkcs8(key.as_bytes().to_vec().into())),
        Err(error) => {
            keys.wrong("ssl.key.password", format!("the private key cannot be decrypted: {error}"));
            None
        }
    }
}
