use super::{Remote, base64, segment};

#[test]
fn base64_is_rfc_4648s() {
    let rows = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("é:ü", "w6k6w7w=")];
    for (text, expected) in rows {
        assert_eq!(base64(text.as_bytes()), expected);
    }
}

#[test]
fn names_are_segments() {
    assert_eq!(segment("a b/ü%"), "a%20b%2F%C3%BC%25");
}

#[test]
fn urls() {
    for (url, expected) in [
        ("http://localhost:8083", Ok(("localhost", 8083, ""))),
        ("http://[::1]:1/connect/", Ok(("::1", 1, "/connect"))),
        ("http://host", Ok(("host", 80, ""))),
        ("https://host", Err("https is not spoken")),
        ("localhost:8083", Err("expected http://HOST:PORT")),
        ("http://", Err("is no URL")),
    ] {
        match (Remote::new(url, None, None), expected) {
            (Ok(remote), Ok(parts)) => assert_eq!((&*remote.host, remote.port, &*remote.prefix), parts),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (got, expected) => panic!("{url}: {:?}, expected {expected:?}", got.map(|remote| remote.host)),
        }
    }
}
