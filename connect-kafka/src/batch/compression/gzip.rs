//! gzip, by zlib-rs.

use std::io::{self, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{Failure, read_all};

pub(super) fn compress(records: &[u8], level: u32, mut out: Vec<u8>) -> io::Result<Vec<u8>> {
    out.reserve(records.len() / 4);
    let mut encoder = GzEncoder::new(out, flate2::Compression::new(level));
    encoder.write_all(records)?;
    encoder.finish()
}

pub(super) fn decompress(records: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    read_all(MultiGzDecoder::new(records), records.len(), limit)
}
