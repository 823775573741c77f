//! A value with what it is.

use std::sync::Arc;

use super::{Schema, Value};
use crate::Result;

/// A value and its schema; schemaless data has no schema, and its structure is that of the value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Datum {
    /// What the value is; `None` for schemaless data.
    pub schema: Option<Arc<Schema>>,
    /// The value.
    pub value: Value,
}

impl Datum {
    /// No schema and no value: what a tombstone's value is.
    pub const NULL: Self = Self { schema: None, value: Value::Null };

    /// A value of a schema. It is not checked here; [`checked`](Self::checked) does, converters do.
    pub fn new(schema: Arc<Schema>, value: impl Into<Value>) -> Self {
        Self { schema: Some(schema), value: value.into() }
    }

    /// A value without a schema.
    pub fn schemaless(value: impl Into<Value>) -> Self {
        Self { schema: None, value: value.into() }
    }

    /// A value of a schema, checked.
    ///
    /// # Errors
    /// A data error that names the place where the value does not fit.
    pub fn checked(schema: Arc<Schema>, value: impl Into<Value>) -> Result<Self> {
        let value = value.into();
        schema.validate(&value)?;
        Ok(Self { schema: Some(schema), value })
    }

    /// Whether the value is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.value.is_null()
    }
}

/// A plain value is schemaless; a struct brings its schema along.
impl<V: Into<Value>> From<V> for Datum {
    fn from(value: V) -> Self {
        match value.into() {
            Value::Struct(structure) => {
                Self { schema: Some(Arc::clone(structure.schema())), value: Value::Struct(structure) }
            }
            value => Self::schemaless(value),
        }
    }
}
