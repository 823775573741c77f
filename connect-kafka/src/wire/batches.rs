//! The bytes of a fetch, cut into batches.

use bytes::Bytes;

use crate::batch::{BatchError, BatchHeader};

/// Whole batches in offset order. Brokers cut answers off at a number of bytes, so the last one may be a piece,
/// which is left out. Bytes that are no batch are handed on, so that whoever decodes them can say where they are.
pub(super) fn split(mut records: Bytes) -> Vec<Bytes> {
    let mut batches = Vec::new();
    while !records.is_empty() {
        let length = match BatchHeader::parse(&records) {
            Ok(header) => header.total_len(),
            Err(BatchError::Truncated { .. }) => break,
            Err(_) => records.len(),
        };
        if length > records.len() {
            break;
        }
        batches.push(records.split_to(length));
    }
    batches
}
