//! Where the columns of an outbox table go.

use std::sync::Arc;

use connect_api::{Error, Result};

use super::super::options::one_of;
use crate::java_regex::JavaRegex;

connect_api::config! {
    /// Configuration of [`EventRouter`](super::EventRouter).
    #[derive(Clone)]
    pub struct EventRouterConfig {
        /// Column whose text is the event's route, of which the topic is made.
        #[serde(rename = "route.by.field", default = "aggregate_type")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub route_by_field: String,
        /// A Java regular expression that matches the whole route.
        #[serde(rename = "route.topic.regex", default = "any_route")]
        #[schemars(extend("x-verbatim" = true))]
        pub route_topic_regex: JavaRegex,
        /// The topic; $1 and ${name} stand for groups of the expression. A route that does not match is the topic.
        #[serde(rename = "route.topic.replacement", default = "topic")]
        #[schemars(extend("x-verbatim" = true))]
        pub route_topic_replacement: String,
        /// Whether an event whose payload is null or blank becomes a tombstone.
        #[serde(rename = "route.tombstone.on.empty.payload", default)]
        pub route_tombstone_on_empty_payload: bool,
        /// Column for the header id.
        #[serde(rename = "table.field.event.id", default = "id")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub table_field_event_id: String,
        /// Column for the key.
        #[serde(rename = "table.field.event.key", default = "aggregate_id")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub table_field_event_key: String,
        /// Without effect; place the column with table.fields.additional.placement.
        #[serde(rename = "table.field.event.type", default = "event_type")]
        #[schemars(extend("x-verbatim" = true))]
        pub table_field_event_type: String,
        /// Column for the value.
        #[serde(rename = "table.field.event.payload", default = "payload")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub table_field_event_payload: String,
        /// Column for the timestamp, of one of the types of timestamps; when absent or null, the time of the change.
        #[serde(rename = "table.field.event.timestamp")]
        #[schemars(extend("x-verbatim" = true))]
        pub table_field_event_timestamp: Option<String>,
        /// Column, an int32, for the version of the value's schema, where columns are placed in an envelope.
        #[serde(rename = "table.field.event.schema.version")]
        #[schemars(extend("x-verbatim" = true))]
        pub table_field_event_schema_version: Option<String>,
        /// Further columns, each as column:placement or column:placement:name. The placement is header, envelope (the
        /// value becomes a struct of the payload and these), or partition, for an int32.
        #[serde(rename = "table.fields.additional.placement", default)]
        pub table_fields_additional_placement: Vec<String>,
        /// Whether a further column that is missing fails the record, instead of being left out.
        #[serde(rename = "table.fields.additional.error.on.missing", default = "crate::options::yes")]
        pub table_fields_additional_error_on_missing: bool,
        /// The same under another name: error or ignore. It counts when both are given.
        #[serde(rename = "table.field.additional.missing")]
        #[schemars(extend("x-recommended" = ["error", "ignore"]))]
        pub table_field_additional_missing: Option<String>,
        /// Whether a payload that is the text of a JSON object or array becomes data.
        #[serde(rename = "table.expand.json.payload", default)]
        pub table_expand_json_payload: bool,
        /// What becomes of nulls in it: ignore leaves them out, optional_bytes makes them optional bytes.
        #[serde(rename = "table.json.payload.null.behavior", default = "ignore")]
        #[schemars(extend("x-recommended" = ["ignore", "optional_bytes"]))]
        pub table_json_payload_null_behavior: String,
        /// What becomes of empty arrays in it: ignore leaves them out, optional_string makes them arrays of strings.
        #[serde(rename = "table.json.payload.empty.array.behavior", default = "ignore")]
        #[schemars(extend("x-recommended" = ["ignore", "optional_string"]))]
        pub table_json_payload_empty_array_behavior: String,
        /// What becomes of an update, which an outbox has none of: it is dropped with a warning (warn) or an error
        /// (error) in the log, or fails (fatal).
        #[serde(rename = "table.op.invalid.behavior", default = "warn")]
        #[schemars(extend("x-recommended" = ["warn", "error", "fatal"]))]
        pub table_op_invalid_behavior: String,
    }
}

fn aggregate_type() -> String {
    "aggregatetype".into()
}

fn any_route() -> JavaRegex {
    JavaRegex::new("(?<routedByValue>.*)").expect("it is a regular expression")
}

fn topic() -> String {
    "outbox.event.${routedByValue}".into()
}

fn id() -> String {
    "id".into()
}

fn aggregate_id() -> String {
    "aggregateid".into()
}

fn event_type() -> String {
    "type".into()
}

fn payload() -> String {
    "payload".into()
}

fn ignore() -> String {
    "ignore".into()
}

fn warn() -> String {
    "warn".into()
}

/// What becomes of an update.
#[derive(Debug, Clone, Copy)]
pub(super) enum Update {
    Warn,
    Error,
    Fail,
}

impl Update {
    pub(super) const ALL: [(&str, Self); 3] = [("warn", Self::Warn), ("error", Self::Error), ("fatal", Self::Fail)];
}

/// A column that is placed somewhere.
#[derive(Debug)]
pub(super) struct Additional {
    pub(super) column: String,
    pub(super) placement: Placement,
    pub(super) name: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    Header,
    Envelope,
    Partition,
}

impl Additional {
    pub(super) fn parse(text: &str) -> Result<Self> {
        const KEY: &str = "table.fields.additional.placement";
        const PLACEMENTS: [(&str, Placement); 3] =
            [("header", Placement::Header), ("envelope", Placement::Envelope), ("partition", Placement::Partition)];
        let parts: Vec<_> = text.split(':').map(str::trim).collect();
        let (column, placement, name) = match parts[..] {
            [column, placement] => (column, placement, column),
            [column, placement, name] => (column, placement, name),
            _ => ("", "", ""),
        };
        if column.is_empty() || name.is_empty() {
            return Err(Error::config(format!("{KEY}: {text:?} places no column; expected column:placement[:name]")));
        }
        Ok(Self { column: column.to_owned(), placement: one_of(KEY, placement, &PLACEMENTS)?, name: name.into() })
    }
}
