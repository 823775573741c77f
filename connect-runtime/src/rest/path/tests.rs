use super::{encode, query, segments};

#[test]
fn paths() {
    for (path, expect) in [
        ("/", Ok(&[] as &[&str])),
        ("", Ok(&[])),
        ("/connectors", Ok(&["connectors"])),
        ("/connectors/", Ok(&["connectors"])),
        ("/connectors/a%20b+c%2Bd", Ok(&["connectors", "a b+c+d"])),
        ("/connectors/%C3%BC", Ok(&["connectors", "ü"])),
        ("/connectors/a;x=1/status", Ok(&["connectors", "a", "status"])),
        ("/connectors/a%3Bb", Ok(&["connectors", "a;b"])),
        ("/connectors/./a", Ok(&["connectors", ".", "a"])),
        ("//connectors", Err("empty segment")),
        ("/connectors//", Err("empty segment")),
        ("/connectors/a%2Fb", Err("encoded slash")),
        ("/connectors/a%2fb", Err("encoded slash")),
        ("/connectors/a%5Cb", Err("encoded slash or backslash")),
        ("/connectors/a%25b", Err("encoded percent")),
        ("/connectors/a%zz", Err("two hexadecimal digits")),
        ("/connectors/a%2", Err("two hexadecimal digits")),
        ("/connectors/a%00b", Err("control character")),
        ("/connectors/a%7fb", Err("control character")),
        ("/connectors/%2e%2E/x", Err("encoded dots")),
        ("/connectors/%ff", Err("not UTF-8")),
    ] {
        match (segments(path), expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect, "{path}"),
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{path}: {found}"),
            (found, _) => panic!("{path}: {found:?}"),
        }
    }
}

#[test]
fn locations_are_encoded_as_in_java() {
    assert_eq!(encode("a b%\"\\?#ü"), "a%20b%25%22%5C%3F%23%C3%BC");
    assert_eq!(encode("a/b;c+d&e=f"), "a/b;c+d&e=f");
    assert_eq!(encode("{x}\r\n"), "%7Bx%7D%0D%0A");
}

#[test]
fn queries() {
    let pairs = query(Some("expand=status&expand=info&&a+b=c%20d&flag&x=%ff=1"));
    let expect = [("expand", "status"), ("expand", "info"), ("a b", "c d"), ("flag", ""), ("x", "\u{fffd}=1")];
    assert_eq!(pairs, expect.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(query(None), []);
}
