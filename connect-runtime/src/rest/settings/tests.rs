use std::collections::BTreeMap;

use super::{Listener, RestConfig};

fn parse(rows: &[(&str, &str)]) -> Result<(RestConfig, Vec<String>), String> {
    let properties: BTreeMap<_, _> = rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let parsed = RestConfig::from_properties(&properties).map_err(|errors| errors.to_string())?;
    Ok((parsed.config, parsed.warnings))
}

#[test]
fn listeners_are_urls() {
    for (text, expect) in [
        ("http://:8083", Ok("http://:8083")),
        ("HTTPS://connect.example:0", Ok("https://connect.example:0")),
        ("http://[::1]:80/", Ok("http://[::1]:80")),
        ("http://localhost", Err(())),
        ("ftp://localhost:1", Err(())),
        ("localhost:8083", Err(())),
        ("http://::1:8083", Err(())),
        ("http://a:70000", Err(())),
        ("http://user@a:1", Err(())),
    ] {
        assert_eq!(
            Listener::parse(text).map(|listener| listener.to_string()).map_err(drop).as_deref(),
            expect.as_deref(),
            "{text}"
        );
    }
}

#[test]
fn beyond_loopback_only_with_a_word_about_authentication() {
    for listener in ["http://:8083", "http://0.0.0.0:0", "http://[::]:8083", "http://10.1.2.3:8083"] {
        let error = parse(&[("listeners", listener)]).unwrap_err();
        for part in ["rest.auth=basic", "rest.auth=bearer", "rest.auth=none", "127.0.0.1"] {
            assert!(error.contains(part), "{listener}: {error}");
        }
        parse(&[("listeners", listener), ("rest.auth", "none")]).unwrap();
    }
    for listener in ["http://127.0.0.1:0", "http://localhost:0", "http://[::1]:0", "http://127.9.9.9:1"] {
        parse(&[("listeners", listener)]).unwrap();
    }
    assert!(parse(&[("admin.listeners", "http://:1")]).unwrap_err().contains("admin.listeners"));
}

#[test]
fn mistakes_are_told_by_key() {
    for (rows, said) in [
        (&[("listeners", "")] as &[_], "listeners: names no listener"),
        (&[("listeners", "https://127.0.0.1:0")], "ssl.keystore.location: a server needs a key"),
        (&[("rest.auth", "digest")], "rest.auth: \"digest\" is not possible; possible: basic, bearer, none"),
        (&[("rest.auth", "basic")], "rest.auth.basic.file"),
        (&[("rest.auth", "bearer"), ("rest.auth.bearer.file", "/none")], "rest.auth.bearer.file: cannot read"),
        (&[("rest.auth", "none,basic")], "rest.auth: none beside"),
        (&[("rest.advertised.listener", "https")], "rest.advertised.listener"),
        (&[("rest.advertised.port", "70000")], "rest.advertised.port"),
        (&[("response.http.headers.config", "put a: b")], "response.http.headers.config"),
        (&[("access.control.allow.methods", "GIT")], "access.control.allow.methods"),
        (&[("rest.request.max.bytes", "1")], "rest.request.max.bytes"),
    ] {
        let error = parse(rows).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_not_of_rest_is_left_alone_and_what_nobody_knows_is_warned_of() {
    let (config, warnings) =
        parse(&[("key.converter", "x"), ("rest.auht", "none"), ("rest.port", "1"), ("admin.listeners", "")]).unwrap();
    assert_eq!(warnings, ["unknown key \"rest.auht\" (did you mean \"rest.auth\"?)"]);
    assert_eq!(config.admin_listeners, Some(Vec::new()));
    assert_eq!(parse(&[]).unwrap().0.admin_listeners, None);
}

#[test]
fn prefixed_ssl_keys_stand_alone() {
    let own = ("listeners.https.ssl.keystore.type", "PEM");
    let (config, _) = parse(&[("ssl.keystore.location", "a"), own, ("ssl.key.password", "b")]).unwrap();
    assert_eq!(config.ssl.0, BTreeMap::from([("ssl.keystore.type".to_owned(), "PEM".to_owned())]));
    assert_eq!(config.admin_ssl.0.len(), 2);
    assert!(!format!("{config:?}").contains("\"b\""));
}
