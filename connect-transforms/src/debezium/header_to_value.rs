//! Puts headers into the value.

use std::sync::Arc;

use connect_api::{Datum, Error, Flow, Record, Result, Schema, Struct, Transform, TransformPlugin, Type, Value};

use super::options::one_of;
use crate::maps::{position, put};
use crate::parts::{at_field, not_inside};
use crate::plans::Plans;
use crate::schemas::basics;

connect_api::config! {
    /// Configuration of [`HeaderToValue`].
    #[derive(Clone)]
    pub struct HeaderToValueConfig {
        /// Names of the headers.
        #[schemars(length(min = 1))]
        pub headers: Vec<String>,
        /// Names of the fields, one for each header, in the same order; dots lead into nested data.
        #[schemars(length(min = 1))]
        pub fields: Vec<String>,
        /// Whether the headers stay: copy, or move.
        #[schemars(extend("x-recommended" = ["move", "copy"]))]
        pub operation: String,
    }
}

/// Copies or moves headers to fields of the value. Structs on the way that are not there are made; one that is null
/// stays null. Tombstones, and records that have none of the headers, go on as they are.
#[derive(Debug)]
pub struct HeaderToValue {
    /// Headers, each with the path to its field.
    pairs: Vec<(Arc<str>, Vec<Arc<str>>)>,
    moved: bool,
    /// Schemas that were made before.
    schemas: Plans<Arc<Schema>>,
}

impl TransformPlugin for HeaderToValue {
    const NAME: &'static str = "io.debezium.transforms.HeaderToValue";
    type Config = HeaderToValueConfig;

    fn new(config: HeaderToValueConfig) -> Result<Self> {
        let (headers, fields) = (config.headers, config.fields);
        if headers.is_empty() || headers.len() != fields.len() {
            let (fields, headers) = (fields.len(), headers.len());
            return Err(Error::config(format!("fields: {headers} headers need as many fields; found {fields}")));
        }
        let path = |field: &String| {
            let steps: Vec<Arc<str>> = field.split('.').map(Into::into).collect();
            let is_wrong = |step: &Arc<str>| step.is_empty() || step.contains(char::is_whitespace);
            if steps.iter().any(is_wrong) {
                return Err(Error::config(format!("fields: {field:?} is no path to a field; expected a.b")));
            }
            Ok(steps)
        };
        let paths = fields.iter().map(path).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            pairs: headers.into_iter().map(Into::into).zip(paths).collect(),
            moved: one_of("operation", &config.operation, &[("move", true), ("copy", false)])?,
            schemas: Plans::new(),
        })
    }
}

impl Transform for HeaderToValue {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        if record.value.is_null() {
            return Ok(Flow::Keep);
        }
        let path = |header: &str| self.pairs.iter().find(|(name, _)| **name == *header).map(|(_, path)| path);
        let found: Vec<_> = record.headers.iter().filter_map(|header| Some((path(&header.key)?, header))).collect();
        if found.is_empty() {
            return Ok(Flow::Keep);
        }
        let mut value = record.value.clone();
        for (path, header) in found {
            let context = |error: Error| error.context(format_args!("header {:?}", header.key));
            value = with(value, path, &header.value).map_err(context)?;
        }
        if let Value::Struct(structure) = &mut value.value {
            let schema = self.schemas.get(structure.schema(), |schema| Ok(Arc::clone(schema)))?;
            structure.set_schema(&schema);
            value.schema = Some(Arc::clone(&schema));
        }
        record.value = value;
        if self.moved {
            for (header, _) in &self.pairs {
                record.headers.remove(header);
            }
        }
        Ok(Flow::Keep)
    }
}

/// The value with one field more, or another content of the field.
fn with(value: Datum, path: &[Arc<str>], added: &Datum) -> Result<Datum> {
    match &value.value {
        Value::Struct(structure) => {
            let (schema, values) = structure_with(structure.schema(), Some(structure), path, added)?;
            let values = values.unwrap_or_default();
            Ok(Struct::unchecked(&schema, values).into())
        }
        Value::Map(entries) if value.schema.is_none() => Ok(Datum::schemaless(map_with(entries, path, added)?)),
        other => Err(Error::data(format!("the value is {}, a struct or map was expected", other.kind()))),
    }
}

/// A struct's schema and values; no values when the struct is null.
type Parts = (Arc<Schema>, Option<Vec<Value>>);

fn structure_with(schema: &Schema, structure: Option<&Struct>, path: &[Arc<str>], added: &Datum) -> Result<Parts> {
    let Some((name, inside)) = path.split_first() else { return Err(Error::data("a path of no steps")) };
    let mut builder = basics(schema, Schema::structure());
    if schema.is_optional() {
        builder = builder.optional();
    }
    let mut values = structure.map(|structure| structure.values().to_vec());
    for field in schema.fields() {
        if field.name != *name {
            builder = builder.field(Arc::clone(&field.name), &field.schema);
            continue;
        }
        let named = at_field(name);
        let old = structure.and_then(|structure| structure.values().get(field.index));
        let value = if inside.is_empty() {
            builder = builder.field(Arc::clone(name), &field.schema);
            field.schema.validate(&added.value).map_err(named)?;
            added.value.clone()
        } else if field.schema.ty() == Type::Struct {
            let old = old.and_then(Value::as_struct);
            let (schema, values) = structure_with(&field.schema, old, inside, added).map_err(named)?;
            builder = builder.field(Arc::clone(name), &schema);
            values.map_or(Value::Null, |values| Struct::unchecked(&schema, values).into())
        } else {
            return Err(named(not_inside(&field.schema, "struct")));
        };
        if let Some(place) = values.as_mut().and_then(|values| values.get_mut(field.index)) {
            *place = value;
        }
    }
    if schema.field(name).is_none() {
        let value = if inside.is_empty() {
            let schema = added.schema.as_ref().ok_or_else(|| Error::data("it has no schema, which a field needs"))?;
            builder = builder.field(Arc::clone(name), schema);
            added.value.clone()
        } else {
            let empty = Schema::structure().optional().build()?;
            let nothing = Struct::unchecked(&empty, Vec::new());
            let (schema, values) = structure_with(&empty, Some(&nothing), inside, added).map_err(at_field(name))?;
            builder = builder.field(Arc::clone(name), &schema);
            Struct::unchecked(&schema, values.unwrap_or_default()).into()
        };
        if let Some(values) = &mut values {
            values.push(value);
        }
    }
    Ok((builder.build()?, values))
}

fn map_with(entries: &[(Value, Value)], path: &[Arc<str>], added: &Datum) -> Result<Value> {
    let Some((name, inside)) = path.split_first() else { return Err(Error::data("a path of no steps")) };
    let mut entries = entries.to_vec();
    let place = position(&entries, name);
    let value = match place.map(|place| &entries[place].1) {
        _ if inside.is_empty() => added.value.clone(),
        None => map_with(&[], inside, added).map_err(at_field(name))?,
        Some(Value::Null) => Value::Null,
        Some(Value::Map(inner)) => map_with(inner, inside, added).map_err(at_field(name))?,
        Some(other) => return Err(at_field(name)(not_inside(other.kind(), "map"))),
    };
    put(&mut entries, place, name, value);
    Ok(entries.into())
}
