//! Data of one schema as another, compatible one wants it: Connect's `SchemaProjector`.

use std::sync::Arc;

use super::{Datum, Schema, Struct, Type, Value};
use crate::{Error, Result};

const CLASS: &str = "org.apache.kafka.connect.errors.SchemaProjectorException";

impl Datum {
    /// This datum as `target` wants it, for sinks that write all data of a file or table with one schema.
    ///
    /// Numbers become wider ones; a struct's fields are taken by name, those that the target lacks are left out,
    /// those that only the target has are unset or their default. Names and parameters of both schemas must be
    /// equal; versions, documentation and defaults need not.
    ///
    /// # Errors
    /// A data error when the schemas are not compatible, or when there is no schema.
    pub fn project(&self, target: &Arc<Schema>) -> Result<Self> {
        let source =
            self.schema.as_ref().ok_or_else(|| fail(format!("data without a schema cannot become {target}")))?;
        Ok(Self { schema: Some(Arc::clone(target)), value: project(source, &self.value, target)? })
    }
}

fn fail(message: String) -> Error {
    Error::data(message).with_class(CLASS)
}

fn project(source: &Arc<Schema>, value: &Value, target: &Arc<Schema>) -> Result<Value> {
    check(source, target)?;
    if source.is_optional() && !target.is_optional() {
        // Even when there is a value: whether projection works must not depend on the single record.
        let default = target.default_value().ok_or_else(|| {
            fail(format!("an optional {source} cannot become a required {target} that has no default"))
        })?;
        if value.is_null() {
            return Ok(default.clone());
        }
    }
    match (target.ty(), value) {
        (_, Value::Null) => Ok(Value::Null),
        (Type::Struct, Value::Struct(structure)) => fields(structure, target),
        (Type::Array, Value::Array(elements)) => match (source.value_schema(), target.value_schema()) {
            (Some(from), Some(to)) => {
                let projected = elements.iter().map(|element| project(from, element, to));
                Ok(projected.collect::<Result<Vec<_>>>()?.into())
            }
            _ => Err(fail("the elements of an array have no schema".to_owned())),
        },
        (Type::Map, Value::Map(entries)) => {
            let keys = source.key_schema().zip(target.key_schema());
            let Some((keys, values)) = keys.zip(source.value_schema().zip(target.value_schema())) else {
                return Err(fail("the entries of a map have no schema".to_owned()));
            };
            let projected = entries
                .iter()
                .map(|(key, value)| Ok((project(keys.0, key, keys.1)?, project(values.0, value, values.1)?)));
            Ok(projected.collect::<Result<Vec<_>>>()?.into())
        }
        (ty, value) => Ok(widened(ty, value)),
    }
}

fn fields(structure: &Struct, target: &Arc<Schema>) -> Result<Value> {
    let values = target.fields().iter().map(|field| match structure.schema().field(&field.name) {
        Some(source) => project(&source.schema, structure.at(source.index), &field.schema)
            .map_err(|error| error.context(format_args!("field {:?}", field.name))),
        None if field.schema.is_optional() => Ok(Value::Null),
        None => field
            .schema
            .default_value()
            .cloned()
            .ok_or_else(|| fail(format!("the required field {:?} is missing, and it has no default", field.name))),
    });
    let projected = Struct::unchecked(target, values.collect::<Result<Vec<_>>>()?);
    projected.validate()?;
    Ok(projected.into())
}

fn check(source: &Schema, target: &Schema) -> Result<()> {
    let widens = |from, to| matches!((width(from), width(to)), (Some(from), Some(to)) if from <= to);
    if source.ty() != target.ty() && !widens(source.ty(), target.ty()) {
        return Err(fail(format!("{source} cannot become {target}")));
    }
    if source.name() != target.name() {
        let name = |schema: &Schema| schema.name().map_or_else(|| "no name".to_owned(), |name| format!("{name:?}"));
        return Err(fail(format!("schema names differ: {} cannot become {}", name(source), name(target))));
    }
    if source.parameters() != target.parameters() {
        return Err(fail(format!(
            "schema parameters differ: {:?} cannot become {:?}",
            source.parameters(),
            target.parameters()
        )));
    }
    Ok(())
}

/// The place of a type among those of which each holds the ones before it.
pub(crate) const fn width(ty: Type) -> Option<u8> {
    Some(match ty {
        Type::Int8 => 0,
        Type::Int16 => 1,
        Type::Int32 => 2,
        Type::Int64 => 3,
        Type::Float32 => 4,
        Type::Float64 => 5,
        _ => return None,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as Java casts; types only widen")]
fn widened(to: Type, value: &Value) -> Value {
    match (to, value.as_i64(), value) {
        (Type::Int8, Some(n), _) => (n as i8).into(),
        (Type::Int16, Some(n), _) => (n as i16).into(),
        (Type::Int32, Some(n), _) => (n as i32).into(),
        (Type::Int64, Some(n), _) => n.into(),
        (Type::Float32, Some(n), _) => (n as f32).into(),
        (Type::Float64, Some(n), _) => (n as f64).into(),
        (Type::Float64, _, Value::Float32(n)) => f64::from(*n).into(),
        _ => value.clone(),
    }
}
