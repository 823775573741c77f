//! Reading and writing what members tell each other.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};

/// Reads off the front; `None` when the bytes end. Allocates no more than the bytes account for.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }

    pub(crate) fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(crate) fn string(&mut self) -> Option<Arc<str>> {
        let length = usize::try_from(self.i16()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok().map(Into::into)
    }

    pub(crate) fn nullable_string(&mut self) -> Option<Option<Arc<str>>> {
        if self.0.starts_with(&[0xff, 0xff]) {
            return self.take(2).map(|_| None);
        }
        self.string().map(Some)
    }

    /// Null counts as empty.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.i32()?;
        self.take(usize::try_from(length.max(0)).ok()?)
    }
}

/// A string of at most 32,767 bytes; what is beyond that is left out.
pub(crate) fn put_string(out: &mut BytesMut, value: &str) {
    let value = &value[..value.floor_char_boundary(i16::MAX as usize)];
    out.put_i16(value.len() as i16);
    out.put_slice(value.as_bytes());
}
