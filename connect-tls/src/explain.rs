//! What errors of TLS mean.

use std::io;

use rustls::{CertificateError, Error};

/// What a failed handshake means, in words for the one who configures; `peer` is what the other side is called, as
/// `broker`. `None` when the connection broke for a reason that is not TLS's.
#[must_use]
pub fn explain(error: &io::Error, peer: &str) -> Option<String> {
    let tls = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match tls {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("the {peer}'s certificate has expired")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("the {peer}'s certificate is not valid yet")
            }
            CertificateError::UnknownIssuer => {
                format!("the {peer}'s certificate was issued by nobody in the truststore (unknown CA)")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the {peer}'s certificate is for another host name: {certificate}")
            }
            other => format!("the {peer}'s certificate was refused: {other}"),
        },
        Error::AlertReceived(alert) => format!("the {peer} refused: {alert:?}; it may want another client certificate"),
        Error::InvalidMessage(_) => format!("the {peer} does not speak TLS there (is the port one for plain text?)"),
        other => other.to_string(),
    })
}
