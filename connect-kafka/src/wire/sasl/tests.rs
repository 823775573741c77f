use std::collections::BTreeMap;

use super::oauth::unsecured;
use super::scram::{Client, check_verdict};
use crate::wire::config::{Claims, Sasl, ScramHash, WireConfig};

fn credentials(user: &str, password: &str) -> crate::wire::config::Credentials {
    let properties = [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", user),
        ("sasl.password", password),
    ];
    let properties: BTreeMap<_, _> = properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    match WireConfig::from_properties(&properties).unwrap().sasl {
        Some(Sasl::Plain(who)) => who,
        other => panic!("{other:?}"),
    }
}

/// The example of RFC 7677.
#[test]
fn scram_proves_and_demands_proof() {
    let who = credentials("user", "pencil");
    let client = Client::new(ScramHash::Sha256, &who, "rOprNGfwEbeRWgbNEkqO");
    assert_eq!(client.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let (proof, signature) = client.prove(challenge.as_bytes()).unwrap();
    let expected = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    assert_eq!(proof, expected);
    check_verdict(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", &signature).unwrap();
    for verdict in ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "", "v=", "e=invalid-proof", "x"] {
        assert!(check_verdict(verdict.as_bytes(), &signature).is_err(), "{verdict}");
    }
}

#[test]
fn scram_does_not_trust_challenges() {
    let who = credentials("a=b,c", "p");
    let client = Client::new(ScramHash::Sha512, &who, "nonce");
    assert_eq!(client.first(), "n,,n=a=3Db=2Cc,r=nonce");
    let cases = [
        ("r=other,s=QSXCR+Q6sek8bf92,i=4096", "nonce does not go on"),
        ("r=nonce,s=QSXCR+Q6sek8bf92,i=4096", "nonce does not go on"),
        ("r=nonceX,s=QSXCR+Q6sek8bf92,i=4095", "4095 rounds"),
        ("r=nonceX,s=QSXCR+Q6sek8bf92,i=4000000000", "4000000000 rounds"),
        ("r=nonceX,s=?,i=4096", "lacks"),
        ("r=nonceX,i=4096", "lacks"),
        ("e=unknown-user", "unknown-user"),
        ("", "lacks"),
    ];
    for (challenge, expected) in cases {
        let error = client.prove(challenge.as_bytes()).unwrap_err();
        assert!(error.contains(expected), "{challenge}: {error}");
    }
    assert!(client.prove(b"r=nonceX,s=QSXCR+Q6sek8bf92,i=4096").is_ok());
}

#[test]
fn unsecured_tokens() {
    let claims = Claims { strings: BTreeMap::from([("sub".into(), "a\"b".into())]), lifetime_seconds: 60 };
    // {"alg":"none"} and {"sub":"a\"b","iat":100,"exp":160}
    let expected = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhXCJiIiwiaWF0IjoxMDAsImV4cCI6MTYwfQ.";
    assert_eq!(unsecured(&claims, 100), expected);
}
