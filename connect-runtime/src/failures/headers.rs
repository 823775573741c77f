//! The headers that tell a dead letter's story. Names and order are Kafka Connect's; details, which it has not, follow.

use bytes::Bytes;
use connect_api::TaskId;

use super::{Failure, Origin};

/// A dead letter's headers, in order.
pub(super) fn context(id: &TaskId, failure: &Failure) -> Vec<(Bytes, Option<Bytes>)> {
    let text = |text: String| Some(Bytes::from(text));
    let error = &failure.error;
    let mut headers = Vec::with_capacity(10);
    let mut add = |name: &'static str, value: Option<Bytes>| headers.push((Bytes::from_static(name.as_bytes()), value));
    match &failure.origin {
        Origin::Sink { topic, partition, raw } => {
            add("__connect.errors.topic", text(topic.to_string()));
            add("__connect.errors.partition", text(partition.to_string()));
            add("__connect.errors.offset", text(raw.offset.to_string()));
        }
        // A source's record has no offset yet; where it came from stands in its place, under names of ours.
        Origin::Source { topic, place, .. } => {
            add("__connect.errors.topic", text(topic.to_string()));
            add("__connect.errors.source", text(place.clone()));
        }
    }
    add("__connect.errors.connector.name", text(id.connector.to_string()));
    add("__connect.errors.task.id", text(id.task.to_string()));
    add("__connect.errors.stage", text(failure.stage.name().to_owned()));
    add("__connect.errors.class.name", text(failure.class.to_string()));
    add("__connect.errors.exception.class.name", text(error.class_name().to_owned()));
    add("__connect.errors.exception.message", text(error.to_string()));
    add("__connect.errors.exception.stacktrace", text(error.trace()));
    for (name, value) in error.details() {
        headers.push((Bytes::from(format!("__connect.errors.detail.{name}")), text(value.to_owned())));
    }
    headers
}
