//! Zigzag varints, as in records.

/// Bytes that `value` takes.
#[inline]
pub(super) fn size_i32(value: i32) -> usize {
    size_u64(u64::from(zigzag_i32(value)))
}

/// Bytes that `value` takes.
#[inline]
pub(super) fn size_i64(value: i64) -> usize {
    size_u64(zigzag_i64(value))
}

#[inline]
fn size_u64(value: u64) -> usize {
    // Seven bits a byte: ceil(bits / 7) for 1..=64 bits, without a division.
    let bits = 64 - (value | 1).leading_zeros() as usize;
    (bits * 9 + 64) / 64
}

#[inline]
fn zigzag_i32(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

#[inline]
fn zigzag_i64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// A few varints and bytes, collected so that the buffer grows once for all of them.
pub(super) struct Scratch {
    bytes: [u8; 32],
    len: usize,
}

impl Scratch {
    #[inline]
    pub(super) fn new() -> Self {
        Self { bytes: [0; 32], len: 0 }
    }

    #[inline]
    pub(super) fn byte(&mut self, value: u8) {
        self.bytes[self.len] = value;
        self.len += 1;
    }

    #[inline]
    pub(super) fn i32(&mut self, value: i32) {
        self.u64(u64::from(zigzag_i32(value)));
    }

    #[inline]
    pub(super) fn i64(&mut self, value: i64) {
        self.u64(zigzag_i64(value));
    }

    #[inline]
    fn u64(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.byte(value as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8);
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Reads a varint off the front; `None` when it is cut short or longer than its type.
#[inline]
pub(super) fn read_i32(bytes: &mut &[u8]) -> Option<i32> {
    let value = u32::try_from(read_u64(bytes, 5)?).ok()?;
    Some((value >> 1) as i32 ^ -((value & 1) as i32))
}

/// Reads a varlong off the front; `None` when it is cut short or longer than its type.
#[inline]
pub(super) fn read_i64(bytes: &mut &[u8]) -> Option<i64> {
    let value = read_u64(bytes, 10)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}

#[inline]
fn read_u64(bytes: &mut &[u8], longest: usize) -> Option<u64> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        *bytes = rest;
        return Some(u64::from(first));
    }
    read_long(bytes, longest)
}

fn read_long(bytes: &mut &[u8], longest: usize) -> Option<u64> {
    let mut value = 0_u64;
    for (at, &byte) in bytes.iter().take(longest).enumerate() {
        // The tenth byte carries the last bit only.
        if at == 9 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            *bytes = &bytes[at + 1..];
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests;
