//! The encoder.

use bytes::Bytes;

use crate::ProducerId;

use super::header::{CONTROL, TRANSACTIONAL};
use super::varint::{Scratch, size_i32, size_i64};
use super::{BatchError, BatchHeader, Compression, Compressor};

/// Bytes of a transaction marker.
const MARKER_LEN: usize = 78;

/// A record did not fit; nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Bytes that a batch with only this record has, saturating.
    pub alone: usize,
}

/// Encodes records into one v2 batch, each once and straight into the batch's own buffer.
#[derive(Debug)]
pub struct BatchBuilder {
    /// A gap for the header, then the records. A `Vec`, because its writes are cheaper than `BytesMut`'s and
    /// it becomes `Bytes` without a copy.
    buffer: Vec<u8>,
    count: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    compression: Compression,
}

impl BatchBuilder {
    /// An empty batch whose buffer holds `capacity` bytes before it grows.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut buffer = Vec::with_capacity(capacity.max(BatchHeader::LEN));
        buffer.resize(BatchHeader::LEN, 0);
        Self { buffer, count: 0, base_timestamp: -1, max_timestamp: -1, compression: Compression::None }
    }

    /// Bytes that the batch has when finished now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether no record was appended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Records appended.
    #[must_use]
    pub fn count(&self) -> i32 {
        self.count
    }

    /// Appends a record. `timestamp` is in ms; headers keep their order and repetitions.
    ///
    /// # Errors
    /// [`BatchError::Length`] when the batch would pass 2 GiB; nothing is written then.
    pub fn append<'a, H>(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<(), BatchError>
    where
        H: IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        H::IntoIter: Clone,
    {
        self.append_within(i32::MAX as usize, timestamp, key, value, headers).map_err(|_| BatchError::Length(i32::MAX))
    }

    /// Appends a record if the batch then has at most `limit` bytes.
    ///
    /// # Errors
    /// [`Full`], with nothing written, when it would have more, or is compressed already.
    #[inline]
    pub fn append_within<'a, H>(
        &mut self,
        limit: usize,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<(), Full>
    where
        H: IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        H::IntoIter: Clone,
    {
        let headers = headers.into_iter();
        // Once all lengths together are known to fit an i32, each of them does.
        let (mut header_count, mut body) = (0_usize, 0_usize);
        for (name, value) in headers.clone() {
            header_count += 1;
            body += size_len(Some(name)) + size_len(value);
        }
        if self.count == 0 {
            self.base_timestamp = timestamp;
            self.max_timestamp = timestamp;
        }
        let delta = timestamp.wrapping_sub(self.base_timestamp);
        body += 1 + size_i64(delta) + size_i32(self.count) + size_len(key) + size_len(value);
        body += size_i32(header_count.min(i32::MAX as usize) as i32);
        let size = body + size_i32(body.min(i32::MAX as usize) as i32);
        if self.buffer.len() + size > limit.min(i32::MAX as usize)
            || self.count == i32::MAX
            || self.compression != Compression::None
        {
            return Err(Full { alone: BatchHeader::LEN + size });
        }

        let mut front = Scratch::new();
        front.i32(body as i32);
        front.byte(0);
        front.i64(delta);
        front.i32(self.count);
        front.i32(key.map_or(-1, |key| key.len() as i32));
        self.buffer.reserve(size);
        self.buffer.extend_from_slice(front.as_slice());
        if let Some(key) = key {
            self.buffer.extend_from_slice(key);
        }
        self.put_bytes(value);
        self.put_varint(header_count as i32);
        for (name, value) in headers {
            self.put_bytes(Some(name));
            self.put_bytes(value);
        }
        self.count += 1;
        self.max_timestamp = self.max_timestamp.max(timestamp);
        Ok(())
    }

    /// Compresses the records appended; no more can be appended then. They stay as they are where that would not make
    /// the batch smaller, so a batch never grows.
    #[must_use]
    pub fn compress(mut self, with: Compressor) -> Self {
        if self.count == 0 || self.compression != Compression::None {
            return self;
        }
        let compressed = with.compress(&self.buffer[BatchHeader::LEN..], vec![0; BatchHeader::LEN]);
        if let Some(compressed) = compressed.filter(|compressed| compressed.len() < self.buffer.len()) {
            self.buffer = compressed;
            self.compression = with.codec();
        }
        self
    }

    /// The batch, with base offset 0. `base_sequence` is -1 for [`ProducerId::NONE`].
    #[must_use]
    pub fn finish(self, producer: ProducerId, base_sequence: i32) -> Bytes {
        self.finish_as(producer, base_sequence, 0)
    }

    /// The batch as part of the producer's transaction, with base offset 0.
    #[must_use]
    pub fn finish_in_transaction(self, producer: ProducerId, base_sequence: i32) -> Bytes {
        self.finish_as(producer, base_sequence, TRANSACTIONAL)
    }

    /// The marker that ends the producer's transaction in a partition, with base offset 0.
    pub(crate) fn marker(producer: ProducerId, commit: bool, now_ms: i64) -> Bytes {
        let mut batch = Self::with_capacity(MARKER_LEN);
        let kind = i16::from(commit).to_be_bytes();
        // Version 0 of the key and of the value; the coordinator's epoch is 0, for there is one coordinator.
        let fits = batch.append(now_ms, Some(&[0, 0, kind[0], kind[1]]), Some(&[0; 6]), []);
        debug_assert!(fits.is_ok());
        batch.finish_as(producer, -1, TRANSACTIONAL | CONTROL)
    }

    fn finish_as(mut self, producer: ProducerId, base_sequence: i32, attributes: i16) -> Bytes {
        let header = BatchHeader {
            base_offset: 0,
            batch_length: 0,
            leader_epoch: -1,
            crc: 0,
            attributes: attributes | self.compression.attributes(),
            last_offset_delta: (self.count - 1).max(0),
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer,
            base_sequence,
            record_count: self.count,
        };
        header.write(&mut self.buffer);
        Bytes::from(self.buffer)
    }

    #[inline]
    fn put_bytes(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            None => self.buffer.push(1),
            Some(bytes) => {
                self.put_varint(bytes.len() as i32);
                self.buffer.extend_from_slice(bytes);
            }
        }
    }

    #[inline]
    fn put_varint(&mut self, value: i32) {
        if (0..64).contains(&value) {
            self.buffer.push((value as u8) << 1);
        } else {
            let mut scratch = Scratch::new();
            scratch.i32(value);
            self.buffer.extend_from_slice(scratch.as_slice());
        }
    }
}

/// Bytes that a nullable byte string takes with its length.
#[inline]
fn size_len(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| size_i32(bytes.len().min(i32::MAX as usize) as i32) + bytes.len())
}
