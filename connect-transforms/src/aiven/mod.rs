//! Aiven's transforms, under `io.aiven.kafka.connect.transforms`.

mod concat_fields;
mod extract_timestamp;
mod extract_topic;
mod filter_by_field_value;
mod hash;
mod make_tombstone;
mod tombstone_handler;

pub use concat_fields::{ConcatFields, ConcatFieldsConfig};
pub use extract_timestamp::{ExtractTimestamp, ExtractTimestampConfig, TimestampResolution};
pub use extract_topic::{ExtractTopic, ExtractTopicConfig};
pub use filter_by_field_value::{FilterByFieldValue, FilterByFieldValueConfig};
pub use hash::{Hash, HashConfig, HashFunction};
pub use make_tombstone::{MakeTombstone, MakeTombstoneConfig};
pub use tombstone_handler::{TombstoneBehavior, TombstoneHandler, TombstoneHandlerConfig};
