//! Paths and queries as they come.

#[cfg(test)]
mod tests;

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
