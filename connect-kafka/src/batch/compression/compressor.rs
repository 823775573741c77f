//! What a producer is told about compression.

use super::{Compression, gzip, lz4, snappy, zstd};

/// A codec and its level: `compression.type` and `compression.gzip.level`, `compression.lz4.level`,
/// `compression.zstd.level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compressor {
    codec: Compression,
    level: i32,
}

impl Default for Compressor {
    fn default() -> Self {
        Self::NONE
    }
}

impl Compressor {
    /// Records stay as they are.
    pub const NONE: Self = Self { codec: Compression::None, level: 0 };
    /// The names of the codecs.
    pub const NAMES: [&'static str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

    /// The codec of this name at this level, Kafka's default level when there is none. Snappy has no levels. The
    /// level of lz4 is checked, but records are always compressed by its fast method.
    ///
    /// # Errors
    /// Says what was wrong and what was possible.
    pub fn new(name: &str, level: Option<i32>) -> Result<Self, String> {
        let codecs = [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
        let Some(codec) = codecs.into_iter().find(|codec| codec.name() == name) else {
            return Err(format!("no compression named {name:?}; there are: {}", Self::NAMES.join(", ")));
        };
        let (levels, default) = match codec {
            Compression::Gzip => (1..=9, 6),
            Compression::Lz4 => (1..=17, 9),
            Compression::Zstd => (-131_072..=22, 3),
            _ => return Ok(Self { codec, level: 0 }),
        };
        // Java's gzip says default this way.
        let level = level.filter(|level| codec != Compression::Gzip || *level != -1).unwrap_or(default);
        if !levels.contains(&level) {
            let (first, last) = levels.into_inner();
            return Err(format!("{name} has no compression level {level}; there are: {first} to {last}"));
        }
        Ok(Self { codec, level })
    }

    /// The codec.
    #[must_use]
    pub fn codec(self) -> Compression {
        self.codec
    }

    /// Appends the compressed records to `out`; `None` when the codec failed, which is no fault of the records.
    pub(in super::super) fn compress(self, records: &[u8], out: Vec<u8>) -> Option<Vec<u8>> {
        match self.codec {
            Compression::Gzip => gzip::compress(records, self.level.unsigned_abs(), out).ok(),
            Compression::Snappy => snappy::compress(records, out).ok(),
            Compression::Lz4 => lz4::compress(records, out).ok(),
            Compression::Zstd => Some(zstd::compress(records, self.level, out)),
            Compression::None | Compression::Reserved(_) => None,
        }
    }
}
