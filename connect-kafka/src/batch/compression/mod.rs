//! The codecs of record batches. Each reads what Java's clients write and writes what they read.

mod compressor;
mod gzip;
mod lz4;
mod snappy;
mod zstd;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use bytes::Bytes;

use super::BatchError;

pub use compressor::Compressor;

/// The codec in a batch's attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the codecs' own")]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
    /// A number that Kafka has not given to a codec.
    Reserved(u8),
}

impl Compression {
    /// The codec of these attributes (low three bits).
    #[must_use]
    pub fn of(attributes: i16) -> Self {
        match attributes & 0x07 {
            0 => Self::None,
            1 => Self::Gzip,
            2 => Self::Snappy,
            3 => Self::Lz4,
            4 => Self::Zstd,
            other => Self::Reserved(other as u8),
        }
    }

    /// Kafka's name for it, as in `compression.type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
            Self::Reserved(_) => "reserved",
        }
    }

    /// Its bits in a batch's attributes.
    pub(super) fn attributes(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
            Self::Reserved(other) => i16::from(other),
        }
    }

    /// The records section as it was before compression, if that has at most `limit` bytes. What is allocated
    /// grows with what is really there, whatever lengths the bytes claim.
    pub(super) fn decompress(self, records: Bytes, limit: usize) -> Result<Bytes, BatchError> {
        // A batch that compaction emptied keeps its codec but has no bytes.
        if self == Self::None || records.is_empty() {
            return Ok(records);
        }
        let decompressed = match self {
            Self::Gzip => gzip::decompress(&records, limit),
            Self::Snappy => snappy::decompress(&records, limit),
            Self::Lz4 => lz4::decompress(&records, limit),
            Self::Zstd => zstd::decompress(&records, limit),
            Self::None | Self::Reserved(_) => return Err(BatchError::Compressed(self)),
        };
        decompressed.map(Bytes::from).map_err(|failure| match failure {
            Failure::TooLarge => BatchError::DecompressedTooLarge { codec: self.name(), limit },
            Failure::Corrupt(reason) => BatchError::Decompression { codec: self.name(), reason },
        })
    }
}

/// Why nothing was decompressed.
#[derive(Debug)]
enum Failure {
    TooLarge,
    Corrupt(String),
}

impl Failure {
    fn corrupt(reason: impl ToString) -> Self {
        Self::Corrupt(reason.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::corrupt(error)
    }
}

/// Everything that `from` decompresses, up to `limit` bytes. `compressed` is how many bytes that comes from.
fn read_all(from: impl Read, compressed: usize, limit: usize) -> Result<Vec<u8>, Failure> {
    // Batches mostly shrink to a fourth or less; beyond that the buffer doubles as bytes come.
    let mut all = Vec::with_capacity(compressed.saturating_mul(4).min(limit));
    from.take(limit as u64 + 1).read_to_end(&mut all)?;
    if all.len() > limit { Err(Failure::TooLarge) } else { Ok(all) }
}
