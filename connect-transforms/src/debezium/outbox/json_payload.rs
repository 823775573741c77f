//! Payloads that are the text of JSON, as data with a schema that is inferred from them.

use std::sync::Arc;

use connect_api::{Error, Result, Schema, Struct, Type, Value};
use serde_json::{Map, Value as Json};

use crate::parts::at_field;
use crate::schemas::basics;

/// What becomes of what says nothing of its type.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonPayload {
    /// Nulls are optional bytes, instead of being left out.
    pub(super) nulls: bool,
    /// Empty arrays are arrays of strings, instead of being left out.
    pub(super) empty_arrays: bool,
}

impl JsonPayload {
    /// Reads an object or array, with the schema of it.
    ///
    /// # Errors
    /// A data error that says why the text stays what it is.
    pub(super) fn read(self, name: &str, text: &str) -> Result<(Arc<Schema>, Json)> {
        if !text.starts_with(['{', '[']) {
            return Err(Error::data("it is neither a JSON object nor an array"));
        }
        let json = serde_json::from_str(text).map_err(|error| Error::data("it is no JSON").with_source(error))?;
        let schema = self.schema(name, &json)?;
        Ok((schema.ok_or_else(|| Error::data("an empty array says nothing of its elements"))?, json))
    }

    /// The schema of a value; `None` when it is left out. Structs have the path to them as their name.
    fn schema(self, path: &str, json: &Json) -> Result<Option<Arc<Schema>>> {
        Ok(Some(match json {
            Json::Null if self.nulls => Schema::optional(Type::Bytes),
            Json::Null => return Ok(None),
            Json::Bool(_) => Schema::optional(Type::Boolean),
            Json::String(_) => Schema::optional(Type::String),
            Json::Number(number) => Schema::optional(match number.as_i64() {
                Some(number) if i32::try_from(number).is_ok() => Type::Int32,
                Some(_) => Type::Int64,
                None => Type::Float64,
            }),
            Json::Array(elements) if elements.is_empty() => {
                if !self.empty_arrays {
                    return Ok(None);
                }
                Schema::array(Schema::optional(Type::String)).optional().build()?
            }
            Json::Array(elements) => Schema::array(self.elements(path, elements)?).optional().build()?,
            Json::Object(members) => self.structure(path, members)?,
        }))
    }

    fn structure(self, path: &str, members: &Map<String, Json>) -> Result<Arc<Schema>> {
        let mut builder = Schema::structure().optional();
        if !path.is_empty() {
            builder = builder.name(path);
        }
        for (name, member) in members {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if let Some(schema) = self.schema(&inner, member).map_err(at_field(name))? {
                builder = builder.field(name.as_str(), schema);
            }
        }
        builder.build()
    }

    /// The schema of the elements of an array, of which those that are not null have one kind. That of objects has
    /// the members of all of them.
    fn elements(self, path: &str, elements: &[Json]) -> Result<Arc<Schema>> {
        let mut merged: Option<Arc<Schema>> = None;
        for element in elements.iter().filter(|element| !element.is_null()) {
            // Elements that are no objects have no path, nor has what is in them.
            let path = if element.is_object() { path } else { "" };
            let Some(schema) = self.schema(path, element)? else { continue };
            merged = Some(match merged {
                None => schema,
                Some(known) if known == schema => known,
                Some(known) if known.ty() == Type::Struct && schema.ty() == Type::Struct => merge(&known, &schema)?,
                Some(known) => {
                    return Err(Error::data(format!("an array has elements of the types {known} and {schema}")));
                }
            });
        }
        merged.ok_or_else(|| Error::data("an array has nothing that says what its elements are"))
    }
}

/// The fields of both structs. Of those that both have the first counts, unless it is bytes, which stand for null.
fn merge(one: &Arc<Schema>, other: &Arc<Schema>) -> Result<Arc<Schema>> {
    let mut builder = basics(one, Schema::structure()).optional();
    for field in one.fields() {
        let better = other.field(&field.name).filter(|_| field.schema.ty() == Type::Bytes).unwrap_or(field);
        builder = builder.field(Arc::clone(&field.name), &better.schema);
    }
    for field in other.fields().iter().filter(|field| one.field(&field.name).is_none()) {
        builder = builder.field(Arc::clone(&field.name), &field.schema);
    }
    builder.build()
}

/// JSON as a value of the schema that was inferred from it.
///
/// # Errors
/// A data error when it does not fit, since elements of one array differ.
pub(super) fn value(json: &Json, schema: &Arc<Schema>) -> Result<Value> {
    Ok(match (schema.ty(), json) {
        (_, Json::Null) => Value::Null,
        (Type::Boolean, Json::Bool(truth)) => (*truth).into(),
        (Type::String, Json::String(text)) => text.as_str().into(),
        (Type::Int32, Json::Number(number)) => {
            let number = number.as_i64().and_then(|number| i32::try_from(number).ok());
            number.ok_or_else(|| misfit(json, schema))?.into()
        }
        (Type::Int64, Json::Number(number)) => number.as_i64().ok_or_else(|| misfit(json, schema))?.into(),
        (Type::Float64, Json::Number(number)) => number.as_f64().ok_or_else(|| misfit(json, schema))?.into(),
        (Type::Array, Json::Array(elements)) => {
            let inner = schema.value_schema().ok_or_else(|| misfit(json, schema))?;
            elements.iter().map(|element| value(element, inner)).collect::<Result<Vec<_>>>()?.into()
        }
        (Type::Struct, Json::Object(members)) => {
            let member = |field: &connect_api::Field| {
                let member = members.get(&*field.name).unwrap_or(&Json::Null);
                value(member, &field.schema).map_err(at_field(&field.name))
            };
            Struct::unchecked(schema, schema.fields().iter().map(member).collect::<Result<Vec<_>>>()?).into()
        }
        _ => return Err(misfit(json, schema)),
    })
}

fn misfit(json: &Json, schema: &Schema) -> Error {
    Error::data(format!("{json} was found in an array where {schema} was expected"))
}
