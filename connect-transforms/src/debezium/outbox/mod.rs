//! Makes events of the rows of an outbox table.

mod config;
mod envelopes;
mod event;
mod json_payload;

use std::sync::Arc;

use connect_api::{Datum, Error, Flow, Record, Result, Schema, Struct, Transform, TransformPlugin, Value};

use self::config::{Additional, Placement, Update};
use self::envelopes::Envelopes;
use self::event::Row;
use self::json_payload::JsonPayload;
use super::envelope::{AFTER, DELETE, is_envelope, operation, row, text_column};
use super::options::one_of;
use crate::java_regex::{JavaRegex, Replacement};
use crate::plans::Plans;

pub use self::config::EventRouterConfig;

/// Makes an event of a row that was added to an outbox table: its topic, key, value and headers are columns.
///
/// Deletions, tombstones and updates are dropped; what is no change of a row goes on as it is.
#[derive(Debug)]
pub struct EventRouter {
    config: EventRouterConfig,
    replacement: Replacement,
    update: Update,
    additional: Vec<Additional>,
    /// A further column that is missing is left out.
    may_miss: bool,
    json: Option<JsonPayload>,
    /// Schemas of JSON payloads that were made before.
    payloads: Plans<Arc<Schema>>,
    envelopes: Envelopes,
}

impl TransformPlugin for EventRouter {
    const NAME: &'static str = "io.debezium.transforms.outbox.EventRouter";
    type Config = EventRouterConfig;

    fn new(config: EventRouterConfig) -> Result<Self> {
        let nulls = &config.table_json_payload_null_behavior;
        let empty_arrays = &config.table_json_payload_empty_array_behavior;
        let json = JsonPayload {
            nulls: one_of("table.json.payload.null.behavior", nulls, &[("ignore", false), ("optional_bytes", true)])?,
            empty_arrays: one_of(
                "table.json.payload.empty.array.behavior",
                empty_arrays,
                &[("ignore", false), ("optional_string", true)],
            )?,
        };
        let may_miss = match &config.table_field_additional_missing {
            Some(text) => one_of("table.field.additional.missing", text, &[("error", false), ("ignore", true)])?,
            None => !config.table_fields_additional_error_on_missing,
        };
        let additional = config.table_fields_additional_placement.iter().map(|text| Additional::parse(text));
        Ok(Self {
            replacement: Replacement::new(&config.route_topic_replacement, &config.route_topic_regex),
            update: one_of("table.op.invalid.behavior", &config.table_op_invalid_behavior, &Update::ALL)?,
            additional: additional.collect::<Result<_>>()?,
            may_miss,
            json: config.table_expand_json_payload.then_some(json),
            config,
            payloads: Plans::new(),
            envelopes: Envelopes::default(),
        })
    }
}

impl Transform for EventRouter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        if record.value.is_null() {
            return Ok(Flow::Drop);
        }
        if !is_envelope(&record.value) {
            return Ok(Flow::Keep);
        }
        match operation(&record.value.value) {
            Some(DELETE) => return Ok(Flow::Drop),
            Some("u") => return self.updated(record),
            _ => {}
        }
        *record = self.event(record)?;
        Ok(Flow::Keep)
    }
}

impl EventRouter {
    fn updated(&self, record: &Record) -> Result<Flow> {
        let topic = &record.topic;
        match self.update {
            Update::Warn => tracing::warn!(%topic, "dropped an update of an outbox table, which should have none"),
            Update::Error => tracing::error!(%topic, "dropped an update of an outbox table, which should have none"),
            Update::Fail => return Err(Error::data("an update of an outbox table, which should have none")),
        }
        Ok(Flow::Drop)
    }

    fn event(&self, record: &Record) -> Result<Record> {
        let config = &self.config;
        let envelope = &record.value.value;
        let row = Row(row(envelope, AFTER)?);
        let mut event = record.clone();
        event.headers.add("id", row.datum(&config.table_field_event_id)?);
        event.key = row.datum(&config.table_field_event_key)?;
        let moment = config.table_field_event_timestamp.as_deref().map(|column| row.moment(column)).transpose()?;
        event.timestamp = moment.flatten().or_else(|| envelope.get("ts_ms").and_then(Value::as_i64));
        event.partition = None;
        let mut beside = Vec::new();
        for additional in &self.additional {
            if self.may_miss && !row.has(&additional.column) {
                continue;
            }
            match additional.placement {
                Placement::Header => event.headers.add(Arc::clone(&additional.name), row.datum(&additional.column)?),
                Placement::Partition => event.partition = row.int32(&additional.column)?,
                Placement::Envelope => beside.push((additional, row.datum(&additional.column)?)),
            }
        }
        let route = text_column(row.0, &config.route_by_field)?;
        let route = route
            .ok_or_else(|| Error::data(format!("field {:?} is null, a string was expected", config.route_by_field)))?;
        event.topic = self.topic(&config.route_topic_regex, route)?.into();
        let payload = self.payload(row)?;
        let is_empty = || payload.is_null() || payload.value.to_string().trim().is_empty();
        event.value = if config.route_tombstone_on_empty_payload && is_empty() {
            Datum::NULL
        } else if self.additional.iter().any(|additional| additional.placement == Placement::Envelope) {
            self.enveloped(row, route, payload, &beside)?
        } else {
            payload
        };
        Ok(event)
    }

    fn topic(&self, regex: &JavaRegex, route: &str) -> Result<String> {
        let context = |error: Error| error.context(format_args!("route {route:?}"));
        if !regex.matches(route).map_err(context)? {
            return Ok(route.to_owned());
        }
        regex.replace_first(route, &self.replacement).map_err(context)
    }

    /// The payload, as data when it is to be and can be.
    fn payload(&self, row: Row<'_>) -> Result<Datum> {
        let name = &self.config.table_field_event_payload;
        let payload = row.datum(name)?;
        let (Some(json), false) = (self.json, payload.is_null()) else { return Ok(payload) };
        let expanded = match &payload.value {
            Value::String(text) => json.read(name, text),
            other => Err(Error::data(format!("it is {}, a string was expected", other.kind()))),
        };
        let expanded = expanded.and_then(|(schema, json)| {
            let schema = Arc::clone(&*self.payloads.get(&schema, |schema| Ok(Arc::clone(schema)))?);
            let value = json_payload::value(&json, &schema)?;
            Ok(Datum { schema: Some(schema), value })
        });
        Ok(expanded.unwrap_or_else(|error| {
            tracing::warn!(%error, "the payload of an event is no JSON that could be expanded; it stays as it is");
            payload
        }))
    }

    /// A struct, or map where there is no schema, of the payload and what is placed beside it.
    fn enveloped(&self, row: Row<'_>, route: &str, payload: Datum, beside: &[(&Additional, Datum)]) -> Result<Datum> {
        let version = self.config.table_field_event_schema_version.as_deref();
        let version = version.map(|column| row.int32(column)).transpose()?.flatten();
        let (Some(structure), Some(schema)) = (row.0.as_struct(), &payload.schema) else {
            let mut entries = vec![(Value::from("payload"), payload.value)];
            entries.extend(beside.iter().map(|(column, datum)| (Arc::clone(&column.name).into(), datum.value.clone())));
            return Ok(Datum::schemaless(entries));
        };
        let columns: Vec<_> = beside.iter().map(|(column, _)| *column).collect();
        let schema = self.envelopes.get((route.into(), version), structure.schema(), schema, &columns)?;
        let values = std::iter::once(payload.value).chain(beside.iter().map(|(_, datum)| datum.value.clone()));
        Ok(Struct::of(&schema, values.collect::<Vec<_>>())?.into())
    }
}
