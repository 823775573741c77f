//! Values as text.

use std::fmt::{self, Write};

use crate::Value;

use super::time;

/// Writes the text of a value: a string and bytes (as base64) plain, but quoted inside of an array, map or
/// struct; a struct as a map of all its fields, defaults applied.
///
/// # Errors
/// Those of the writer.
pub fn print(value: &Value, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::String(text) => out.write_str(text),
        Value::Bytes(_) => write!(out, "{value}"),
        _ => nested(value, out),
    }
}

fn nested(value: &Value, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::String(text) => quoted(text, out),
        Value::Bytes(_) => write!(out, "\"{value}\""),
        Value::Instant(ms) => time::print(*ms, out),
        Value::Array(elements) => list(out, ['[', ']'], elements.iter(), |out, element| nested(element, out)),
        Value::Map(entries) => list(out, ['{', '}'], entries.iter(), |out, (key, value)| {
            nested(key, out)?;
            out.write_char(':')?;
            nested(value, out)
        }),
        Value::Struct(structure) => list(out, ['{', '}'], structure.schema().fields().iter(), |out, field| {
            quoted(&field.name, out)?;
            out.write_char(':')?;
            nested(structure.at(field.index), out)
        }),
        _ => write!(out, "{value}"),
    }
}

fn list<T>(
    out: &mut dyn Write,
    [open, close]: [char; 2],
    items: impl Iterator<Item = T>,
    mut one: impl FnMut(&mut dyn Write, T) -> fmt::Result,
) -> fmt::Result {
    out.write_char(open)?;
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        one(out, item)?;
    }
    out.write_char(close)
}

fn quoted(text: &str, out: &mut dyn Write) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        out.write_str(&rest[..at])?;
        out.write_char('\\')?;
        // Both are one byte long.
        out.write_str(&rest[at..=at])?;
        rest = &rest[at + 1..];
    }
    out.write_str(rest)?;
    out.write_char('"')
}
