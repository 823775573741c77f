//! Takes the row out of its envelope.

mod config;
mod dropped;
mod reference;

use std::collections::BTreeSet;
use std::sync::Arc;

use connect_api::{Datum, Error, Flow, Record, Result, Schema, Struct, Transform, TransformPlugin, Type, Value};

use self::config::{Deletion, Deletions};
use self::dropped::DroppedFields;
use self::reference::{AddedHeaders, Place, Reference};
use super::envelope::{AFTER, BEFORE, is_envelope, row, text_column};
use crate::layout::{Layout, Slot};
use crate::maps::{position, put};
use crate::parts::unknown_field;
use crate::plans::Plans;
use crate::schemas::basics;

pub use self::config::ExtractNewRecordStateConfig;

/// The field that says whether a rewritten record was deleted.
const DELETED: &str = "__deleted";

/// Puts the row after a change in the place of the envelope around it.
///
/// Truncations are dropped; what is no envelope, such as a heartbeat, goes on as it is. A tombstone is dropped unless
/// the configuration says otherwise, whatever it came after.
#[derive(Debug)]
pub struct ExtractNewRecordState {
    deletions: Deletions,
    fields: Vec<Reference>,
    headers: AddedHeaders,
    route_by: Option<String>,
    dropped: Option<DroppedFields>,
    defaults: bool,
    /// How rows are made, by the schema of the envelope.
    after: Plans<Layout<Added>>,
    before: Plans<Layout<Added>>,
}

/// What is added to a row.
#[derive(Debug)]
enum Added {
    Deleted,
    Field(Place),
}

/// The parts of a record that change.
struct Unwrapped {
    topic: Option<Arc<str>>,
    key: Option<Datum>,
    value: Datum,
}

impl TransformPlugin for ExtractNewRecordState {
    const NAME: &'static str = "io.debezium.transforms.ExtractNewRecordState";
    const ALIASES: &'static [&'static str] = &["io.debezium.transforms.UnwrapFromEnvelope", "UnwrapFromEnvelope"];
    type Config = ExtractNewRecordStateConfig;

    fn new(config: ExtractNewRecordStateConfig) -> Result<Self> {
        Ok(Self {
            deletions: Deletions::of(&config)?,
            fields: Reference::list("add.fields", &config.add_fields_prefix, &config.add_fields)?,
            headers: AddedHeaders::new(Reference::list(
                "add.headers",
                &config.add_headers_prefix,
                &config.add_headers,
            )?),
            dropped: DroppedFields::of(&config),
            route_by: Some(config.route_by_field).filter(|field| !field.is_empty()),
            defaults: config.replace_null_with_default,
            after: Plans::new(),
            before: Plans::new(),
        })
    }
}

impl Transform for ExtractNewRecordState {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        if record.value.is_null() {
            if !self.deletions.keeps_tombstones {
                return Ok(Flow::Drop);
            }
            for (name, value) in self.headers.of_tombstone() {
                record.headers.add(name, value);
            }
            return Ok(Flow::Keep);
        }
        if !is_envelope(&record.value) {
            return Ok(Flow::Keep);
        }
        let Some(unwrapped) = self.unwrapped(record)? else { return Ok(Flow::Drop) };
        for (name, value) in self.headers.of_envelope(&record.value.value)? {
            record.headers.add(name, value);
        }
        record.value = unwrapped.value;
        if let Some(key) = unwrapped.key {
            record.key = key;
        }
        if let Some(topic) = unwrapped.topic {
            record.topic = topic;
        }
        Ok(Flow::Keep)
    }
}

impl ExtractNewRecordState {
    /// What a record becomes; `None` when it is dropped.
    fn unwrapped(&self, record: &Record) -> Result<Option<Unwrapped>> {
        let envelope = &record.value.value;
        let after = row(envelope, AFTER)?;
        let deleted = after.is_null();
        let image = if deleted { row(envelope, BEFORE)? } else { after };
        if image.is_null() {
            return Ok(None);
        }
        let value = match self.deletions.deletion {
            Deletion::Drop if deleted => return Ok(None),
            Deletion::Tombstone if deleted => Datum::NULL,
            Deletion::Null if deleted => {
                let schema = envelope.as_struct().and_then(|envelope| envelope.schema().field(AFTER));
                Datum { schema: schema.map(|after| Arc::clone(&after.schema)), value: Value::Null }
            }
            _ => self.row(envelope, image, deleted)?,
        };
        let topic = match &self.route_by {
            Some(field) => text_column(image, field)?.filter(|topic| !topic.trim().is_empty()),
            None => None,
        };
        let mut unwrapped = Unwrapped { topic: topic.map(Into::into), key: None, value };
        if let Some(dropped) = &self.dropped {
            self.drop_fields(dropped, record, &mut unwrapped, deleted)?;
        }
        Ok(Some(unwrapped))
    }

    /// A row with what is added to it.
    fn row(&self, envelope: &Value, image: &Value, deleted: bool) -> Result<Datum> {
        match (envelope, image) {
            (Value::Struct(envelope), Value::Struct(image)) => self.structure(envelope, image, deleted),
            (Value::Map(_), Value::Map(image)) => Ok(self.map(envelope, image, deleted)),
            (_, other) => {
                let expected = if envelope.as_struct().is_some() { "struct" } else { "map" };
                Err(Error::data(format!("the row in the envelope is {}, a {expected} was expected", other.kind())))
            }
        }
    }

    fn structure(&self, envelope: &Struct, image: &Struct, deleted: bool) -> Result<Datum> {
        let (plans, which) = if deleted { (&self.before, BEFORE) } else { (&self.after, AFTER) };
        let layout = plans.get(envelope.schema(), |schema| self.layout(schema, which))?;
        let mut image = image.clone();
        layout.apply(&mut image, self.rewrites() && self.defaults, &|added, _| {
            Ok(match added {
                Added::Deleted => deleted.to_string().into(),
                Added::Field(place) => place.value(envelope),
            })
        })?;
        Ok(image.into())
    }

    fn layout(&self, envelope: &Arc<Schema>, which: &str) -> Result<Layout<Added>> {
        let row = &envelope.field(which).ok_or_else(|| unknown_field(which, envelope))?.schema;
        let mut builder = basics(row, Schema::structure());
        let mut slots = Vec::new();
        for field in row.fields() {
            builder = builder.field(Arc::clone(&field.name), &field.schema);
            slots.push(Slot::Keep(field.index));
        }
        if self.rewrites() {
            builder = builder.field(DELETED, Schema::optional(Type::String));
            slots.push(Slot::New(Added::Deleted));
        }
        for reference in &self.fields {
            if let Some(place) = reference.place(envelope)? {
                builder = builder.field(Arc::clone(&reference.name), &place.schema);
                slots.push(Slot::New(Added::Field(place)));
            }
        }
        Ok(Layout::new(builder.build()?, slots, row))
    }

    fn map(&self, envelope: &Value, image: &[(Value, Value)], deleted: bool) -> Datum {
        let mut entries = image.to_vec();
        let mut add = |name: &Arc<str>, value| {
            let place = position(&entries, name);
            put(&mut entries, place, name, value);
        };
        if self.rewrites() {
            add(&DELETED.into(), deleted.to_string().into());
        }
        for reference in &self.fields {
            if let Some(value) = reference.find(envelope) {
                add(&reference.name, value.clone());
            }
        }
        Datum::schemaless(entries)
    }

    fn rewrites(&self) -> bool {
        self.deletions.deletion == Deletion::Rewrite
    }

    /// Leaves out what a header lists. As in Debezium, what is added to a deleted row cannot be left out.
    fn drop_fields(
        &self,
        dropped: &DroppedFields,
        record: &Record,
        unwrapped: &mut Unwrapped,
        deleted: bool,
    ) -> Result<()> {
        let mut names = dropped.names(record)?;
        if dropped.from_key && !names.is_empty() {
            let mut key = record.key.clone();
            dropped.apply(&mut key, &names)?;
            unwrapped.key = Some(key);
        }
        if deleted {
            let added: BTreeSet<&str> = self.fields.iter().map(|reference| &*reference.name).collect();
            names.retain(|name| !added.contains(name.as_str()));
        }
        if names.is_empty() { Ok(()) } else { dropped.apply(&mut unwrapped.value, &names) }
    }
}
