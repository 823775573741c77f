//! Certificates and keys as text.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

/// All certificates of a PEM text.
///
/// # Errors
/// That there is none, or why one cannot be read.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    match CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>() {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err("there is no certificate (-----BEGIN CERTIFICATE-----) in the PEM text".into()),
        Err(error) => Err(format!("the PEM text cannot be read: {error}")),
    }
}

/// The first private key of a PEM text that is not encrypted.
///
/// # Errors
/// That there is none, or why it cannot be read; nothing of the key.
pub fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| format!("there is no private key that can be read in the PEM text: {error}"))
}

/// Whether the key of a PEM text needs a password.
pub(crate) fn is_encrypted(pem: &str) -> bool {
    pem.contains(BEGIN)
}

/// Why an encrypted key cannot be had.
pub(crate) enum Locked {
    /// The text is at fault.
    Text,
    /// The password is, or the way of encryption is one that is not known.
    Password(String),
}

/// The encrypted private key of a PEM text.
pub(crate) fn encrypted_key(pem: &str, password: &str) -> Result<PrivateKeyDer<'static>, Locked> {
    let section = pem.find(BEGIN).and_then(|begin| {
        let end = pem[begin..].find(END)?;
        pem.get(begin..begin + end + END.len())
    });
    let (_, document) =
        section.and_then(|section| pkcs8::SecretDocument::from_pem(section).ok()).ok_or(Locked::Text)?;
    let info = pkcs8::EncryptedPrivateKeyInfoRef::try_from(document.as_bytes());
    match info.and_then(|info| info.decrypt(password)) {
        Ok(key) => Ok(PrivateKeyDer::Pkcs8(key.as_bytes().to_vec().into())),
        Err(error) => Err(Locked::Password(error.to_string())),
    }
}
