//! Where the fields of a request lie, so that it can be walked through before it is decoded.
//!
//! The decoder makes room for as many elements as an array says to have, before it reads the first one. What was
//! walked through has as many as it says, so that a request takes memory in proportion to its length.

/// A kind of field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// So many bytes.
    Fixed(usize),
    /// Text, null or not.
    Text,
    /// Bytes, null or not.
    Blob,
    /// An array of fields without structure.
    List(&'static Kind),
    /// An array of structures.
    Many(Fields),
}

/// A field, and the versions that have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    kind: Kind,
    since: i16,
    until: i16,
}

pub(super) type Fields = &'static [Field];

pub(super) const fn all(kind: Kind) -> Field {
    Field { kind, since: 0, until: i16::MAX }
}

pub(super) const fn since(version: i16, kind: Kind) -> Field {
    Field { kind, since: version, until: i16::MAX }
}

pub(super) const fn until(version: i16, kind: Kind) -> Field {
    Field { kind, since: 0, until: version }
}

/// Walks through what the fields say. `flexible` versions have compact lengths and tagged fields.
pub(super) fn walk(bytes: &mut &[u8], fields: Fields, version: i16, flexible: bool) -> Option<()> {
    for field in fields.iter().filter(|field| (field.since..=field.until).contains(&version)) {
        walk_kind(bytes, &field.kind, version, flexible)?;
    }
    if flexible { walk_tags(bytes) } else { Some(()) }
}

/// Walks through tagged fields.
pub(super) fn walk_tags(bytes: &mut &[u8]) -> Option<()> {
    for _ in 0..varint(bytes)? {
        varint(bytes)?;
        let size = varint(bytes)?;
        skip(bytes, size as usize)?;
    }
    Some(())
}

fn walk_kind(bytes: &mut &[u8], kind: &Kind, version: i16, flexible: bool) -> Option<()> {
    match kind {
        Kind::Fixed(size) => skip(bytes, *size),
        Kind::Text if !flexible => {
            let length = i16::from_be_bytes(take(bytes)?);
            if length == -1 { Some(()) } else { skip(bytes, usize::try_from(length).ok()?) }
        }
        Kind::Text | Kind::Blob => match length(bytes, flexible)? {
            None => Some(()),
            Some(length) => skip(bytes, length),
        },
        Kind::List(kind) => {
            (0..length(bytes, flexible)?.unwrap_or(0)).try_for_each(|_| walk_kind(bytes, kind, version, flexible))
        }
        Kind::Many(fields) => {
            (0..length(bytes, flexible)?.unwrap_or(0)).try_for_each(|_| walk(bytes, fields, version, flexible))
        }
    }
}

/// A length; the inner `None` is null.
fn length(bytes: &mut &[u8], flexible: bool) -> Option<Option<usize>> {
    if flexible {
        return Some(varint(bytes)?.checked_sub(1).map(|length| length as usize));
    }
    match i32::from_be_bytes(take(bytes)?) {
        -1 => Some(None),
        length => usize::try_from(length).ok().map(Some),
    }
}

/// As the decoder reads it: five bytes at most, and what does not fit is cut off.
fn varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    for at in 0..5 {
        let [byte] = take(bytes)?;
        value |= u32::from(byte & 0x7f) << (at * 7);
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

fn skip(bytes: &mut &[u8], size: usize) -> Option<()> {
    *bytes = bytes.get(size..)?;
    Some(())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}
