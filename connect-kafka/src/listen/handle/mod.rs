//! What each call does: from a request of the protocol to the broker's seam, and its answer back.

mod cluster;
mod commits;
mod groups;
mod log;
mod offsets;
mod topics;
mod transactions;

use std::net::SocketAddr;
use std::time::Duration;

use kafka_protocol::messages::{BrokerId, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::ListenOptions;
use super::connection::End;
use crate::{BrokerError, Code, EmbeddedBroker, Result, TopicPartition};

/// The one node's id.
const NODE: BrokerId = BrokerId(1);
/// The only epoch that the node leads in; it stands in every batch.
const LEADER_EPOCH: i32 = 0;
/// Says that there is no authorization.
const NO_OPERATIONS: i32 = i32::MIN;

/// A broker as its clients see it.
#[derive(Debug)]
pub(super) struct Front {
    broker: EmbeddedBroker,
    options: ListenOptions,
    host: StrBytes,
    port: i32,
}

impl Front {
    pub(super) fn new(broker: EmbeddedBroker, options: ListenOptions, address: SocketAddr) -> Self {
        let own = || (address.ip().to_string(), address.port());
        let (host, port) = options.advertised.clone().unwrap_or_else(own);
        Self { broker, options, host: host.into(), port: port.into() }
    }

    pub(super) fn max_request_bytes(&self) -> usize {
        self.options.max_request_bytes
    }
}

/// The broker's answer or the number of its error. Where the answer was lost, so is the connection.
fn split<T>(result: Result<T>) -> Result<Result<T, BrokerError>, End> {
    match result {
        Err(error) if error.code == Code::NetworkException => Err(End::Lost),
        result => Ok(result),
    }
}

fn number<T>(result: &Result<T>) -> i16 {
    result.as_ref().err().map_or(0, |error| error.code as i16)
}

/// [`split`] where there is nothing to answer but the error.
fn only_number(result: Result<()>) -> Result<i16, End> {
    split(result).map(|result| number(&result))
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn optional(text: Option<StrBytes>) -> Option<String> {
    text.map(|text| text.to_string())
}

fn name(name: &str) -> TopicName {
    TopicName(text(name))
}

fn partition(topic: &TopicName, partition: i32) -> TopicPartition {
    TopicPartition::new(topic.as_str(), partition)
}

/// Milliseconds; a negative number is none.
fn millis(millis: i32) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Bytes; a negative number is none.
fn bytes(count: i32) -> usize {
    usize::try_from(count).unwrap_or(0)
}
