//! The records of an uncompressed batch as raw bytes, with the few fields that a broker looks at.

use super::header::{COMPRESSION, HEADER};

/// One record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawRecord<'a> {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) key: Option<&'a [u8]>,
    /// Without a value: a tombstone.
    pub(crate) tombstone: bool,
    /// The record as it is encoded, length included.
    pub(crate) raw: &'a [u8],
}

/// Iterates records; an item is `None` when the batch is malformed from there on.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    rest: &'a [u8],
    left: i32,
    base_offset: i64,
    base_timestamp: i64,
}

impl<'a> Records<'a> {
    /// The records of a batch; `None` when they are compressed.
    pub(crate) fn of(batch: &'a [u8]) -> Option<Self> {
        let field = |at: usize| batch.get(at..at + 8).and_then(|b| b.try_into().ok()).map(i64::from_be_bytes);
        let attributes = i16::from_be_bytes(batch.get(21..23)?.try_into().ok()?);
        (attributes & COMPRESSION == 0).then_some(())?;
        Some(Self {
            rest: batch.get(HEADER..)?,
            left: i32::from_be_bytes(batch.get(57..61)?.try_into().ok()?),
            base_offset: field(0)?,
            base_timestamp: field(27)?,
        })
    }

    fn read(&mut self) -> Option<RawRecord<'a>> {
        let start = self.rest;
        let mut at = start;
        let length = usize::try_from(varint(&mut at)?).ok()?;
        let end = start.len() - at.len() + length;
        let mut body = at.get(..length)?;
        body = body.get(1..)?;
        let timestamp = self.base_timestamp.wrapping_add(varint(&mut body)?);
        let offset = self.base_offset.checked_add(varint(&mut body)?)?;
        let key = sized(&mut body)?;
        let value = sized(&mut body)?;
        self.rest = start.get(end..)?;
        Some(RawRecord { offset, timestamp, key, tombstone: value.is_none(), raw: start.get(..end)? })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Option<RawRecord<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            return None;
        }
        self.left -= 1;
        let record = self.read();
        if record.is_none() {
            self.left = 0;
        }
        Some(record)
    }
}

/// A zig-zag varint.
fn varint(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
        }
    }
    None
}

/// Length and bytes; the inner `None` is null.
fn sized<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = varint(bytes)?;
    let Ok(length) = usize::try_from(length) else { return Some(None) };
    let (value, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(Some(value))
}
