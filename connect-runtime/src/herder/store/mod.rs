//! The topics in which Kafka Connect's workers keep connectors and their states, record for record.

pub(super) mod configs;
pub(super) mod records;
pub(super) mod statuses;
#[cfg(test)]
mod tests;
mod topic;

pub(super) use configs::ConfigState;
pub(super) use statuses::StatusState;
pub(super) use topic::{StateTopic, Write};
