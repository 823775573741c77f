use std::collections::BTreeMap;
use std::time::Duration;

use connect_tls::KeyErrors;

use super::{HostPort, Oauth, Sasl, ScramHash, WireConfig};

fn read(properties: &[(&str, &str)]) -> Result<WireConfig, KeyErrors> {
    let properties: BTreeMap<_, _> = properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    WireConfig::from_properties(&properties)
}

#[test]
fn defaults_are_kafkas() {
    let config = read(&[("group.id", "others' keys are ignored")]).unwrap();
    assert_eq!(config.bootstrap, [HostPort { host: "localhost".into(), port: 9092 }]);
    assert_eq!((config.request_timeout, config.max_idle), (Duration::from_secs(30), Duration::from_secs(540)));
    assert_eq!(config.reconnect_backoff, (Duration::from_millis(50), Duration::from_secs(1)));
    assert!(config.ssl.is_none() && config.sasl.is_none());
}

#[test]
fn addresses() {
    let cases = [
        ("a:1,b:2", "a:1 b:2"),
        (" a:1 , ,b:2,", "a:1 b:2"),
        ("SASL_SSL://a.example:9093", "a.example:9093"),
        ("[::1]:9092", "[::1]:9092"),
    ];
    for (text, expected) in cases {
        let found = read(&[("bootstrap.servers", text)]).unwrap().bootstrap;
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), expected);
    }
    for text in ["", ",", "a", "a:", ":1", "a:0", "a:65536", "a:x"] {
        let error = read(&[("bootstrap.servers", text)]).unwrap_err().to_string();
        assert!(error.starts_with("bootstrap.servers: "), "{text:?}: {error}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let error = read(&[
        ("bootstrap.servers", "nowhere"),
        ("request.timeout.ms", "soon"),
        ("security.protocol", "TLS"),
        ("retry.backoff.ms", "-1"),
        ("client.dns.lookup", "default"),
    ])
    .unwrap_err();
    let keys: Vec<_> = error.0.iter().map(|one| one.key.as_str()).collect();
    let expected =
        ["bootstrap.servers", "client.dns.lookup", "security.protocol", "request.timeout.ms", "retry.backoff.ms"];
    assert_eq!(keys, expected);
    assert!(error.to_string().contains("possible: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"), "{error}");
}

#[test]
fn mechanisms() {
    let read = |more: &[(&str, &str)]| {
        let mut properties = vec![("security.protocol", "sasl_plaintext")];
        properties.extend(more);
        read(&properties).map(|config| config.sasl)
    };
    let jaas = |module: &str, options: &str| format!("org.apache.kafka.common.security.x.{module} required {options};");
    let plain = jaas("PlainLoginModule", r#"username="a b" password='p;\"\\=' "#);
    match read(&[("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", &plain)]).unwrap() {
        Some(Sasl::Plain(who)) => assert_eq!((who.username.as_str(), who.password.reveal()), ("a b", "p;\"\\=")),
        other => panic!("{other:?}"),
    }
    let keys = [("sasl.mechanism", "SCRAM-SHA-512"), ("sasl.username", "u"), ("sasl.password", " p ")];
    match read(&keys).unwrap() {
        Some(Sasl::Scram(ScramHash::Sha512, who)) => {
            assert_eq!((who.username.as_str(), who.password.reveal()), ("u", " p "));
            assert!(!format!("{who:?}").contains(" p "));
        }
        other => panic!("{other:?}"),
    }
    let token = [("sasl.mechanism", "OAUTHBEARER"), ("sasl.oauthbearer.token.endpoint.url", "file:///t")];
    assert!(matches!(read(&token).unwrap(), Some(Sasl::Oauth(Oauth::File(path))) if path.ends_with("t")));

    let wrong = jaas("ScramLoginModule", r#"username="u" password="secret""#);
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], "GSSAPI is not possible here; possible: PLAIN"),
        (&[("sasl.mechanism", "DIGEST")], "\"DIGEST\" is not possible"),
        (&[("sasl.mechanism", "PLAIN")], "username and password are missing"),
        (&[("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", &wrong)], "needs a PlainLoginModule"),
        (&[("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", "PlainLoginModule required")], "semicolon"),
        (&[("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", "username=u;")], "not the name of a login module"),
        (&[("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", "PlainLoginModule required a=\"secret")], "does not end"),
        (
            &[("sasl.mechanism", "OAUTHBEARER"), ("sasl.oauthbearer.token.endpoint.url", "https://x")],
            "only file:///absolute/path",
        ),
    ];
    for (more, expected) in cases {
        let error = read(more).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{more:?}: {error}");
    }
}

#[test]
fn keys_of_tls_are_read_when_tls_is_spoken() {
    let store = ("ssl.truststore.location", "/x.jks");
    assert!(read(&[("security.protocol", "PLAINTEXT"), store]).unwrap().ssl.is_none());
    for protocol in ["SSL", "SASL_SSL"] {
        let error = read(&[("security.protocol", protocol), store]).unwrap_err().to_string();
        assert!(error.contains("ssl.truststore.type: JKS stores cannot be read; possible: PEM"), "{error}");
    }
}
