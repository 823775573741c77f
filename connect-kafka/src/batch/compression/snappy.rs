//! Snappy in the framing of snappy-java, which Kafka's Java clients write: a header, then blocks with their lengths.
//! Other clients write one bare block instead; both are read.

use snap::raw::{Decoder, Encoder, decompress_len, max_compress_len};

use super::Failure;

const MAGIC: &[u8; 8] = b"\x82SNAPPY\0";
/// The magic, the version of the writer and the oldest one that can read it.
const HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
/// Bytes before compression in one block, as Java has it.
const BLOCK: usize = 32 * 1024;

pub(super) fn compress(records: &[u8], mut out: Vec<u8>) -> Result<Vec<u8>, snap::Error> {
    out.extend_from_slice(&HEADER);
    let mut encoder = Encoder::new();
    let mut block = vec![0; max_compress_len(BLOCK)];
    for part in records.chunks(BLOCK) {
        let len = encoder.compress(part, &mut block)?;
        // No block is near 2 GiB.
        out.extend_from_slice(&(len as i32).to_be_bytes());
        out.extend_from_slice(&block[..len]);
    }
    Ok(out)
}

pub(super) fn decompress(records: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut all = Vec::new();
    let Some(mut rest) = records.strip_prefix(MAGIC) else {
        append_block(&mut all, records, limit)?;
        return Ok(all);
    };
    rest = rest.get(8..).ok_or_else(|| Failure::corrupt("header cut short"))?;
    while !rest.is_empty() {
        let (length, behind) =
            rest.split_first_chunk::<4>().ok_or_else(|| Failure::corrupt("block length cut short"))?;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (block, behind) = length
            .and_then(|length| behind.split_at_checked(length))
            .ok_or_else(|| Failure::corrupt("block length"))?;
        append_block(&mut all, block, limit)?;
        rest = behind;
    }
    Ok(all)
}

fn append_block(all: &mut Vec<u8>, block: &[u8], limit: usize) -> Result<(), Failure> {
    let length = decompress_len(block).map_err(Failure::corrupt)?;
    // The shortest way to say 64 bytes takes 3, so a claim beyond that is a lie and gets no memory.
    if length > block.len().saturating_mul(22) {
        return Err(Failure::corrupt("more bytes claimed than the block can hold"));
    }
    let start = all.len();
    if length > limit - start {
        return Err(Failure::TooLarge);
    }
    all.resize(start + length, 0);
    Decoder::new().decompress(block, &mut all[start..]).map_err(Failure::corrupt)?;
    Ok(())
}
