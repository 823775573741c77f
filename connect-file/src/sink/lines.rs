//! Records into lines.

use std::io::Write as _;

use connect_api::{SinkRecord, Value};

/// Appends a line for each record: the Java text of its value. A line feed inside a text is written as it is.
pub(super) fn write_lines(buffer: &mut Vec<u8>, records: &[SinkRecord]) {
    buffer.reserve(records.iter().map(|record| record.value.value.size_hint() + 1).sum());
    for record in records {
        match &record.value.value {
            Value::String(text) => buffer.extend_from_slice(text.as_bytes()),
            // Writing to memory does not fail.
            value => drop(write!(buffer, "{value}")),
        }
        buffer.push(b'\n');
    }
}
