//! What TLS to a PostgreSQL server trusts.

use std::path::Path;
use std::sync::Arc;

use connect_tls::{Check, Identity, Part};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::address::{Files, Tls};
use crate::dialect::{Class, Fault};

/// Settings of TLS for a mode.
pub(super) fn client_config(tls: Tls, files: &Files) -> Result<Arc<ClientConfig>, Fault> {
    let check = match tls {
        Tls::VerifyFull => Check::Everything,
        Tls::VerifyCa => Check::AnyName,
        _ => Check::Nothing,
    };
    let roots = match &files.roots {
        Some(file) if check != Check::Nothing => Some(certificates(file)?),
        _ => None,
    };
    let identity = match (&files.certificate, &files.key) {
        (Some(certificate), Some(key)) => {
            Some(Identity { chain: certificates(certificate)?, key: Arc::new(private_key(key)?) })
        }
        (None, None) => None,
        _ => return Err(Fault::new(Class::Config, "sslcert and sslkey go together; only one of them is set")),
    };
    let settings = connect_tls::Tls { roots, identity, check, ..connect_tls::Tls::default() };
    settings.client().map_err(|error| match error.part {
        Part::Roots => wrong("sslrootcert", &error),
        Part::Identity => wrong("sslcert", &error),
        Part::Versions => wrong("TLS", &error),
    })
}

/// PEM, or a single certificate as DER.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let content = std::fs::read(file).map_err(|error| wrong(&file.display().to_string(), &error))?;
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&content).collect();
    let parsed = parsed.map_err(|error| wrong(&file.display().to_string(), &error))?;
    Ok(if parsed.is_empty() { vec![CertificateDer::from(content)] } else { parsed })
}

/// PEM, or PKCS#8 as DER, which is the JDBC driver's usual form.
fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    let name = || file.display().to_string();
    let content = std::fs::read(file).map_err(|error| wrong(&name(), &error))?;
    match PrivateKeyDer::from_pem_slice(&content) {
        Ok(key) => Ok(key),
        Err(_) => PrivateKeyDer::try_from(content).map_err(|error| wrong(&name(), &error)),
    }
}

fn wrong(what: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::new(Class::Config, format!("TLS cannot be set up: {what}: {error}"))
}
