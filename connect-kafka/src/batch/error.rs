//! What can be wrong with a batch.

use crate::{BrokerError, Code};

use super::Compression;

/// Why bytes are not a record batch, or cannot be read as one here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The bytes end before the batch does.
    #[error("record batch needs {needed} bytes, {have} are there")]
    Truncated {
        /// Bytes needed, as far as known.
        needed: usize,
        /// Bytes there.
        have: usize,
    },
    /// Not format version 2.
    #[error("record batch has format version {0}, only 2 is understood")]
    Magic(i8),
    /// The length field is impossible.
    #[error("record batch has an impossible length field of {0}")]
    Length(i32),
    /// The bytes are not those that were written.
    #[error("record batch has checksum {stored:08x}, computed {computed:08x}")]
    Checksum {
        /// Checksum in the header.
        stored: u32,
        /// Checksum of the bytes.
        computed: u32,
    },
    /// A field inside contradicts its surroundings.
    #[error("record batch is malformed: {0}")]
    Malformed(&'static str),
    /// The records are compressed by a codec that does not exist.
    #[error("record batch is compressed with {0:?}; there are none, gzip, snappy, lz4, zstd")]
    Compressed(Compression),
    /// The compressed records are not what their codec writes.
    #[error("record batch cannot be decompressed with {codec}: {reason}")]
    Decompression {
        /// Codec.
        codec: &'static str,
        /// What it says is wrong.
        reason: String,
    },
    /// Decompressed, the records pass the limit.
    #[error("record batch has more than {limit} bytes when decompressed with {codec}")]
    DecompressedTooLarge {
        /// Codec.
        codec: &'static str,
        /// Bytes allowed.
        limit: usize,
    },
}

impl From<BatchError> for BrokerError {
    /// `CorruptMessage`, as Kafka's brokers answer to a bad batch.
    fn from(error: BatchError) -> Self {
        Self::new(Code::CorruptMessage, error.to_string())
    }
}
