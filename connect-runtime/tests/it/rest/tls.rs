//! TLS, with keys as PEM.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use connect_runtime::rest::{RestConfig, SslProperties};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Place;
use super::client::{Answer, raw, request};

const CERTIFICATE: &str = include_str!("testdata/certificate.pem");
const KEY: &str = include_str!("testdata/key.pem");

fn keystore(directory: &Path) -> SslProperties {
    let file = directory.join("both.pem");
    std::fs::write(&file, format!("{KEY}{CERTIFICATE}")).unwrap();
    properties(&[("ssl.keystore.type", "PEM"), ("ssl.keystore.location", file.to_str().unwrap())])
}

fn properties(rows: &[(&str, &str)]) -> SslProperties {
    SslProperties(rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

/// Asks over TLS, with or without a certificate of one's own. None when there is no answer.
async fn ask(place: &Place, path: &str, identified: bool) -> Option<Answer> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let config = if identified {
        builder
            .with_client_auth_cert(vec![certificate], PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap())
            .unwrap()
    } else {
        builder.with_no_client_auth()
    };
    let stream = TcpStream::connect(place.server.addresses()[0]).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    // In TLS 1.3 a client hears only afterwards that its certificate is missing.
    use tokio::io::AsyncReadExt as _;
    use tokio::io::AsyncWriteExt as _;
    stream.write_all(request("GET", path, &[], None).as_bytes()).await.ok()?;
    let mut bytes = vec![0; 1];
    (stream.read(&mut bytes).await.ok()? > 0).then_some(())?;
    let (rest, first) = (stream, std::io::Cursor::new(bytes));
    Some(raw(tokio::io::join(tokio::io::AsyncReadExt::chain(first, rest), tokio::io::sink()), b"").await)
}

#[tokio::test]
async fn https_beside_http() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::with(|config| {
        config.listeners = vec!["https://localhost:0".into(), "http://127.0.0.1:0".into()];
        config.ssl = keystore(directory.path());
    })
    .await;
    let answer = ask(&place, "/", false).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(place.server.url().starts_with("https://localhost:"), "{}", place.server.url());
    let plain = super::client::ask(place.server.addresses()[1], "GET", "/", &[], None).await;
    assert_eq!(plain.status, 200);
    let body = r#"{"connector.class":"ListSource","items":"a"}"#;
    let put = super::client::ask(place.server.addresses()[1], "PUT", "/connectors/a/config", &[], Some(body)).await;
    assert_eq!(put.header("location").as_deref(), Some("http://127.0.0.1:8083/connectors/a"));
}

#[tokio::test]
async fn clients_have_to_show_a_certificate_where_that_is_required() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::with(|config| {
        let mut ssl = keystore(directory.path());
        let wanted = [
            ("ssl.client.auth", "required"),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.certificates", CERTIFICATE),
        ];
        ssl.0.extend(properties(&wanted).0);
        config.listeners = vec!["https://127.0.0.1:0".into()];
        config.ssl = ssl;
    })
    .await;
    assert!(ask(&place, "/", false).await.is_none());
    assert_eq!(ask(&place, "/", true).await.map(|answer| answer.status), Some(200));
}

#[test]
fn keys_that_cannot_be_used_are_named() {
    for (rows, said) in [
        (
            &[("ssl.keystore.type", "JKS"), ("ssl.keystore.location", "/a.jks")][..],
            "ssl.keystore.type: JKS stores cannot be read",
        ),
        (&[("ssl.keystore.type", "PEM"), ("ssl.keystore.location", "/none.pem")], "cannot read \"/none.pem\""),
        (&[("ssl.client.auth", "maybe")], "none, requested, required"),
    ] {
        let mut worker: BTreeMap<String, String> =
            rows.iter().map(|(key, value)| (format!("listeners.https.{key}"), (*value).to_owned())).collect();
        worker.insert("listeners".into(), "https://127.0.0.1:0".into());
        let errors = RestConfig::from_properties(&worker).unwrap_err().to_string();
        assert!(errors.contains(said), "{errors}");
    }
}
