//! A record as read.

use bytes::Bytes;

use super::varint::{read_i32, read_i64};
use super::{BatchError, BatchHeader, TimestampType};

/// A record that shares its batch's memory: cloning or keeping it copies nothing but keeps the batch alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedRecord {
    /// Offset in its partition.
    pub offset: i64,
    /// Timestamp in ms; -1 for none.
    pub timestamp: i64,
    /// Whose clock the timestamp is.
    pub timestamp_type: TimestampType,
    /// Key.
    pub key: Option<Bytes>,
    /// Value; `None` is a tombstone.
    pub value: Option<Bytes>,
    /// Headers in order, repetitions kept. Names are UTF-8 by Kafka's rules, but that is not checked here.
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}

/// A record borrowed from its batch: cheaper than [`FetchedRecord`] where nothing is kept.
#[derive(Debug, Clone, Copy)]
pub struct RecordView<'a> {
    /// Offset in its partition.
    pub offset: i64,
    /// Timestamp in ms; -1 for none.
    pub timestamp: i64,
    /// Whose clock the timestamp is.
    pub timestamp_type: TimestampType,
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Headers, decoded when iterated.
    pub headers: HeadersView<'a>,
}

/// The headers of a [`RecordView`]: an iterator of names and values in order. Already checked to be well formed.
#[derive(Debug, Clone, Copy)]
pub struct HeadersView<'a> {
    left: usize,
    bytes: &'a [u8],
}

impl HeadersView<'_> {
    /// How many are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }
}

impl<'a> Iterator for HeadersView<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        read_header(&mut self.bytes).ok()
    }
}

impl RecordView<'_> {
    /// The record as slices of `batch`, the bytes this view borrows from.
    pub(super) fn share(&self, batch: &Bytes) -> FetchedRecord {
        FetchedRecord {
            offset: self.offset,
            timestamp: self.timestamp,
            timestamp_type: self.timestamp_type,
            key: self.key.map(|key| batch.slice_ref(key)),
            value: self.value.map(|value| batch.slice_ref(value)),
            headers: self
                .headers
                .map(|(name, value)| (batch.slice_ref(name), value.map(|value| batch.slice_ref(value))))
                .collect(),
        }
    }
}

/// Reads the record at the front of `bytes`.
#[inline]
pub(super) fn read_record<'a>(bytes: &mut &'a [u8], header: &BatchHeader) -> Result<RecordView<'a>, BatchError> {
    let length = read_i32(bytes).ok_or(BatchError::Malformed("record length"))?;
    let mut body = take(bytes, length).ok_or(BatchError::Malformed("record longer than its batch"))?;
    body = body.get(1..).ok_or(BatchError::Malformed("record attributes"))?;
    let timestamp_delta = read_i64(&mut body).ok_or(BatchError::Malformed("timestamp delta"))?;
    let offset_delta = read_i32(&mut body).ok_or(BatchError::Malformed("offset delta"))?;
    if offset_delta < 0 || offset_delta > header.last_offset_delta {
        return Err(BatchError::Malformed("offset delta outside the batch"));
    }
    let key = read_bytes(&mut body).ok_or(BatchError::Malformed("key"))?;
    let value = read_bytes(&mut body).ok_or(BatchError::Malformed("value"))?;
    let headers = read_headers(body)?;
    let timestamp_type = header.timestamp_type();
    let timestamp = match timestamp_type {
        TimestampType::CreateTime => header.base_timestamp.wrapping_add(timestamp_delta),
        TimestampType::LogAppendTime => header.max_timestamp,
    };
    // Cannot overflow: not greater than the last offset, which the header was checked for.
    let offset = header.base_offset + i64::from(offset_delta);
    Ok(RecordView { offset, timestamp, timestamp_type, key, value, headers })
}

/// The headers that `body` consists of, walked through once so that later iteration cannot fail.
#[inline]
fn read_headers(mut body: &[u8]) -> Result<HeadersView<'_>, BatchError> {
    let count = read_i32(&mut body).ok_or(BatchError::Malformed("header count"))?;
    let left = usize::try_from(count).map_err(|_| BatchError::Malformed("negative header count"))?;
    let headers = HeadersView { left, bytes: body };
    for _ in 0..left {
        read_header(&mut body)?;
    }
    if body.is_empty() { Ok(headers) } else { Err(BatchError::Malformed("record longer than its fields")) }
}

fn read_header<'a>(bytes: &mut &'a [u8]) -> Result<(&'a [u8], Option<&'a [u8]>), BatchError> {
    let name = read_bytes(bytes).flatten().ok_or(BatchError::Malformed("header name"))?;
    let value = read_bytes(bytes).ok_or(BatchError::Malformed("header value"))?;
    Ok((name, value))
}

/// A nullable byte string; the outer `None` when it is cut short.
#[inline]
fn read_bytes<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    match read_i32(bytes)? {
        -1 => Some(None),
        length => take(bytes, length).map(Some),
    }
}

#[inline]
fn take<'a>(bytes: &mut &'a [u8], length: i32) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(front)
}
