//! The 61 bytes before the records, shared by clients and brokers.

use crate::ProducerId;

use super::{BatchError, Compression};

const LENGTH_AT: usize = 8;
const EPOCH_AT: usize = 12;
const MAGIC_AT: usize = 16;
const CRC_AT: usize = 17;
/// The checksum covers everything from here on, so what stands before may be set without computing it again.
const ATTRIBUTES_AT: usize = 21;
const LAST_DELTA_AT: usize = 23;
const BASE_TIMESTAMP_AT: usize = 27;
const MAX_TIMESTAMP_AT: usize = 35;
const PRODUCER_ID_AT: usize = 43;
const PRODUCER_EPOCH_AT: usize = 51;
const SEQUENCE_AT: usize = 53;
const COUNT_AT: usize = 57;

const LOG_APPEND_TIME: i16 = 0x08;
pub(crate) const TRANSACTIONAL: i16 = 0x10;
pub(crate) const CONTROL: i16 = 0x20;

/// Whose clock a record's timestamp is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's, the same for all records of a batch.
    LogAppendTime,
}

/// The header of a v2 record batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record (of those originally written).
    pub base_offset: i64,
    /// Bytes after this field, that is, of the whole batch less 12.
    pub batch_length: i32,
    /// Epoch of the leader that wrote it; -1 for none.
    pub leader_epoch: i32,
    /// CRC-32C of everything from the attributes on.
    pub crc: u32,
    /// Codec, timestamp type, transactional and control bits.
    pub attributes: i16,
    /// Last offset less base offset; compaction keeps it though records go.
    pub last_offset_delta: i32,
    /// Timestamp that the records' deltas count from, in ms.
    pub base_timestamp: i64,
    /// Greatest timestamp, in ms.
    pub max_timestamp: i64,
    /// Who wrote it.
    pub producer: ProducerId,
    /// Sequence number of the first record; -1 without idempotence.
    pub base_sequence: i32,
    /// Records in the batch; 0 in one emptied by compaction.
    pub record_count: i32,
}

impl BatchHeader {
    /// Bytes of a header.
    pub const LEN: usize = 61;

    /// Reads the header of the batch that `bytes` begins with. The checksum is not looked at.
    ///
    /// # Errors
    /// `Truncated` when the header (not: the batch) is cut short; `Magic`, `Length`, `Malformed` when its
    /// fields are impossible.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(head) = bytes.first_chunk::<{ Self::LEN }>() else {
            return Err(BatchError::Truncated { needed: Self::LEN, have: bytes.len() });
        };
        let magic = head[MAGIC_AT] as i8;
        if magic != 2 {
            return Err(BatchError::Magic(magic));
        }
        let header = Self {
            base_offset: i64::from_be_bytes(field(head, 0)),
            batch_length: i32::from_be_bytes(field(head, LENGTH_AT)),
            leader_epoch: i32::from_be_bytes(field(head, EPOCH_AT)),
            crc: u32::from_be_bytes(field(head, CRC_AT)),
            attributes: i16::from_be_bytes(field(head, ATTRIBUTES_AT)),
            last_offset_delta: i32::from_be_bytes(field(head, LAST_DELTA_AT)),
            base_timestamp: i64::from_be_bytes(field(head, BASE_TIMESTAMP_AT)),
            max_timestamp: i64::from_be_bytes(field(head, MAX_TIMESTAMP_AT)),
            producer: ProducerId {
                id: i64::from_be_bytes(field(head, PRODUCER_ID_AT)),
                epoch: i16::from_be_bytes(field(head, PRODUCER_EPOCH_AT)),
            },
            base_sequence: i32::from_be_bytes(field(head, SEQUENCE_AT)),
            record_count: i32::from_be_bytes(field(head, COUNT_AT)),
        };
        if header.batch_length < (Self::LEN - EPOCH_AT) as i32 {
            return Err(BatchError::Length(header.batch_length));
        }
        if header.base_offset < 0 || header.base_offset.checked_add(i64::from(header.last_offset_delta)).is_none() {
            return Err(BatchError::Malformed("base offset out of range"));
        }
        if header.last_offset_delta < 0 || header.record_count < 0 {
            return Err(BatchError::Malformed("negative record count or last offset"));
        }
        Ok(header)
    }

    /// Bytes of the whole batch, header included.
    #[must_use]
    pub fn total_len(&self) -> usize {
        // Not negative: `parse` refuses that, `write` never does it.
        EPOCH_AT + self.batch_length as usize
    }

    /// Offset of the last record originally written; the next batch begins after it.
    #[must_use]
    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// Codec of the records.
    #[must_use]
    pub fn compression(&self) -> Compression {
        Compression::of(self.attributes)
    }

    /// Whose clock the timestamps are.
    #[must_use]
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & LOG_APPEND_TIME == 0 { TimestampType::CreateTime } else { TimestampType::LogAppendTime }
    }

    /// Whether the batch is part of a transaction.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch is a marker of the broker's instead of a user's records.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Compares the checksum of `batch`, the whole batch of this header.
    ///
    /// # Errors
    /// `Truncated` or `Checksum`.
    pub fn verify(&self, batch: &[u8]) -> Result<(), BatchError> {
        let Some(covered) = batch.get(ATTRIBUTES_AT..self.total_len()) else {
            return Err(BatchError::Truncated { needed: self.total_len(), have: batch.len() });
        };
        let computed = crc32c::crc32c(covered);
        if computed == self.crc { Ok(()) } else { Err(BatchError::Checksum { stored: self.crc, computed }) }
    }

    /// Writes the header over the first 61 bytes of a batch and then its length and checksum, whatever
    /// `self` says of them.
    pub(super) fn write(&self, batch: &mut [u8]) {
        let length = (batch.len() - EPOCH_AT) as i32;
        put(batch, 0, self.base_offset.to_be_bytes());
        put(batch, LENGTH_AT, length.to_be_bytes());
        put(batch, EPOCH_AT, self.leader_epoch.to_be_bytes());
        put(batch, MAGIC_AT, [2]);
        put(batch, ATTRIBUTES_AT, self.attributes.to_be_bytes());
        put(batch, LAST_DELTA_AT, self.last_offset_delta.to_be_bytes());
        put(batch, BASE_TIMESTAMP_AT, self.base_timestamp.to_be_bytes());
        put(batch, MAX_TIMESTAMP_AT, self.max_timestamp.to_be_bytes());
        put(batch, PRODUCER_ID_AT, self.producer.id.to_be_bytes());
        put(batch, PRODUCER_EPOCH_AT, self.producer.epoch.to_be_bytes());
        put(batch, SEQUENCE_AT, self.base_sequence.to_be_bytes());
        put(batch, COUNT_AT, self.record_count.to_be_bytes());
        seal(batch);
    }
}

/// Sets the base offset of an encoded batch; the checksum does not cover it.
///
/// Panics when `batch` is shorter than a header.
pub fn set_base_offset(batch: &mut [u8], offset: i64) {
    put(batch, 0, offset.to_be_bytes());
}

/// Sets the leader epoch of an encoded batch; the checksum does not cover it.
///
/// Panics when `batch` is shorter than a header.
pub fn set_leader_epoch(batch: &mut [u8], epoch: i32) {
    put(batch, EPOCH_AT, epoch.to_be_bytes());
}

/// Makes the broker's `now_ms` the timestamp of every record and computes the checksum again.
///
/// Panics when `batch` is shorter than a header.
pub fn set_log_append_time(batch: &mut [u8], now_ms: i64) {
    let attributes = i16::from_be_bytes([batch[ATTRIBUTES_AT], batch[ATTRIBUTES_AT + 1]]) | LOG_APPEND_TIME;
    put(batch, ATTRIBUTES_AT, attributes.to_be_bytes());
    put(batch, MAX_TIMESTAMP_AT, now_ms.to_be_bytes());
    seal(batch);
}

/// Gives a batch to another producer and sequence number and computes the checksum again.
///
/// Panics when `batch` is shorter than a header.
pub fn set_producer(batch: &mut [u8], producer: ProducerId, base_sequence: i32) {
    put(batch, PRODUCER_ID_AT, producer.id.to_be_bytes());
    put(batch, PRODUCER_EPOCH_AT, producer.epoch.to_be_bytes());
    put(batch, SEQUENCE_AT, base_sequence.to_be_bytes());
    seal(batch);
}

fn seal(batch: &mut [u8]) {
    let crc = crc32c::crc32c(&batch[ATTRIBUTES_AT..]);
    put(batch, CRC_AT, crc.to_be_bytes());
}

fn put<const N: usize>(batch: &mut [u8], at: usize, value: [u8; N]) {
    batch[at..at + N].copy_from_slice(&value);
}

fn field<const N: usize>(head: &[u8; BatchHeader::LEN], at: usize) -> [u8; N] {
    let mut value = [0; N];
    value.copy_from_slice(&head[at..at + N]);
    value
}
