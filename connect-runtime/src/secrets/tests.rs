use std::collections::{BTreeMap, BTreeSet};

use super::{Secrets, parts};

fn secrets() -> Secrets {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
    Secrets { secret: keys(&["pin"]), open: keys(&["token.field"]) }
}

#[test]
fn values_are_shown_or_hidden() {
    for (key, value, shown) in [
        ("pin", "1234", "[hidden]"),
        ("pin", "", ""),
        ("pin", " ${file:/run/pin:pin} ", " ${file:/run/pin:pin} "),
        ("pin", "x${env:PIN}", "[hidden]"),
        ("token.field", "id", "id"),
        ("connection.password", "hunter2", "[hidden]"),
        ("producer.override.sasl.jaas.config", "x required password=\"y\";", "[hidden]"),
        ("producer.override.ssl.keystore.key", "-----BEGIN", "[hidden]"),
        ("ssl.keystore.location", "/a/b.pem", "/a/b.pem"),
        ("aws.secret.access.key", "x", "[hidden]"),
        ("aws_secret_access_key", "x", "[hidden]"),
        ("apiKey", "x", "[hidden]"),
        ("dbPassword", "x", "[hidden]"),
        ("value.converter.basic.auth.user.info", "u:p", "[hidden]"),
        ("key.converter", "org.x.StringConverter", "org.x.StringConverter"),
        ("transforms.tokenize.field", "a", "a"),
        ("connection.url", "jdbc:postgresql://u:hunter2@h:5432/db?a=b", "jdbc:postgresql://u:[hidden]@h:5432/db?a=b"),
        ("connection.url", "jdbc:pg://h/db?user=u&password=hunter2&x=y", "jdbc:pg://h/db?user=u&password=[hidden]&x=y"),
        ("connection.url", "http://u:${file:/p:k}@h", "http://u:${file:/p:k}@h"),
        ("connection.url", "http://h:9200/a", "http://h:9200/a"),
        ("topics", "a,b", "a,b"),
    ] {
        assert_eq!(secrets().shown(key, value), shown, "{key}");
    }
}

#[test]
fn secrets_are_found_wherever_they_stand() {
    let config: BTreeMap<String, String> = [
        ("pin", " 1234 "),
        ("a.password", "${env:A}"),
        ("b.sasl.jaas.config", "x required password=\"quoted one\";"),
        ("topics", "open"),
        ("url", "db://u:inner@h?password=${env:B}&token=other"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let values = secrets().values(&config);
    assert_eq!(values, ["x required password=\"quoted one\";", "quoted one", "1234", "inner", "other"]);
    assert_eq!(parts("password=${env:X}"), "password=${env:X}");
}
