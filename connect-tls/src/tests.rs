//! Keys and their mistakes.

use crate::{Check, KeyErrors, Tls, server_config};

const CHAIN: &str = include_str!("testdata/certificate.pem");
const ENCRYPTED: &str = include_str!("testdata/encrypted-key.pem");

fn lookup<'v>(keys: &'v [(&'v str, &'v str)]) -> impl Fn(&str) -> Option<&'v str> {
    |key| keys.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
}

fn read(keys: &[(&str, &str)]) -> Result<Tls, KeyErrors> {
    Tls::read(&lookup(keys))
}

#[test]
fn nothing_said_is_everything_checked() {
    let tls = read(&[]).unwrap();
    assert!(tls.roots.is_none() && tls.identity.is_none());
    assert!(tls.check == Check::Everything && tls.versions.tls12 && tls.versions.tls13);
}

#[test]
fn mistakes_are_told_by_key() {
    let rows: [(&[(&str, &str)], &str); 8] = [
        (&[("ssl.truststore.location", "/x.jks")], "ssl.truststore.type: JKS stores cannot be read; possible: PEM"),
        (&[("ssl.keystore.type", "PKCS12"), ("ssl.keystore.location", "/x")], "ssl.keystore.type: PKCS12 stores"),
        (&[("ssl.truststore.type", "PEM"), ("ssl.truststore.location", "/nowhere/x")], "cannot read \"/nowhere/x\""),
        (&[("ssl.truststore.type", "PEM"), ("ssl.truststore.certificates", "x")], "there is no certificate"),
        (&[("ssl.keystore.key", "x")], "ssl.keystore.certificate.chain: missing"),
        (&[("ssl.keystore.type", "PEM"), ("ssl.keystore.certificate.chain", CHAIN)], "ssl.keystore.key: missing"),
        (&[("ssl.endpoint.identification.algorithm", "ldap")], "possible: https"),
        (&[("ssl.enabled.protocols", "SSLv3")], "TLSv1.2, TLSv1.3"),
    ];
    for (keys, expected) in rows {
        let error = read(keys).unwrap_err().to_string();
        assert!(error.contains(expected), "{keys:?}: {error}");
    }
    let all = read(&[("ssl.truststore.location", "/x.jks"), ("ssl.enabled.protocols", "SSLv3")]).unwrap_err();
    assert_eq!(all.0.len(), 2, "{all}");
}

#[test]
fn keys_may_be_encrypted() {
    let with = |password: Option<&'static str>| {
        let mut keys = vec![
            ("ssl.keystore.type", "PEM"),
            ("ssl.keystore.certificate.chain", CHAIN),
            ("ssl.keystore.key", ENCRYPTED),
        ];
        keys.extend(password.map(|password| ("ssl.key.password", password)));
        keys
    };
    assert!(read(&with(Some("secret"))).unwrap().identity.is_some());
    assert!(server_config(&lookup(&with(Some("secret")))).is_ok());
    for (password, expected) in [(None, "there is no password for it"), (Some("other"), "cannot be decrypted")] {
        let error = read(&with(password)).unwrap_err().to_string();
        assert!(error.starts_with("ssl.key.password: ") && error.contains(expected), "{error}");
    }
    let mut wanting = with(Some("secret"));
    wanting.push(("ssl.client.auth", "required"));
    let error = server_config(&lookup(&wanting)).unwrap_err().to_string();
    assert!(error.starts_with("ssl.truststore.location: "), "{error}");
}

#[test]
fn a_server_needs_an_identity() {
    let error = server_config(&lookup(&[])).unwrap_err().to_string();
    assert!(error.starts_with("ssl.keystore.location: a server needs a key"), "{error}");
}

#[test]
fn without_roots_nobody_is_trusted() {
    let tls = Tls { roots: Some(Vec::new()), ..Tls::default() };
    let error = tls.client().unwrap_err();
    assert_eq!(error.part, crate::Part::Roots);
    assert!(Tls { check: Check::Nothing, ..tls }.client().is_ok());
}
