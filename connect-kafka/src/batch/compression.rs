//! The seam for compression codecs.

use bytes::Bytes;

use super::BatchError;

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

    /// The records section as it was before compression. Codecs go here; each must bound what it allocates.
    pub(super) fn decompress(self, records: Bytes) -> Result<Bytes, BatchError> {
        match self {
            Self::None => Ok(records),
            codec => Err(BatchError::Compressed(codec)),
        }
    }
}
