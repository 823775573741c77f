//! Strings and bytes as JSON text.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use bytes::{BufMut, BytesMut};
use connect_api::{Error, Result};

/// Standard base64, padded. Java does not mind bits after the last byte, so reading does not either.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Writes a string as Jackson does: short escapes where there are, upper-case hexadecimal ones for the other
/// control characters and, as pairs, for characters beyond U+FFFF.
pub(super) fn string(text: &str, out: &mut BytesMut) {
    out.reserve(text.len() + 2);
    out.put_u8(b'"');
    // Nearly all text is plain, and looking at all bytes at once is faster than going from one to the next.
    if !text.bytes().fold(false, |any, byte| any | special(byte)) {
        out.put_slice(text.as_bytes());
        out.put_u8(b'"');
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(special) {
        let (plain, special) = rest.split_at(at);
        out.put_slice(plain.as_bytes());
        let mut characters = special.chars();
        if let Some(c) = characters.next() {
            escape(c, out);
        }
        rest = characters.as_str();
    }
    out.put_slice(rest.as_bytes());
    out.put_u8(b'"');
}

/// Whether a character that begins with this byte is escaped. In UTF-8 the first byte of a character beyond U+FFFF, and
/// no other, is 0xf0 or more.
const fn special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte >= 0xf0)
}

fn escape(c: char, out: &mut BytesMut) {
    let short = match c {
        '"' | '\\' => Some(c),
        '\u{8}' => Some('b'),
        '\t' => Some('t'),
        '\n' => Some('n'),
        '\u{c}' => Some('f'),
        '\r' => Some('r'),
        _ => None,
    };
    if let Some(letter) = short.and_then(|c| u8::try_from(c).ok()) {
        out.put_slice(&[b'\\', letter]);
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        let digit = |shift: u16| HEX[usize::from(*unit >> shift) & 15];
        out.put_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
    }
}

/// Writes bytes as a base64 string.
pub(super) fn base64(bytes: &[u8], out: &mut BytesMut) {
    let start = out.len();
    // Four letters for three bytes, and two quotes.
    out.resize(start + 2 + bytes.len().div_ceil(3) * 4, b'"');
    let end = out.len() - 1;
    // The slice is as long as the text, so this cannot fail.
    let written = BASE64.encode_slice(bytes, &mut out[start + 1..end]);
    debug_assert_eq!(written.ok(), Some(end - start - 1));
}

/// Reads what [`base64`] wrote, without the quotes.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>> {
    BASE64.decode(text).map_err(|error| Error::data("the text is not base64").with_source(error))
}
