//! UTF-16.

use bytes::{BufMut, BytesMut};

const MARK: u16 = 0xfeff;

/// In which order the two bytes of a unit stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Utf16 {
    /// As a mark at the beginning says. Written is the big end first, read without a mark likewise.
    Marked,
    Big,
    Little,
}

impl Utf16 {
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let (little, bytes) = match (self, bytes) {
            (Self::Marked, [0xfe, 0xff, rest @ ..]) => (false, rest),
            (Self::Marked, [0xff, 0xfe, rest @ ..]) => (true, rest),
            _ => (self == Self::Little, bytes),
        };
        let unit = |pair: &[u8]| match pair {
            [first, second] if little => Some(u16::from_le_bytes([*first, *second])),
            [first, second] => Some(u16::from_be_bytes([*first, *second])),
            _ => None,
        };
        let mut units = bytes.chunks(2).map(unit);
        let mut text = String::with_capacity(bytes.len() / 2);
        while let Some(unit) = units.next() {
            // What should be the second half of a pair is lost together with the first.
            let pair = match unit {
                Some(high @ 0xd800..=0xdbff) => [Some(high), units.next().flatten()],
                unit => [unit, None],
            };
            let mut read = char::decode_utf16(pair.into_iter().flatten());
            text.push(read.next().and_then(Result::ok).unwrap_or('\u{fffd}'));
        }
        text
    }

    pub(super) fn encode(self, text: &str, out: &mut BytesMut) {
        if self == Self::Marked && !text.is_empty() {
            out.put_u16(MARK);
        }
        for unit in text.encode_utf16() {
            if self == Self::Little { out.put_u16_le(unit) } else { out.put_u16(unit) }
        }
    }
}
