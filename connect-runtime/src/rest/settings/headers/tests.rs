use super::{HeaderMap, HeaderRule, http_date};

#[test]
fn dates_are_those_of_http() {
    for (ms, expect) in [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_709_164_800_000, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (4_102_444_799_999, "Thu, 31 Dec 2099 23:59:59 GMT"),
    ] {
        assert_eq!(http_date(ms), expect);
    }
}

#[test]
fn rules_set_and_add() {
    let text = r#"add X-A: 1, ADD x-a:2, "set Cache-Control: no-cache, no-store", setDate Expires: 1000"#;
    let mut headers = HeaderMap::new();
    headers.insert("cache-control", "old".parse().unwrap());
    for rule in HeaderRule::parse_all(text).unwrap() {
        rule.apply(&mut headers, 0);
    }
    let shown: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    assert_eq!(
        shown,
        ["cache-control: no-cache, no-store", "x-a: 1", "x-a: 2", "expires: Thu, 01 Jan 1970 00:00:01 GMT"]
    );
}

#[test]
fn what_is_no_rule_is_refused() {
    for (text, why) in [
        ("set", "there is no action"),
        ("put X: 1", "there is no such action"),
        ("set X 1", "there is no colon"),
        ("set a b: 1", "this is no name of a header"),
        ("setDate X: soon", "milliseconds from now"),
        ("\"set X: 1", "is not closed"),
    ] {
        let error = HeaderRule::parse_all(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    assert_eq!(HeaderRule::parse_all(" , ").unwrap(), []);
}
