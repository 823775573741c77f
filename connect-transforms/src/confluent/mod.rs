//! Confluent's transforms, under `io.confluent.connect.transforms`.

mod drop;
mod extract_topic;
mod filter;
mod message_timestamp_router;
mod tombstone_handler;

pub use drop::{Drop, DropConfig, SchemaBehavior};
pub use extract_topic::{ExtractTopic, ExtractTopicConfig, ExtractTopicFromHeader, FieldFormat};
pub use filter::{Filter, FilterConfig, FilterType, MissingOrNullBehavior};
pub use message_timestamp_router::{MessageTimestampRouter, MessageTimestampRouterConfig};
pub use tombstone_handler::{TombstoneBehavior, TombstoneHandler, TombstoneHandlerConfig};
