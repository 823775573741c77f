//! Writing as Java's `JsonConverter` does.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use connect_api::{OffsetMap, Value, java_double, java_float};

/// A map as an object in entry order, or `null`. Of a name given twice the first one counts, as in
/// [`OffsetMap::get`].
pub(super) fn map(text: &mut String, map: &OffsetMap) {
    if map.is_null() {
        text.push_str("null");
        return;
    }
    text.push('{');
    let mut written = BTreeSet::new();
    for (name, value) in map.entries() {
        if !written.insert(name) {
            continue;
        }
        if written.len() > 1 {
            text.push(',');
        }
        string(text, name);
        text.push(':');
        plain(text, value);
    }
    text.push('}');
}

/// A value that [`OffsetMap::validate`] lets pass.
fn plain(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Float32(number) => text.push_str(&java_float(*number)),
        Value::Float64(number) => text.push_str(&java_double(*number)),
        Value::Boolean(_) | Value::Int8(_) | Value::Int16(_) | Value::Int32(_) | Value::Int64(_) => {
            text.push_str(&value.to_string());
        }
        // The text of bytes is their base64; other kinds never come here and read back as their text.
        _ => match value.as_str() {
            Some(content) => string(text, content),
            None => string(text, &value.to_string()),
        },
    }
}

/// A string as Jackson writes it: control characters escaped, characters beyond the basic plane as surrogates.
pub(crate) fn string(text: &mut String, content: &str) {
    text.push('"');
    for character in content.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\0'..' ' | '\u{10000}'.. => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\u{unit:04X}");
                }
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}
