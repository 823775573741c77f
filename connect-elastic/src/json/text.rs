//! Strings and bytes as JSON text.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{BufMut, BytesMut};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes a string with its quotes. Nothing it writes ends a line.
pub(crate) fn string(text: &str, out: &mut BytesMut) {
    out.reserve(text.len() + 2);
    out.put_u8(b'"');
    // Nearly all text is plain, and looking at all bytes at once is faster than going from one to the next.
    if !text.bytes().fold(false, |any, byte| any | special(byte)) {
        out.put_slice(text.as_bytes());
        out.put_u8(b'"');
        return;
    }
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| special(*byte)) {
        out.put_slice(&rest[..at]);
        escape(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.put_slice(rest);
    out.put_u8(b'"');
}

const fn special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn escape(byte: u8, out: &mut BytesMut) {
    let short = match byte {
        b'"' | b'\\' => byte,
        8 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        12 => b'f',
        b'\r' => b'r',
        _ => {
            out.put_slice(&[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            return;
        }
    };
    out.put_slice(&[b'\\', short]);
}

/// Writes bytes as a base64 string.
pub(super) fn base64(bytes: &[u8], out: &mut BytesMut) {
    let start = out.len();
    // Four letters for three bytes, and two quotes.
    out.resize(start + 2 + bytes.len().div_ceil(3) * 4, b'"');
    let end = out.len() - 1;
    // The slice is as long as the text, so this cannot fail.
    let written = BASE64_STANDARD.encode_slice(bytes, &mut out[start + 1..end]);
    debug_assert_eq!(written.ok(), Some(end - start - 1));
}
