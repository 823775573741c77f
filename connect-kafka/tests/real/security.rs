//! TLS and SASL against the listeners of `dev/services/kafka`: who gets in, and what the others are told.

use std::collections::BTreeMap;

use connect_kafka::{Broker, Code, WireBroker, WireConfig};

/// A variable that `dev/services/kafka env` sets.
fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; dev/services/kafka env prints it"))
}

type Properties<'a> = &'a [(&'a str, &'a str)];

/// Properties of which the values beginning with `$` are variables.
async fn connect(properties: Properties<'_>) -> connect_kafka::Result<WireBroker> {
    let value = |value: &str| value.strip_prefix('$').map_or(value.to_owned(), env);
    let mut properties: BTreeMap<_, _> =
        properties.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect();
    for store in ["ssl.truststore", "ssl.keystore"] {
        properties.insert(format!("{store}.type"), "PEM".into());
    }
    if let Some(file) = properties.remove("key file") {
        properties.insert("ssl.keystore.key".into(), std::fs::read_to_string(file).unwrap());
    }
    if let Some(file) = properties.remove("chain file") {
        properties.insert("ssl.keystore.certificate.chain".into(), std::fs::read_to_string(file).unwrap());
    }
    let broker = WireBroker::connect(WireConfig::from_properties(&properties).unwrap()).await?;
    // The bootstrap server spoke; the broker that it names has to as well, and to rskafka, too.
    broker.groups().await?;
    broker.topics(None).await?;
    Ok(broker)
}

const CA: (&str, &str) = ("ssl.truststore.location", "$KAFKA_TLS_CA");
const TLS: (&str, &str) = ("security.protocol", "SSL");

#[tokio::test]
async fn the_right_ones_get_in() {
    let _turn = crate::TURN.lock().await;
    let jaas = |module: &str| {
        let (user, password) = (env("KAFKA_SASL_USER"), env("KAFKA_SASL_PASSWORD"));
        format!("org.apache.kafka.{module} required username=\"{user}\" password=\"{password}\";")
    };
    let (plain, scram) = (jaas("PlainLoginModule"), jaas("ScramLoginModule"));
    let token = "OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"alice\";".to_owned();
    let client = [("chain file", "$KAFKA_TLS_CLIENT_CERT"), ("key file", "$KAFKA_TLS_CLIENT_KEY")];
    let mut cases: Vec<Vec<(&str, &str)>> = vec![
        vec![("bootstrap.servers", "$KAFKA_BOOTSTRAP_SSL"), TLS, CA],
        vec![("bootstrap.servers", "$KAFKA_BOOTSTRAP_SSL"), TLS, CA, ("ssl.enabled.protocols", "TLSv1.2")],
        vec![("bootstrap.servers", "$KAFKA_BOOTSTRAP_MTLS"), TLS, CA, client[0], client[1]],
    ];
    for (mechanism, jaas) in
        [("PLAIN", &plain), ("SCRAM-SHA-256", &scram), ("SCRAM-SHA-512", &scram), ("OAUTHBEARER", &token)]
    {
        let sasl = [("sasl.mechanism", mechanism), ("sasl.jaas.config", jaas.as_str())];
        let plaintext =
            [("bootstrap.servers", "$KAFKA_BOOTSTRAP_SASL_PLAINTEXT"), ("security.protocol", "SASL_PLAINTEXT")];
        let tls = [("bootstrap.servers", "$KAFKA_BOOTSTRAP_SASL_SSL"), ("security.protocol", "SASL_SSL"), CA];
        cases.push([&plaintext[..], &sasl[..]].concat());
        cases.push([&tls[..], &sasl[..]].concat());
    }
    for case in cases {
        let connected = connect(&case).await;
        assert!(connected.is_ok(), "{:?}: {}", &case[..3], connected.unwrap_err());
    }
}

#[tokio::test]
async fn the_others_are_told_why() {
    let _turn = crate::TURN.lock().await;
    let scram = [
        ("bootstrap.servers", "$KAFKA_BOOTSTRAP_SASL_PLAINTEXT"),
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "SCRAM-SHA-256"),
        ("sasl.username", "$KAFKA_SASL_USER"),
        ("sasl.password", "wrong"),
    ];
    let mut plain = scram;
    plain[2].1 = "PLAIN";
    let mut to_plaintext = scram;
    to_plaintext[0].1 = "$KAFKA_BOOTSTRAP";
    let mut without_tls = scram;
    without_tls[0].1 = "$KAFKA_BOOTSTRAP_SASL_SSL";
    let mtls = ("bootstrap.servers", "$KAFKA_BOOTSTRAP_MTLS");
    let tls = ("bootstrap.servers", "$KAFKA_BOOTSTRAP_SSL");
    let cases: [(&str, Properties<'_>, Code, &str); 11] = [
        ("wrong SCRAM password", &scram, Code::SaslAuthenticationFailed, "SCRAM-SHA-256 authentication failed"),
        ("wrong PLAIN password", &plain, Code::SaslAuthenticationFailed, "PLAIN authentication failed"),
        ("SASL to a listener without", &to_plaintext, Code::IllegalSaslState, "does not expect SASL"),
        ("plaintext to TLS", &without_tls, Code::SslHandshakeFailed, "the listener expects SSL"),
        (
            "TLS to plaintext",
            &[("bootstrap.servers", "$KAFKA_BOOTSTRAP"), TLS, CA],
            Code::NetworkException,
            "may not expect TLS",
        ),
        (
            "no SASL to a listener with",
            &[("bootstrap.servers", "$KAFKA_BOOTSTRAP_SASL_PLAINTEXT")],
            Code::NetworkException,
            "another security.protocol",
        ),
        (
            "unknown CA",
            &[tls, TLS, ("ssl.truststore.location", "$KAFKA_TLS_UNKNOWN_CA")],
            Code::SslHandshakeFailed,
            "unknown CA",
        ),
        (
            "expired",
            &[("bootstrap.servers", "$KAFKA_BOOTSTRAP_SSL_EXPIRED"), TLS, CA],
            Code::SslHandshakeFailed,
            "has expired",
        ),
        ("no client certificate", &[mtls, TLS, CA], Code::SslHandshakeFailed, "the broker refused"),
        (
            "expired client certificate",
            &[mtls, TLS, CA, ("chain file", "$KAFKA_TLS_EXPIRED_CERT"), ("key file", "$KAFKA_TLS_EXPIRED_KEY")],
            Code::SslHandshakeFailed,
            "the broker refused",
        ),
        (
            "unknown client certificate",
            &[mtls, TLS, CA, ("chain file", "$KAFKA_TLS_UNKNOWN_CERT"), ("key file", "$KAFKA_TLS_UNKNOWN_KEY")],
            Code::SslHandshakeFailed,
            "the broker refused",
        ),
    ];
    for (what, case, code, expected) in cases {
        let error = connect(case).await.expect_err(what);
        assert_eq!(error.code, code, "{what}: {error}");
        assert!(error.message.contains(expected), "{what}: {error}");
    }
}
