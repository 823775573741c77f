//! Kafka's v2 record batch: header, encoder, decoder, default partitioner.
//!
//! Encoding writes straight into one buffer; decoding hands out slices of the bytes it was given, or of what they
//! decompress to.

mod builder;
mod compression;
mod decode;
mod error;
pub(crate) mod header;
mod partitioner;
mod record;
mod varint;

#[cfg(test)]
mod tests;

pub use builder::{BatchBuilder, Full};
pub use compression::{Compression, Compressor};
pub use decode::{Batch, Batches, Checksum, Cursor, Limits, Records, Views};
pub use error::BatchError;
pub use header::{BatchHeader, TimestampType, set_base_offset, set_leader_epoch, set_log_append_time, set_producer};
pub use partitioner::{murmur2, partition_for_key};
pub use record::{FetchedRecord, HeadersView, RecordView};
