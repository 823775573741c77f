//! Halving a batch that the broker finds too large, as Java's producer does: `max.message.bytes` of a topic is not known
//! to its producers.

use bytes::Bytes;

use crate::ProducerId;
use crate::batch::{Batch, BatchBuilder, Checksum, Compressor};

/// Two batches with the records of this one, its numbering going through both; each with how many records it has.
/// `None` when there is nothing to halve.
pub(super) fn halves(data: &Bytes, compression: Compressor) -> Option<[(Bytes, i32); 2]> {
    let batch = Batch::parse(data, Checksum::Trusted).ok()?;
    let header = batch.header();
    if header.record_count < 2 {
        return None;
    }
    let first = header.record_count / 2;
    let mut builders = [0, 1].map(|_| BatchBuilder::with_capacity(data.len() / 2));
    for (at, record) in (0..).zip(batch.views()) {
        let record = record.ok()?;
        let builder = &mut builders[usize::from(at >= first)];
        builder.append(record.timestamp, record.key, record.value, record.headers).ok()?;
    }
    let producer = header.producer;
    let mut sequence = header.base_sequence;
    Some(builders.map(|builder| {
        let (records, builder) = (builder.count(), builder.compress(compression));
        let data = if header.is_transactional() {
            builder.finish_in_transaction(producer, sequence)
        } else {
            builder.finish(producer, sequence)
        };
        if producer != ProducerId::NONE {
            sequence = advance(sequence, records);
        }
        (data, records)
    }))
}

/// Sequence numbers wrap at 2^31.
pub(super) fn advance(sequence: i32, records: i32) -> i32 {
    sequence.wrapping_add(records) & i32::MAX
}
