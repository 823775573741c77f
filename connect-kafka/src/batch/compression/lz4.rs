//! LZ4 in its frame format, with the options that Java's reader wants: independent blocks, no dictionary.

use std::io::{self, Write};

use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

use super::{Failure, read_all};

pub(super) fn compress(records: &[u8], out: Vec<u8>) -> io::Result<Vec<u8>> {
    let options = FrameInfo::new().block_size(BlockSize::Max64KB).block_mode(BlockMode::Independent);
    let mut encoder = FrameEncoder::with_frame_info(options, out);
    encoder.write_all(records)?;
    encoder.finish().map_err(io::Error::other)
}

/// The shortest header and the mark of the end.
const SHORTEST: usize = 7 + 4;

pub(super) fn decompress(records: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    // The decoder takes a header cut short for the end.
    if records.len() < SHORTEST {
        return Err(Failure::corrupt("header cut short"));
    }
    let mut rest = records;
    let all = read_all(FrameDecoder::new(&mut rest), records.len(), limit)?;
    if rest.is_empty() { Ok(all) } else { Err(Failure::corrupt("bytes after the end of the frame")) }
}
