//! TLS: what is trusted, who we are, and what errors mean.

use std::io;

use connect_api::config::ConfigErrors;
use connect_tls::{Check, KeyErrors, Part, Tls};
use tokio_rustls::TlsConnector;

use super::node::Node;
use super::reply::Trouble;
use crate::config::TlsConfig;

/// Reads the keys; `prefix` stands before them in errors.
///
/// # Errors
/// Everything that is wrong with them.
pub(crate) fn read(config: &TlsConfig, prefix: &str) -> Result<Tls, ConfigErrors> {
    let protocols = config.enabled_protocols.join(",");
    let tls = Tls::read(&|key| match key {
        "ssl.enabled.protocols" => Some(&*protocols),
        "ssl.truststore.type" => Some(&config.truststore_type),
        "ssl.truststore.location" => config.truststore_location.as_deref(),
        "ssl.truststore.certificates" => config.truststore_certificates.as_ref().map(|pem| &**pem.expose()),
        "ssl.keystore.type" => Some(&config.keystore_type),
        "ssl.keystore.location" => config.keystore_location.as_deref(),
        "ssl.keystore.certificate.chain" => config.keystore_chain.as_ref().map(|pem| &**pem.expose()),
        "ssl.keystore.key" => config.keystore_key.as_ref().map(|pem| &**pem.expose()),
        "ssl.key.password" => config.key_password.as_ref().map(|password| &**password.expose()),
        "ssl.endpoint.identification.algorithm" => Some(&config.endpoint_identification),
        _ => None,
    });
    match tls {
        Ok(tls) if config.insecure => Ok(Tls { check: Check::Nothing, ..tls }),
        Ok(tls) => Ok(tls),
        Err(KeyErrors(wrong)) => {
            let mut errors = ConfigErrors::new();
            wrong.into_iter().for_each(|error| errors.add(error.key, None, error.message));
            Err(errors.prefixed(prefix))
        }
    }
}

/// Opens TLS over connections. The message of an error says what cannot be set up.
pub(super) fn connector(tls: &Tls) -> Result<TlsConnector, String> {
    if tls.check == Check::Nothing {
        tracing::warn!(
            "every server is trusted, whoever it is: elastic.https.insecure, connection.trust.all.certificates"
        );
    }
    let config = tls.client().map_err(|error| {
        let key = match error.part {
            Part::Roots => "ssl.truststore.location",
            Part::Identity => "ssl.keystore.location",
            Part::Versions => "ssl.enabled.protocols",
        };
        format!("TLS cannot be set up: {key}: {error}")
    })?;
    Ok(TlsConnector::from(config))
}

/// What an error of TLS means.
pub(super) fn explain(error: &io::Error, node: &Node) -> Trouble {
    let broken = || format!("{error}; the server broke off, so it may not expect TLS");
    let why = connect_tls::explain(error, "server").unwrap_or_else(broken);
    Trouble::tls(format!("TLS with {node} failed: {why}"))
}
