//! Encodings of one byte for a character.

use bytes::{BufMut, BytesMut};

/// What the bytes 0x80 to 0x9f are, where the table says control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controls {
    /// What the table says.
    Kept,
    /// Nothing: Java leaves holes there.
    Holes,
    /// Control characters all, whatever the table says.
    Taken,
}

/// Where Java's tables say something else.
const OTHERWISE: [(&str, u8, char); 3] =
    [("windows-1255", 0xca, '\u{fffd}'), ("KOI8-U", 0xae, '\u{255d}'), ("KOI8-U", 0xbe, '\u{256c}')];

/// What each byte stands for.
#[derive(Debug)]
pub(crate) struct Table {
    chars: [char; 256],
    /// The characters beyond ASCII with their bytes, sorted.
    bytes: Vec<(char, u8)>,
}

impl Table {
    pub(super) fn of(encoding: &'static encoding_rs::Encoding, controls: Controls) -> Self {
        let chars = std::array::from_fn(|byte| {
            let byte = u8::try_from(byte).unwrap_or_default();
            let told = encoding.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or('\u{fffd}');
            let otherwise = |(name, at, _): &&(&str, u8, char)| *name == encoding.name() && *at == byte;
            if let Some((.., char)) = OTHERWISE.iter().find(otherwise) {
                return *char;
            }
            match controls {
                Controls::Holes if ('\u{80}'..='\u{9f}').contains(&told) => '\u{fffd}',
                Controls::Taken if (0x80..=0x9f).contains(&byte) => byte.into(),
                _ => told,
            }
        });
        let beyond = (0x80..=0xff).map(|byte: u8| (chars[usize::from(byte)], byte));
        let mut bytes: Vec<_> = beyond.filter(|(char, _)| *char != '\u{fffd}').collect();
        bytes.sort_unstable();
        Self { chars, bytes }
    }

    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        bytes.iter().map(|&byte| self.chars[usize::from(byte)]).collect()
    }

    pub(super) fn encode(&self, text: &str, out: &mut BytesMut) {
        for c in text.chars() {
            let beyond = || self.bytes.binary_search_by_key(&c, |(c, _)| *c).map(|place| self.bytes[place].1);
            out.put_u8(u8::try_from(c).ok().filter(u8::is_ascii).or_else(|| beyond().ok()).unwrap_or(b'?'));
        }
    }
}
