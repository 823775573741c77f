//! Brokers that do not let the client in.

use bytes::Bytes;
use kafka_protocol::messages::{ApiKey, SaslAuthenticateResponse, SaslHandshakeResponse};
use tokio::net::TcpListener;

use super::server::{Act, Asked, Server, config, metadata, modern};
use crate::{Broker, Code, WireBroker};

const WHO: [(&str, &str); 4] = [
    ("security.protocol", "SASL_PLAINTEXT"),
    ("sasl.mechanism", "PLAIN"),
    ("sasl.username", "alice"),
    ("sasl.password", "secret"),
];

fn welcome(asked: &Asked) -> Act {
    match asked.api {
        ApiKey::ApiVersions => asked.reply(&modern()),
        ApiKey::SaslHandshake => {
            asked.reply(&SaslHandshakeResponse::default().with_mechanisms(vec!["PLAIN".into(), "SCRAM-SHA-256".into()]))
        }
        ApiKey::SaslAuthenticate => asked.reply(&SaslAuthenticateResponse::default()),
        _ => asked.reply(&metadata(asked, &[(1, 1)], &[])),
    }
}

#[tokio::test]
async fn refusals_are_told_at_once_and_are_final() {
    type Script = fn(&Asked) -> Act;
    let cases: [(&str, Script, Code, &str); 4] = [
        (
            "wrong password",
            |asked| match asked.api {
                ApiKey::SaslAuthenticate => asked.reply(
                    &SaslAuthenticateResponse::default()
                        .with_error_code(58)
                        .with_error_message(Some("Invalid username or password".into())),
                ),
                _ => welcome(asked),
            },
            Code::SaslAuthenticationFailed,
            "PLAIN authentication failed: Invalid username or password",
        ),
        (
            "another mechanism",
            |asked| match asked.api {
                ApiKey::SaslHandshake => {
                    let enabled = vec!["SCRAM-SHA-256".into(), "GSSAPI".into()];
                    asked.reply(&SaslHandshakeResponse::default().with_error_code(33).with_mechanisms(enabled))
                }
                _ => welcome(asked),
            },
            Code::UnsupportedSaslMechanism,
            "enabled there: SCRAM-SHA-256, GSSAPI",
        ),
        (
            "no SASL",
            |asked| match asked.api {
                ApiKey::SaslHandshake => asked.reply(&SaslHandshakeResponse::default().with_error_code(34)),
                _ => welcome(asked),
            },
            Code::IllegalSaslState,
            "does not expect SASL",
        ),
        (
            "cut off",
            |asked| match asked.api {
                ApiKey::SaslAuthenticate => Act::SendAndClose(Bytes::new()),
                _ => welcome(asked),
            },
            Code::NetworkException,
            "closed",
        ),
    ];
    for (what, script, code, expected) in cases {
        let server = Server::start(script).await;
        let error = WireBroker::connect(config(server.port, &WHO)).await.unwrap_err();
        assert_eq!(error.code, code, "{what}: {error}");
        assert!(error.message.contains(expected) && !error.message.contains("secret"), "{what}: {error}");
        assert_eq!(error.is_retriable(), code == Code::NetworkException);
        assert_eq!(server.count(ApiKey::Metadata), 0);
    }
}

#[tokio::test]
async fn a_session_that_ends_is_begun_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = Server::listen(listener, move |asked| match asked.api {
        ApiKey::SaslAuthenticate => asked.reply(&SaslAuthenticateResponse::default().with_session_lifetime_ms(1)),
        ApiKey::Metadata => asked.reply(&metadata(asked, &[(1, port)], &[])),
        _ => welcome(asked),
    });
    let broker = WireBroker::connect(config(port, &WHO)).await.unwrap();
    // Far more questions than fit into four sessions of a millisecond.
    for _ in 0..100_000 {
        broker.topics(Some(&[])).await.unwrap();
        if server.count(ApiKey::SaslAuthenticate) > 4 {
            return;
        }
    }
    panic!("still in the same session");
}
