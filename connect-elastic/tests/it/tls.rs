//! TLS, by a proxy that ends it in front of the server.

use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::host::{CONFLUENT, config, number, record, worker};
use crate::server::Server;

/// An authority, and a certificate of it for `localhost` alone.
pub(crate) const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/testdata/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("testdata/server.pem");
const KEY: &[u8] = include_bytes!("testdata/server-key.pem");

/// A URL, keys, and what is said of them.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// The port on which the server is reached by TLS.
pub(crate) async fn wrapped(server: &Server) -> u16 {
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<Vec<_>, _>>().unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(KEY).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = server.url.strip_prefix("http://").unwrap().to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let Ok(mut server) = TcpStream::connect(behind).await else { return };
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn servers_are_trusted_as_configured() {
    let server = Server::start().await;
    let port = wrapped(&server).await;
    let (named, numbered) = (format!("https://localhost:{port}"), format!("https://127.0.0.1:{port}"));
    let protocol = ("elastic.security.protocol", "SSL");
    let (kind, store) = (("elastic.https.ssl.truststore.type", "PEM"), ("elastic.https.ssl.truststore.location", CA));
    let any_host = ("elastic.https.ssl.endpoint.identification.algorithm", "");
    let insecure = ("elastic.https.insecure", "true");
    let patience = ("connection.timeout.ms", "30000");
    let rows: [Row<'_>; 5] = [
        (&named, &[protocol, kind, store], ""),
        (&numbered, &[protocol, kind, store], "another host name"),
        (&numbered, &[protocol, kind, store, any_host], ""),
        (&named, &[protocol, any_host], "unknown CA"),
        (&numbered, &[insecure], ""),
    ];
    let worker = worker().await;
    for (url, keys, expect) in rows {
        let keys = [&[("connection.url", url), patience], keys].concat();
        let errors = worker.validate(config(&server, CONFLUENT, &keys)).await;
        match expect {
            "" => assert!(errors.is_empty(), "{keys:?}: {errors}"),
            _ => assert!(errors.to_string().contains(expect) && !errors.are_passing(), "{keys:?}: {errors}"),
        }
    }
    worker.topic("t", 1).await;
    worker.send_records([record("a", number(1))]).await;
    worker.create(config(&server, CONFLUENT, &[("connection.url", &named), patience, protocol, kind, store])).await;
    worker.drained().await;
    assert_eq!(server.count("t"), 1);
}
