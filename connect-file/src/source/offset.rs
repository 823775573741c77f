//! Source partitions and offsets, in the shape Kafka Connect stores them.

use connect_api::{Error, OffsetMap, Result, Value};

const FILENAME: &str = "filename";
const POSITION: &str = "position";

/// The source partition of a file, or of standard input.
pub(super) fn partition(file: Option<&str>) -> OffsetMap {
    OffsetMap::of(FILENAME, file)
}

/// The offset of a line that ends before this position of a file.
#[expect(clippy::cast_possible_wrap, reason = "no file has 2^63 bytes")]
pub(super) fn offset(position: u64) -> OffsetMap {
    OffsetMap::of(POSITION, position as i64)
}

/// The offset of every line of standard input: there is no going back to one.
pub(super) fn no_offset() -> OffsetMap {
    OffsetMap::of(POSITION, Value::Null)
}

/// Where a stored offset says to go on; at the beginning when it says nothing.
pub(super) fn position(file: &str, stored: Option<&OffsetMap>) -> Result<u64> {
    match stored.and_then(|offset| offset.get(POSITION)) {
        None | Some(Value::Null) => Ok(0),
        Some(value) => checked(value).map_err(|error| error.context(format_args!("stored offset of {file}"))),
    }
}

fn checked(value: &Value) -> Result<u64> {
    let number = value.as_i64().ok_or_else(|| {
        Error::fatal(format!("{POSITION:?} must be a whole number of bytes, but is {} {value}", value.kind()))
    })?;
    u64::try_from(number).map_err(|_| Error::fatal(format!("{POSITION:?} must not be negative, but is {number}")))
}

/// Checks what an operator wants to store, as Kafka Connect does: anything may be forgotten, and offsets of
/// files read before may be set too.
pub(super) fn check_altered(file: Option<&str>, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
    if file.is_none() {
        return Err(Error::fatal(
            "offsets cannot be altered while \"file\" is not set: standard input is read, and it has no positions",
        ));
    }
    for (partition, offset) in offsets {
        let Some(offset) = offset else { continue };
        let at = |error: Error| error.context(format_args!("offset {offset} of {partition}"));
        let Some(value) = offset.get(POSITION) else {
            return Err(at(Error::fatal(format!("an offset needs the key {POSITION:?}, or must be null"))));
        };
        checked(value).map_err(at)?;
        if partition.get(FILENAME).is_none() {
            return Err(at(Error::fatal(format!("a source partition needs the key {FILENAME:?}"))));
        }
    }
    Ok(())
}
