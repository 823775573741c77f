//! The file of Java's standalone workers: a serialised `HashMap<byte[], byte[]>`.
//!
//! ```text
//! ac ed 00 05                                stream magic, version
//! 73 72 00 11 "java.util.HashMap" <uid> ...  the map's class (handle 0) and object (handle 1)
//! 3f 40 00 00 <i32 threshold>                its fields: load factor 0.75, threshold
//! 77 08 <i32 buckets> <i32 entries>          what HashMap writes itself
//! per entry, key then value:
//!   70                                       null
//!   75 72 00 02 "[B" ... <i32 len> <bytes>   the first array, with its class (handle 2)
//!   75 71 00 7e 00 02 <i32 len> <bytes>      every other one
//! 78                                         end
//! ```

use std::fmt;

use bytes::Bytes;

/// Up to the fields' values; all of it is fixed.
const START: &[u8] = b"\xac\xed\x00\x05sr\x00\x11java.util.HashMap\x05\x07\xda\xc1\xc3\x16\x60\xd1\x03\x00\x02\
    F\x00\x0aloadFactorI\x00\x09thresholdxp";
const LOAD_FACTOR: &[u8] = &0.75f32.to_be_bytes();
const BLOCK: &[u8] = b"\x77\x08";
const NULL: u8 = 0x70;
const ARRAY: u8 = 0x75;
const ARRAY_CLASS: &[u8] = b"r\x00\x02[B\xac\xf3\x17\xf8\x06\x08\x54\xe0\x02\x00\x00xp";
const ARRAY_CLASS_AGAIN: &[u8] = b"q\x00\x7e\x00\x02";
const END: u8 = 0x78;

/// Why bytes are no such file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// Where, from the start of the file.
    at: usize,
    what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a serialised HashMap<byte[],byte[]> at byte {}: {}", self.at, self.what)
    }
}

/// Too much for Java's 32-bit sizes.
#[derive(Debug)]
pub(super) struct TooLarge;

/// The file of these entries.
pub(super) fn encode<'a>(
    entries: impl ExactSizeIterator<Item = (&'a Bytes, Option<&'a Bytes>)>,
) -> Result<Vec<u8>, TooLarge> {
    let count = size(entries.len())?;
    // As a map grows from 16 buckets: doubled when it has more than three quarters as many entries.
    let mut buckets = 16i32;
    while i64::from(count) > i64::from(buckets) / 4 * 3 {
        buckets = buckets.checked_mul(2).ok_or(TooLarge)?;
    }
    // An empty map has not allocated buckets yet, and then its threshold is 0.
    let threshold = if count == 0 { 0 } else { buckets / 4 * 3 };
    let mut file = START.to_vec();
    file.extend_from_slice(LOAD_FACTOR);
    file.extend_from_slice(&threshold.to_be_bytes());
    file.extend_from_slice(BLOCK);
    file.extend_from_slice(&buckets.to_be_bytes());
    file.extend_from_slice(&count.to_be_bytes());
    let mut class = ARRAY_CLASS;
    for (key, value) in entries {
        for array in [Some(key), value] {
            let Some(array) = array else {
                file.push(NULL);
                continue;
            };
            file.push(ARRAY);
            file.extend_from_slice(class);
            file.extend_from_slice(&size(array.len())?.to_be_bytes());
            file.extend_from_slice(array);
            class = ARRAY_CLASS_AGAIN;
        }
    }
    file.push(END);
    Ok(file)
}

fn size(len: usize) -> Result<i32, TooLarge> {
    i32::try_from(len).map_err(|_| TooLarge)
}

/// A key and a value, each of which may be null.
pub(super) type Decoded = (Option<Bytes>, Option<Bytes>);

/// The entries of a file, in its order.
pub(super) fn decode(file: &[u8]) -> Result<Vec<Decoded>, Malformed> {
    let mut reader = Reader { file, at: 0, class_seen: false };
    reader.fixed(START, "another class than java.util.HashMap, or no Java serialisation")?;
    // Load factor and threshold are hints for Java alone.
    reader.take(8, "the file ends in the map's fields")?;
    reader.fixed(BLOCK, "not the sizes of a HashMap")?;
    reader.int("the file ends in the map's sizes")?;
    let before = reader.at;
    let count = reader.int("the file ends in the map's sizes")?;
    if count < 0 {
        return Err(Malformed { at: before, what: "a negative number of entries" });
    }
    // Nothing is reserved for the number said: entries have to be there.
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push((reader.array()?, reader.array()?));
    }
    reader.fixed(&[END], "not the end of the map, where all its entries are read")?;
    if reader.at < file.len() {
        return Err(reader.wrong("bytes after the end of the map"));
    }
    Ok(entries)
}

struct Reader<'a> {
    file: &'a [u8],
    at: usize,
    class_seen: bool,
}

impl<'a> Reader<'a> {
    fn array(&mut self) -> Result<Option<Bytes>, Malformed> {
        let kind = self.take(1, "the file ends where an entry should be")?;
        match kind {
            [NULL] => return Ok(None),
            [ARRAY] => {}
            _ => {
                self.at -= 1;
                return Err(self.wrong("neither null nor a byte array"));
            }
        }
        let class = if self.class_seen { ARRAY_CLASS_AGAIN } else { ARRAY_CLASS };
        self.fixed(class, "an array that is no byte array")?;
        self.class_seen = true;
        let before = self.at;
        let len = self.int("the file ends in the length of an array")?;
        let Ok(len) = usize::try_from(len) else {
            return Err(Malformed { at: before, what: "a negative array length" });
        };
        Ok(Some(Bytes::copy_from_slice(self.take(len, "an array is longer than the file")?)))
    }

    fn int(&mut self, what: &'static str) -> Result<i32, Malformed> {
        let bytes = self.take(4, what)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | i32::from(*byte)))
    }

    /// Takes these bytes; the error stands at the first byte that differs.
    fn fixed(&mut self, wanted: &[u8], what: &'static str) -> Result<(), Malformed> {
        let rest = &self.file[self.at..];
        let same = rest.iter().zip(wanted).take_while(|(found, wanted)| found == wanted).count();
        self.at += same;
        if same == wanted.len() { Ok(()) } else { Err(self.wrong(what)) }
    }

    /// Takes so many bytes; the error stands where they should begin.
    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let taken = self.file[self.at..].get(..len).ok_or_else(|| self.wrong(what))?;
        self.at += len;
        Ok(taken)
    }

    fn wrong(&self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }
}
