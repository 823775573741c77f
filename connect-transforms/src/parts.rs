//! Structs, maps and schemas as most transforms need them.

use std::fmt;
use std::sync::Arc;

use connect_api::{Datum, Error, Result, Schema, Struct, Type, Value};

use crate::maps::Map;
use crate::operand::Operand;

/// The struct that data with a schema must be.
pub(crate) fn struct_of<O: Operand>(value: &Value) -> Result<&Struct> {
    value.as_struct().ok_or_else(|| unexpected::<O>(value, "struct"))
}

/// The struct that data with a schema must be, to change it.
pub(crate) fn struct_mut<O: Operand>(value: &mut Value) -> Result<&mut Struct> {
    match value {
        Value::Struct(structure) => Ok(structure),
        other => Err(unexpected::<O>(other, "struct")),
    }
}

/// The map that data without a schema must be.
pub(crate) fn map_of<O: Operand>(value: &Value) -> Result<&[(Value, Value)]> {
    value.as_map().ok_or_else(|| unexpected::<O>(value, "map"))
}

/// The map that data without a schema must be, to change it.
pub(crate) fn map_mut<O: Operand>(value: &mut Value) -> Result<&mut Map> {
    match value {
        Value::Map(map) => Ok(map),
        other => Err(unexpected::<O>(other, "map")),
    }
}

fn unexpected<O: Operand>(value: &Value, expected: &str) -> Error {
    Error::data(format!("the {} is of type {}, expected a {expected}", O::PART, value.kind()))
}

/// A field that a schema lacks.
pub(crate) fn unknown_field(name: &str, schema: &Schema) -> Error {
    let known: Vec<_> = schema.fields().iter().map(|field| &*field.name).collect();
    Error::data(format!("field {name:?}: {schema} has no such field; its fields: {}", known.join(", ")))
}

/// An optional or required schema of a primitive type.
pub(crate) fn primitive(ty: Type, optional: bool) -> Arc<Schema> {
    if optional { Schema::optional(ty) } else { Schema::required(ty) }
}

/// The built schema, or the old one when they are equal, so that it stays shared by address.
pub(crate) fn same_or(built: Arc<Schema>, old: &Arc<Schema>) -> Arc<Schema> {
    if built == *old { Arc::clone(old) } else { built }
}

/// Gives data another schema.
pub(crate) fn set_schema(datum: &mut Datum, schema: &Arc<Schema>) {
    if !datum.schema.as_ref().is_some_and(|old| Arc::ptr_eq(old, schema)) {
        datum.schema = Some(Arc::clone(schema));
    }
}

/// A data error when a path leads into something else.
pub(crate) fn not_inside(found: impl fmt::Display, expected: &str) -> Error {
    Error::data(format!("a path leads into a value of type {found}, expected a {expected}"))
}

/// Says in front of an error which field it is about.
pub(crate) fn at_field(name: &str) -> impl Fn(Error) -> Error {
    move |error| error.context(format_args!("field {name:?}"))
}

/// The default of a schema. A struct that is one was made before the schema had it, so it is put under the schema.
pub(crate) fn default_of(schema: &Arc<Schema>) -> Option<Value> {
    let mut default = schema.default_value()?.clone();
    if let Value::Struct(structure) = &mut default {
        structure.set_schema(schema);
    }
    Some(default)
}

/// A field's value by position; its default in the place of null when asked for.
pub(crate) fn value_at(structure: &Struct, index: usize, defaults: bool) -> Value {
    match structure.values().get(index) {
        Some(Value::Null) | None if defaults => {
            let field = structure.schema().fields().get(index);
            field.and_then(|field| default_of(&field.schema)).unwrap_or_default()
        }
        value => value.cloned().unwrap_or_default(),
    }
}
