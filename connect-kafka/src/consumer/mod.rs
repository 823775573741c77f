//! Consuming: as a member of a group, of partitions given by hand, or a whole topic to its end.

mod admin;
mod assignor;
mod batches;
mod config;
mod error;
mod fetch_round;
mod fetcher;
mod group;
mod join;
mod log_reader;
mod partitions;
mod protocol;
mod subscription;
mod unpack;

#[cfg(test)]
mod tests;

pub use admin::create_topic_if_absent;
pub use assignor::{Assignor, Subscriber};
pub use batches::{FetchedBatch, FetchedBatches};
pub use config::{FetchConfig, GroupConfig, OffsetReset};
pub use error::ConsumerError;
pub use group::{Event, GroupConsumer};
pub use log_reader::LogReader;
pub use partitions::PartitionConsumer;
pub use protocol::{Assignment, SubscriptionMetadata};
pub use subscription::Subscription;
