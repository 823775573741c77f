//! Keys and values as Java's workers write them: `["connector",{partition}]` and `{offset}`, compact JSON.

mod read;
pub(crate) mod write;

use connect_api::{OffsetMap, Value};

use read::Reader;

/// The key of a partition.
pub(crate) fn key(connector: &str, partition: &OffsetMap) -> Vec<u8> {
    let mut text = String::from("[");
    write::string(&mut text, connector);
    text.push(',');
    write::map(&mut text, partition);
    text.push(']');
    text.into_bytes()
}

/// The value of an offset; `None`, a tombstone, for the null map.
pub(crate) fn value(offset: &OffsetMap) -> Option<Vec<u8>> {
    (!offset.is_null()).then(|| {
        let mut text = String::new();
        write::map(&mut text, offset);
        text.into_bytes()
    })
}

/// A text that two partitions share exactly when they are equal once stored: entries sorted by name, every value in
/// its stored form.
pub(crate) fn identity(partition: &OffsetMap) -> String {
    let mut text = String::new();
    let mut entries = partition.entries().to_vec();
    // Stable, so that of a name given twice the first one still counts.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let sorted = if partition.is_null() { OffsetMap::NULL } else { OffsetMap::from_entries(entries) };
    write::map(&mut text, &sorted);
    text
}

/// Connector and partition of a key, or what is wrong with it.
pub(crate) fn parse_key(bytes: &[u8]) -> Result<(String, OffsetMap), String> {
    let mut reader = Reader::new(bytes)?;
    reader.demand('[')?;
    let Value::String(connector) = reader.plain()? else {
        return Err("the connector's name is no string".into());
    };
    reader.demand(',')?;
    let partition = reader.map_or_null()?;
    reader.demand(']')?;
    reader.end()?;
    Ok((connector.to_string(), partition))
}

/// The offset of a value, or what is wrong with it. The JSON text `null` is the null map.
pub(crate) fn parse_value(bytes: &[u8]) -> Result<OffsetMap, String> {
    let mut reader = Reader::new(bytes)?;
    let offset = reader.map_or_null()?;
    reader.end()?;
    Ok(offset)
}
