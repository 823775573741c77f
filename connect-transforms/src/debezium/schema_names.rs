//! Names of schemas as Avro can have them.

use std::fmt::Write as _;

/// What is done to the characters of a schema's name that Avro does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameAdjustment {
    None,
    /// They are underscores.
    Avro,
    /// They, and underscores, are `_u` and their number in hexadecimal digits.
    AvroUnicode,
}

impl NameAdjustment {
    pub(super) const ALL: [(&str, Self); 3] =
        [("none", Self::None), ("avro", Self::Avro), ("avro_unicode", Self::AvroUnicode)];

    pub(super) fn adjust(self, name: &str) -> String {
        if self == Self::None {
            return name.to_owned();
        }
        let mut adjusted = String::with_capacity(name.len());
        for (at, character) in name.char_indices() {
            let letter = character.is_ascii_alphabetic() || (character == '_' && self == Self::Avro);
            if letter || (at > 0 && (character == '.' || character.is_ascii_digit())) {
                adjusted.push(character);
                continue;
            }
            // Java counts in units of UTF-16.
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = match self {
                    Self::AvroUnicode if *unit < 0x100 => write!(adjusted, "_u00{unit:x}"),
                    Self::AvroUnicode => write!(adjusted, "_u{unit:x}"),
                    _ => adjusted.write_char('_'),
                };
            }
            // So that names that differ in the first digit only still do.
            if self == Self::Avro && character.is_ascii_digit() {
                adjusted.push(character);
            }
        }
        adjusted
    }
}
