//! Fields of an envelope that are added to a row, or to the headers.

use std::sync::Arc;

use connect_api::{Datum, Error, Result, Schema, Struct, Type, Value};

use super::super::envelope::{DELETE, OPERATION, SOURCE};
use crate::plans::Plans;
use crate::schemas::basics;

/// A field of an envelope, and what it is called where it is added.
#[derive(Debug)]
pub(super) struct Reference {
    /// The part of the envelope that has it; the envelope itself when absent, or when the part has it not.
    parent: Option<Arc<str>>,
    field: Arc<str>,
    pub(super) name: Arc<str>,
}

impl Reference {
    /// Reads `field`, `parent.field`, each with `:name` after it or not.
    pub(super) fn parse(prefix: &str, text: &str) -> Result<Self> {
        let wrong = || Error::config(format!("{text:?} is no field of an envelope; expected [parent.]field[:name]"));
        let (path, alias) = match text.split_once(':') {
            Some((path, alias)) => (path.trim(), Some(alias.trim())),
            None => (text.trim(), None),
        };
        let (parent, field) = match path.split_once('.') {
            Some((parent, field)) => (Some(parent), field),
            None => (None, path),
        };
        let bad = |part: &str| part.is_empty() || part.contains([':', '.']);
        if bad(field) || parent.is_some_and(bad) || alias.is_some_and(|alias| alias.is_empty() || alias.contains(':')) {
            return Err(wrong());
        }
        let name = match (alias, parent) {
            (Some(alias), _) => format!("{prefix}{alias}"),
            (None, Some(parent)) => format!("{prefix}{parent}_{field}"),
            (None, None) => format!("{prefix}{field}"),
        };
        let parent = parent.or_else(|| usual_parent(field));
        Ok(Self { parent: parent.map(Into::into), field: field.into(), name: name.into() })
    }

    /// Reads a list of them.
    pub(super) fn list(key: &str, prefix: &str, texts: &[String]) -> Result<Vec<Self>> {
        let references = texts.iter().map(|text| Self::parse(prefix, text));
        references.collect::<Result<_>>().map_err(|error: Error| error.context(key))
    }

    /// Where the field is in envelopes of a schema; `None` when there is none.
    pub(super) fn place(&self, envelope: &Schema) -> Result<Option<Place>> {
        let parent = self.parent.as_deref().and_then(|parent| envelope.field(parent));
        let inner = parent.and_then(|parent| Some((Some(parent.index), parent.schema.field(&self.field)?)));
        let Some((outer, field)) = inner.or_else(|| Some((None, envelope.field(&self.field)?))) else {
            return Ok(None);
        };
        Ok(Some(Place { outer, index: field.index, schema: optional(&field.schema)? }))
    }

    /// The field's value in an envelope that is a map.
    pub(super) fn find<'a>(&self, envelope: &'a Value) -> Option<&'a Value> {
        let inner = self.parent.as_deref().and_then(|parent| envelope.get(parent)?.get(&self.field));
        inner.or_else(|| envelope.get(&self.field))
    }
}

/// The part of an envelope that has a field which is named without it.
fn usual_parent(field: &str) -> Option<&'static str> {
    match field {
        "id" | "data_collection_order" | "total_order" => Some("transaction"),
        OPERATION | "ts_ms" | "ts_us" | "ts_ns" => None,
        "updateDescription" => Some("updateDescription"),
        _ => Some(SOURCE),
    }
}

/// The same schema, optional and without a default.
fn optional(schema: &Schema) -> Result<Arc<Schema>> {
    let builder = match (schema.ty(), schema.key_schema(), schema.value_schema()) {
        (Type::Array, _, Some(elements)) => Schema::array(Arc::clone(elements)),
        (Type::Map, Some(keys), values) => Schema::map(Arc::clone(keys), values.cloned()),
        (ty, _, _) => {
            let fields = schema.fields().iter();
            fields.fold(Schema::builder(ty), |builder, field| builder.field(Arc::clone(&field.name), &field.schema))
        }
    };
    basics(schema, builder).optional().build()
}

/// Where a field is in an envelope that is a struct.
#[derive(Debug)]
pub(super) struct Place {
    outer: Option<usize>,
    index: usize,
    pub(super) schema: Arc<Schema>,
}

impl Place {
    pub(super) fn value(&self, envelope: &Struct) -> Value {
        let holder = match self.outer.map(|outer| envelope.values().get(outer)) {
            None => envelope,
            Some(Some(Value::Struct(inner))) => inner,
            // A transaction may be absent.
            Some(_) => return Value::Null,
        };
        let mut value = holder.values().get(self.index).cloned().unwrap_or_default();
        if let Value::Struct(structure) = &mut value {
            structure.set_schema(&self.schema);
        }
        value
    }
}

/// The headers to add.
#[derive(Debug)]
pub(super) struct AddedHeaders {
    references: Vec<Reference>,
    places: Plans<Vec<Option<Place>>>,
}

impl AddedHeaders {
    pub(super) const fn new(references: Vec<Reference>) -> Self {
        Self { references, places: Plans::new() }
    }

    /// The headers of an envelope.
    pub(super) fn of_envelope(&self, envelope: &Value) -> Result<Vec<(Arc<str>, Datum)>> {
        if self.references.is_empty() {
            return Ok(Vec::new());
        }
        let Value::Struct(structure) = envelope else {
            let found = self.references.iter().filter_map(|reference| {
                Some((Arc::clone(&reference.name), Datum::schemaless(reference.find(envelope)?.clone())))
            });
            return Ok(found.collect());
        };
        let places = self.places.get(structure.schema(), |schema| {
            self.references.iter().map(|reference| reference.place(schema)).collect()
        })?;
        let found = self.references.iter().zip(places.iter()).filter_map(|(reference, place)| {
            let place = place.as_ref()?;
            let datum = Datum { schema: Some(Arc::clone(&place.schema)), value: place.value(structure) };
            Some((Arc::clone(&reference.name), datum))
        });
        Ok(found.collect())
    }

    /// The headers of a tombstone: of an envelope's fields it has only the operation.
    pub(super) fn of_tombstone(&self) -> impl Iterator<Item = (Arc<str>, Datum)> {
        let operations = self.references.iter().filter(|reference| &*reference.field == OPERATION);
        operations.map(|reference| (Arc::clone(&reference.name), Datum::new(Schema::required(Type::String), DELETE)))
    }
}
