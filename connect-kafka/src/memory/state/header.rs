//! The 61-byte header of a v2 record batch, as far as a broker reads and writes it.

use bytes::{Bytes, BytesMut};

use super::records::Records;
use crate::batch::header::{CONTROL, TRANSACTIONAL};
use crate::batch::{BatchBuilder, BatchError, BatchHeader, set_base_offset, set_leader_epoch};
use crate::{BrokerError, Code, ProducerId};

/// Bytes before the first record.
pub(crate) const HEADER: usize = BatchHeader::LEN;
/// Bytes before the part that the length field counts.
const LENGTH_END: usize = 12;
/// First byte under the checksum: the attributes.
const CRC_START: usize = 21;
pub(crate) const COMPRESSION: i16 = 0x07;

/// What a broker needs to know of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchMeta {
    pub(crate) base: i64,
    pub(crate) last_delta: i32,
    pub(crate) size: u32,
    pub(crate) max_timestamp: i64,
    pub(crate) producer: ProducerId,
    pub(crate) base_sequence: i32,
    pub(crate) records: i32,
    pub(crate) attributes: i16,
    /// How a transaction ends, if the batch is a marker.
    pub(crate) marker: Option<Marker>,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    Commit,
    Abort,
}

impl BatchMeta {
    pub(crate) fn last(&self) -> i64 {
        self.base + i64::from(self.last_delta)
    }

    /// Sequence of the last record; sequences wrap from `i32::MAX` to 0.
    pub(crate) fn last_sequence(&self) -> i32 {
        sequence_after(self.base_sequence, self.last_delta)
    }

    /// Reads the header of exactly one batch without checking more than the sizes.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
        Self::read_header(data).filter(|meta| meta.size as usize == data.len())
    }

    /// Reads the header; of a marker, the rest as well.
    pub(crate) fn read_header(data: &[u8]) -> Option<Self> {
        BatchHeader::parse(data).ok().and_then(|header| Self::of(&header, data))
    }

    pub(crate) fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    fn of(header: &BatchHeader, data: &[u8]) -> Option<Self> {
        Some(Self {
            base: header.base_offset,
            last_delta: header.last_offset_delta,
            size: u32::try_from(header.total_len()).ok()?,
            max_timestamp: header.max_timestamp,
            producer: header.producer,
            base_sequence: header.base_sequence,
            records: header.record_count,
            attributes: header.attributes,
            marker: if header.is_control() { marker(data) } else { None },
        })
    }
}

/// What a control batch says; `None` if it is no transaction marker.
fn marker(batch: &[u8]) -> Option<Marker> {
    // The key is a version (i16) and a type (i16).
    match Records::of(batch)?.next()??.key?.get(2..4)? {
        [0, 0] => Some(Marker::Abort),
        [0, 1] => Some(Marker::Commit),
        _ => None,
    }
}

/// `from + by` as Kafka counts sequences: after `i32::MAX` comes 0. Both must not be negative.
pub(crate) fn sequence_after(from: i32, by: i32) -> i32 {
    let sum = i64::from(from) + i64::from(by);
    i32::try_from(sum % (i64::from(i32::MAX) + 1)).unwrap_or(0)
}

/// A batch that passed every check that needs no broker state, ready to be given its offset.
#[derive(Debug)]
pub(crate) struct CheckedBatch {
    pub(crate) meta: BatchMeta,
    data: BytesMut,
}

impl CheckedBatch {
    /// Checks sizes, magic, checksum and counts. The costs are one checksum and at most one copy.
    pub(crate) fn check(data: Bytes) -> Result<Self, BrokerError> {
        let corrupt = |why: &str| BrokerError::new(Code::CorruptMessage, format!("record batch refused: {why}"));
        let invalid = |why: &str| BrokerError::new(Code::InvalidRecord, format!("record batch refused: {why}"));
        let header = BatchHeader::parse(&data).map_err(|error| match error {
            BatchError::Magic(_) => invalid("only magic 2 is supported"),
            other => corrupt(&other.to_string()),
        })?;
        if header.total_len() != data.len() {
            return Err(corrupt("its length is not that of one batch"));
        }
        header.verify(&data).map_err(|error| corrupt(&error.to_string()))?;
        let meta = BatchMeta::of(&header, &data).ok_or_else(|| corrupt("its length is out of range"))?;
        if meta.records < 1 || meta.last_delta != meta.records - 1 {
            return Err(invalid("the record count and the last offset delta disagree"));
        }
        if header.is_control() {
            return Err(invalid("control batches are the broker's to write"));
        }
        if header.is_transactional() && meta.producer.id < 0 {
            return Err(invalid("a transactional batch without producer id"));
        }
        if meta.producer.id >= 0 && (meta.producer.epoch < 0 || meta.base_sequence < 0) {
            return Err(invalid("a producer id without epoch or sequence"));
        }
        let data = data.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        Ok(Self { meta, data })
    }

    /// The marker that ends a producer's transaction.
    pub(crate) fn marker(producer: ProducerId, commit: bool, now_ms: i64) -> Self {
        let data = BytesMut::from(BatchBuilder::marker(producer, commit, now_ms));
        let meta = BatchMeta {
            base: 0,
            last_delta: 0,
            size: u32::try_from(data.len()).unwrap_or(u32::MAX),
            max_timestamp: now_ms,
            producer,
            base_sequence: -1,
            records: 1,
            attributes: TRANSACTIONAL | CONTROL,
            marker: Some(if commit { Marker::Commit } else { Marker::Abort }),
        };
        Self { meta, data }
    }

    /// Writes base offset and leader epoch, which the checksum does not cover.
    pub(crate) fn at(mut self, base: i64) -> (BatchMeta, Bytes) {
        self.meta.base = base;
        set_base_offset(&mut self.data, base);
        set_leader_epoch(&mut self.data, 0);
        (self.meta, self.data.freeze())
    }
}

/// Rebuilds a batch around other records: same offsets, times and producer, no compression.
pub(crate) fn with_records(original: &[u8], count: i32, records: &[u8]) -> Bytes {
    let mut data = BytesMut::with_capacity(HEADER + records.len());
    data.extend_from_slice(&original[..HEADER]);
    data.extend_from_slice(records);
    let length = i32::try_from(data.len() - LENGTH_END).unwrap_or(i32::MAX);
    data[8..12].copy_from_slice(&length.to_be_bytes());
    let attributes = i16::from_be_bytes(array(original, 21)) & !COMPRESSION;
    data[21..23].copy_from_slice(&attributes.to_be_bytes());
    data[57..61].copy_from_slice(&count.to_be_bytes());
    let crc = crc32c::crc32c(&data[CRC_START..]);
    data[17..21].copy_from_slice(&crc.to_be_bytes());
    data.freeze()
}

/// `N` bytes from `at`; the callers checked that the data reaches that far.
fn array<const N: usize>(data: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&data[at..at + N]);
    out
}
