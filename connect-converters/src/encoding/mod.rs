//! Character encodings of text in Kafka.

mod names;
mod table;
mod utf16;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use connect_api::{Error, Result};
use encoding_rs::EncoderResult;

use table::Table;
use utf16::Utf16;

/// How text is written in bytes.
#[derive(Debug, Clone)]
pub(crate) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    Utf16(Utf16),
    /// One byte for a character.
    Byte(Arc<Table>),
    /// Several bytes for a character.
    Bytes(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// The encoding that Java knows by this name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        names::find(name).ok_or_else(|| {
            let possible: Vec<_> = names::all().collect();
            Error::config(format!("no encoding named {name:?}; possible: {}", possible.join(", ")))
        })
    }

    /// Text of bytes; what is no text becomes U+FFFD, as Java does it.
    pub(crate) fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        match self {
            // `from_utf8_lossy` goes byte by byte; nearly all text is sound, and checking alone is far faster.
            Self::Utf8 => std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed),
            Self::Ascii => match std::str::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Cow::Borrowed(text),
                _ => bytes.iter().map(|&byte| if byte.is_ascii() { byte.into() } else { '\u{fffd}' }).collect(),
            },
            Self::Latin1 => match std::str::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Cow::Borrowed(text),
                _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
            },
            Self::Utf16(order) => order.decode(bytes).into(),
            Self::Byte(table) => table.decode(bytes).into(),
            Self::Bytes(table) => table.decode_without_bom_handling(bytes).0,
        }
    }

    /// Appends text; a character that the encoding lacks becomes `?`, as Java does it.
    pub(crate) fn encode(&self, text: &str, out: &mut BytesMut) {
        match self {
            Self::Utf16(order) => order.encode(text, out),
            _ if text.is_ascii() => out.put_slice(text.as_bytes()),
            Self::Utf8 => out.put_slice(text.as_bytes()),
            Self::Byte(table) => table.encode(text, out),
            Self::Bytes(table) => encode(table, text, out),
            Self::Ascii | Self::Latin1 => {
                let limit = if matches!(self, Self::Latin1) { 0xff } else { 0x7f };
                let byte = |c| u8::try_from(u32::from(c)).ok().filter(|&byte| byte <= limit);
                out.extend(text.chars().map(|c| byte(c).unwrap_or(b'?')));
            }
        }
    }

    /// Appends what something displays.
    pub(crate) fn display(&self, what: &dyn fmt::Display, out: &mut BytesMut) -> fmt::Result {
        if matches!(self, Self::Utf16(_)) {
            // A mark stands before the whole, not before each piece.
            let mut text = String::new();
            write!(text, "{what}")?;
            self.encode(&text, out);
            return Ok(());
        }
        write!(Sink { encoding: self, out }, "{what}")
    }
}

fn encode(table: &'static encoding_rs::Encoding, text: &str, out: &mut BytesMut) {
    let mut encoder = table.new_encoder();
    let mut rest = text;
    while !rest.is_empty() {
        let mut bytes = [0; 1024];
        let (result, read, written) = encoder.encode_from_utf8_without_replacement(rest, &mut bytes, false);
        out.put_slice(&bytes[..written]);
        rest = &rest[read..];
        if matches!(result, EncoderResult::Unmappable(_)) {
            out.put_u8(b'?');
        }
    }
}

struct Sink<'a> {
    encoding: &'a Encoding,
    out: &'a mut BytesMut,
}

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.encoding.encode(text, self.out);
        Ok(())
    }
}
