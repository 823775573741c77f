//! Character encodings of text in Kafka.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use bytes::{BufMut, BytesMut};
use connect_api::{Error, Result};

/// An encoding and the names Java knows it by, in any case.
const NAMES: [(Encoding, &[&str]); 3] = [
    (Encoding::Utf8, &["UTF-8", "UTF8", "unicode-1-1-utf-8"]),
    (Encoding::Ascii, &["US-ASCII", "ASCII", "ISO646-US", "iso-ir-6", "ANSI_X3.4-1968", "646", "us", "cp367"]),
    (
        Encoding::Latin1,
        &["ISO-8859-1", "ISO8859-1", "ISO8859_1", "ISO_8859-1", "8859_1", "latin1", "l1", "iso-ir-100", "cp819"],
    ),
];

/// How text is written in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
}

impl Encoding {
    /// The encoding of this name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let known = |(_, names): &&(Self, &[&str])| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        NAMES.iter().find(known).map(|(encoding, _)| *encoding).ok_or_else(|| {
            let possible: Vec<_> = NAMES.iter().map(|(_, names)| names[0]).collect();
            Error::config(format!("no encoding named {name:?}; possible: {}", possible.join(", ")))
        })
    }

    /// Text of bytes; what is no text becomes U+FFFD, as Java does it.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
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
        }
    }

    /// Appends text; a character that the encoding lacks becomes `?`, as Java does it.
    pub(crate) fn encode(self, text: &str, out: &mut BytesMut) {
        if self == Self::Utf8 || text.is_ascii() {
            out.put_slice(text.as_bytes());
            return;
        }
        let limit = if self == Self::Latin1 { 0xff } else { 0x7f };
        out.extend(text.chars().map(|c| u8::try_from(u32::from(c)).ok().filter(|&byte| byte <= limit).unwrap_or(b'?')));
    }

    /// Appends what something displays.
    pub(crate) fn display(self, what: &dyn fmt::Display, out: &mut BytesMut) -> fmt::Result {
        write!(Sink { encoding: self, out }, "{what}")
    }
}

struct Sink<'a> {
    encoding: Encoding,
    out: &'a mut BytesMut,
}

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.encoding.encode(text, self.out);
        Ok(())
    }
}
