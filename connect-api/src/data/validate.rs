//! Whether a value is what its schema says.

use std::sync::Arc;

use super::{Schema, Type, Value, logical};
use crate::{Error, Result};

impl Schema {
    /// Whether `value` fits this schema, parts included. Numbers are not widened: an `int64` is no `int32`.
    ///
    /// # Errors
    /// A data error that names the place and both types.
    pub fn validate(&self, value: &Value) -> Result<()> {
        if value.is_null() {
            return if self.is_optional() {
                Ok(())
            } else {
                Err(Error::data(format!("null is no value of the required type {self}")))
            };
        }
        if let Some(fits) = self.fits_logical(value) {
            return if fits { Ok(()) } else { Err(self.mismatch(value)) };
        }
        match (self.ty, value) {
            (Type::Int8, Value::Int8(_))
            | (Type::Int16, Value::Int16(_))
            | (Type::Int32, Value::Int32(_))
            | (Type::Int64, Value::Int64(_))
            | (Type::Float32, Value::Float32(_))
            | (Type::Float64, Value::Float64(_))
            | (Type::Boolean, Value::Boolean(_))
            | (Type::String, Value::String(_))
            | (Type::Bytes, Value::Bytes(_)) => Ok(()),
            (Type::Array, Value::Array(elements)) => {
                let schema = part(self.value_schema(), "array", "elements")?;
                elements.iter().enumerate().try_for_each(|(index, element)| {
                    schema.validate(element).map_err(|error| error.context(format_args!("element {index}")))
                })
            }
            (Type::Map, Value::Map(entries)) => {
                let keys = part(self.key_schema(), "map", "keys")?;
                let values = part(self.value_schema(), "map", "values")?;
                entries.iter().try_for_each(|(key, value)| {
                    keys.validate(key).map_err(|error| error.context(format_args!("map key {key}")))?;
                    values.validate(value).map_err(|error| error.context(format_args!("map entry {key}")))
                })
            }
            (Type::Struct, Value::Struct(structure)) => {
                let same = std::ptr::eq(&raw const **structure.schema(), self) || **structure.schema() == *self;
                if same {
                    structure.validate()
                } else {
                    Err(Error::data(format!("the struct's schema is another one than {self}")))
                }
            }
            _ => Err(self.mismatch(value)),
        }
    }

    /// Whether the value is in the in-memory form of the logical type; `None` when the type is not one.
    fn fits_logical(&self, value: &Value) -> Option<bool> {
        let fits = match self.name()? {
            logical::DECIMAL => matches!(value, Value::Decimal(_)),
            logical::DATE | logical::TIME | logical::TIMESTAMP => matches!(value, Value::Instant(_)),
            _ => return None,
        };
        Some(fits)
    }

    fn mismatch(&self, value: &Value) -> Error {
        Error::data(format!("a value of type {} was found where {self} was expected", value.kind()))
    }
}

fn part<'a>(schema: Option<&'a Arc<Schema>>, of: &str, what: &str) -> Result<&'a Arc<Schema>> {
    schema.ok_or_else(|| Error::data(format!("the {of} schema does not say what its {what} are")))
}
