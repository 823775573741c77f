//! The hashes by which Debezium chooses partitions: Java's `hashCode`, and its variant of `MurmurHash3`.

use connect_api::{Decimal, Error, Result, Value};

/// What Java's `hashCode` says of a value; bytes are a `ByteBuffer`.
///
/// # Errors
/// A data error for a struct, which has no hash that two processes agree on.
pub(super) fn java(value: &Value) -> Result<i32> {
    Ok(match value {
        Value::Null => 0,
        Value::Boolean(truth) => {
            if *truth {
                1231
            } else {
                1237
            }
        }
        Value::Int8(number) => (*number).into(),
        Value::Int16(number) => (*number).into(),
        Value::Int32(number) => *number,
        Value::Int64(number) | Value::Instant(number) => folded(number.cast_unsigned()),
        Value::Float32(number) => if number.is_nan() { f32::NAN } else { *number }.to_bits().cast_signed(),
        Value::Float64(number) => folded(if number.is_nan() { f64::NAN } else { *number }.to_bits()),
        Value::String(text) => text.encode_utf16().fold(0, |hash, unit| next(hash, unit.into())),
        Value::Bytes(bytes) => bytes.iter().rev().fold(1, |hash, byte| next(hash, byte.cast_signed().into())),
        Value::Decimal(decimal) => of_decimal(decimal),
        Value::Array(elements) => {
            elements.iter().try_fold(1, |hash, element| Ok::<_, Error>(next(hash, java(element)?)))?
        }
        Value::Map(entries) => entries
            .iter()
            .try_fold(0_i32, |hash, (key, value)| Ok::<_, Error>(hash.wrapping_add(java(key)? ^ java(value)?)))?,
        other => {
            let found = other.kind();
            return Err(Error::data(format!(
                "a partition cannot be made of a value of type {found}; possible: all types but struct"
            )));
        }
    })
}

const fn next(hash: i32, part: i32) -> i32 {
    hash.wrapping_mul(31).wrapping_add(part)
}

#[expect(clippy::cast_possible_truncation, reason = "the halves are folded into one")]
const fn folded(bits: u64) -> i32 {
    ((bits ^ (bits >> 32)) as u32).cast_signed()
}

fn of_decimal(decimal: &Decimal) -> i32 {
    let (_, digits) = decimal.unscaled().to_u32_digits();
    let hash = digits.iter().rev().fold(0, |hash, digit| next(hash, digit.cast_signed()));
    let negative = decimal.to_bytes().first().is_some_and(|byte| *byte >= 0x80);
    next(if negative { hash.wrapping_neg() } else { hash }, decimal.scale())
}

/// The hash of a text's bytes, or of what Java's hash says of another value.
///
/// # Errors
/// Those of [`java`].
pub(super) fn murmur(value: &Value) -> Result<i32> {
    match value {
        Value::String(text) => Ok(murmur_of(text.as_bytes())),
        value => Ok(murmur_of(&java(value)?.to_le_bytes())),
    }
}

/// An early form of `MurmurHash3`, of 128 bits, of which it takes the upper 32 of the first half.
struct Murmur {
    h: [u64; 2],
    c: [u64; 2],
}

impl Murmur {
    const fn mix(&mut self, one: u64, two: u64) {
        let [h1, h2] = self.h;
        let [c1, c2] = self.c;
        let h1 = (h1 ^ one.wrapping_mul(c1).rotate_left(23).wrapping_mul(c2)).wrapping_add(h2);
        let h2 = (h2.rotate_left(41) ^ two.wrapping_mul(c2).rotate_left(23).wrapping_mul(c1)).wrapping_add(h1);
        self.h = [h1.wrapping_mul(3).wrapping_add(0x52dc_e729), h2.wrapping_mul(3).wrapping_add(0x3849_5ab5)];
        self.c = [c1.wrapping_mul(5).wrapping_add(0x7b7d_159c), c2.wrapping_mul(5).wrapping_add(0x6bce_6396)];
    }
}

fn murmur_of(bytes: &[u8]) -> i32 {
    const SEED: u64 = 9001;
    let mut state = Murmur {
        h: [0x9368_e53c_2f6a_f274 ^ SEED, 0x586d_cd20_8f7c_d3fd ^ SEED],
        c: [0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f],
    };
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        let word = |part: &[u8]| part.iter().rev().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        state.mix(word(&block[..8]), word(&block[8..]));
    }
    if !rest.is_empty() {
        // What is left over is taken as signed bytes.
        let word = |part: &[u8]| {
            let signed = |byte: &u8| i64::from(byte.cast_signed()).cast_unsigned();
            part.iter().enumerate().fold(0, |word, (at, byte)| word ^ (signed(byte) << (8 * at)))
        };
        let (one, two) = rest.split_at(rest.len().min(8));
        state.mix(word(one), word(two));
    }
    let [h1, h2] = state.h;
    let h2 = h2 ^ bytes.len() as u64;
    let h1 = h1.wrapping_add(h2);
    let h2 = h2.wrapping_add(h1);
    let (h1, h2) = (finished(h1), finished(h2));
    let upper = (h1.wrapping_add(h2) >> 32) as u32;
    upper.cast_signed()
}

const fn finished(k: u64) -> u64 {
    let k = (k ^ (k >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let k = (k ^ (k >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ (k >> 33)
}

#[cfg(test)]
mod tests;
