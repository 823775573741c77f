//! Paths and queries as they come.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What stands percent-encoded in a `Location`: what Kafka Connect encodes, and braces, which it cannot answer with.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b'\\')
    .add(b'?')
    .add(b'#')
    .add(b'{')
    .add(b'}')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'|');

/// The decoded segments of a path. What is behind a `;` does not count, nor does a slash at the end.
///
/// # Errors
/// Why the path is ambiguous: it holds an empty segment, dots that are encoded, an encoded slash, backslash or percent
/// sign, a control character, or no UTF-8.
pub(crate) fn segments(path: &str) -> Result<Vec<String>, String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(Vec::new());
    }
    path.split('/').map(segment).collect()
}

fn segment(raw: &str) -> Result<String, String> {
    let wrong = |what: &str| Err(format!("the path is not valid: {what}"));
    if raw.is_empty() {
        return wrong("it has an empty segment");
    }
    let raw = raw.split(';').next().unwrap_or_default();
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        match (digit(), digit()) {
            (Some(2), Some(15)) | (Some(5), Some(12)) => return wrong("it has an encoded slash or backslash"),
            (Some(2), Some(5)) => return wrong("it has an encoded percent sign"),
            (Some(high), Some(low)) if high < 2 || (high == 7 && low == 15) => {
                return wrong("it has an encoded control character");
            }
            (Some(_), Some(_)) => {}
            _ => return wrong("a percent sign is not followed by two hexadecimal digits"),
        }
    }
    match percent_decode_str(raw).decode_utf8() {
        Ok(decoded) if raw.contains('%') && matches!(&*decoded, "." | "..") => wrong("it has encoded dots"),
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => wrong("it is not UTF-8"),
    }
}

/// A segment as it stands in a `Location`.
pub(crate) fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, ENCODED).to_string()
}

/// Names and values of a query; what is not UTF-8 is replaced.
pub(crate) fn query(query: Option<&str>) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let parts = query.unwrap_or_default().split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

#[cfg(test)]
mod tests {
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
}
