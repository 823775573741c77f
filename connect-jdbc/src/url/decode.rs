//! Percent encoding.

use std::collections::BTreeMap;

use connect_api::{Error, Result};

/// Text with `%xx` resolved; a `+` is a blank in a query only, as in Java's `URLDecoder`, which drivers use for both.
pub(super) fn text(encoded: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'%' => {
                let digit = |at: usize| rest.get(at).and_then(|&byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(0), digit(1)) else {
                    return Err(Error::config("the JDBC URL has a % that is not followed by two hexadecimal digits"));
                };
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = &rest[2..];
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::config("the JDBC URL is not UTF-8 once its percent signs are resolved"))
}

/// `a=1&b=2`; a name without `=` has an empty value, and the last of several equal names wins.
pub(super) fn query(query: &str) -> Result<BTreeMap<String, String>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((text(name)?, text(value)?))
        })
        .collect()
}
