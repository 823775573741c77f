use super::*;

fn check(text: &str, expect: &[(&str, &str)]) {
    let expect = expect.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    assert_eq!(parse(text), Ok(expect), "{text:?}");
}

#[test]
fn entries() {
    check("a=b", &[("a", "b")]);
    check("a = b ", &[("a", "b ")]);
    check("  a\t:\x0c b", &[("a", "b")]);
    check("a b c", &[("a", "b c")]);
    check("a", &[("a", "")]);
    check("a=", &[("a", "")]);
    check("a==b", &[("a", "=b")]);
    check("a :=b", &[("a", "=b")]);
    check("a=1\na=2", &[("a", "2")]);
    check("=b", &[("", "b")]);
    check("url=http://host:80/?q=1#top", &[("url", "http://host:80/?q=1#top")]);
}

#[test]
fn lines_and_comments() {
    check("a=1\r\nb=2\rc=3\n\n", &[("a", "1"), ("b", "2"), ("c", "3")]);
    check("# a=1\n ! b=2 \\\nc=3", &[("c", "3")]);
    check("a=1,\\\n   2,\\\r\n\t3", &[("a", "1,2,3")]);
    check("a=1\\\n#2", &[("a", "1#2")]);
    check("a=1\\\\\nb=2", &[("a", "1\\"), ("b", "2")]);
    check("a=1\\", &[("a", "1")]);
    check("\\\na=1", &[("a", "1")]);
    check("a\\\n=1", &[("a", "1")]);
}

#[test]
fn escapes() {
    check(r"a\ b\=c\:d=e", &[("a b=c:d", "e")]);
    check(r"a=\t\n\r\f\\\q\:", &[("a", "\t\n\r\x0c\\q:")]);
    check(r"a=\u00e9\uD83D\uDE00\u0041\ud800x", &[("a", "é😀A\u{fffd}x")]);
    check("a=grün", &[("a", "grün")]);
    check(r"path=C:\\data", &[("path", r"C:\data")]);
    check(r"\#a=1", &[("#a", "1")]);
}

#[test]
fn incomplete_unicode() {
    let wrong = parse("a=1\n\nb=\\u12\n").unwrap_err();
    assert_eq!(wrong.line, 3);
    assert!(wrong.message.contains(r"\u12 is incomplete"), "{}", wrong.message);
}
