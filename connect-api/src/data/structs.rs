//! Structs: values by position, described by a schema.

use std::sync::Arc;

use super::{Schema, Type, Value};
use crate::{Error, Result};

/// A struct's values in the order of its schema's fields. Clones share the values; setting one copies them
/// when they are shared.
///
/// Equality compares the schema and the raw values: a value that was never set differs from the default.
#[derive(Debug, Clone)]
pub struct Struct {
    schema: Arc<Schema>,
    values: Arc<[Value]>,
}

impl Struct {
    /// A struct of these values, one for each field in order, checked against the schema.
    ///
    /// This is the fast way; [`builder`](Self::builder) is the one by names.
    ///
    /// # Errors
    /// A data error when the number of values differs or a value does not fit its field.
    pub fn of(schema: &Arc<Schema>, values: impl Into<Arc<[Value]>>) -> Result<Self> {
        let made = Self::unchecked(schema, values);
        made.validate()?;
        Ok(made)
    }

    /// A struct of these values without a check, for code that has made them by the schema itself, such as a
    /// converter that reads. A wrong value is found when the struct is written or validated.
    pub fn unchecked(schema: &Arc<Schema>, values: impl Into<Arc<[Value]>>) -> Self {
        Self { schema: Arc::clone(schema), values: values.into() }
    }

    /// Puts the same values under another schema, without a check, as in [`unchecked`](Self::unchecked).
    pub fn set_schema(&mut self, schema: &Arc<Schema>) {
        self.schema = Arc::clone(schema);
    }

    /// Sets fields by name.
    pub fn builder(schema: &Arc<Schema>) -> StructBuilder {
        let values = vec![Value::Null; schema.fields().len()];
        StructBuilder { schema: Arc::clone(schema), values, error: None }
    }

    /// The schema.
    #[must_use]
    pub const fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The raw values by position, without defaults.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The raw values by position, to change them; copied first when they are shared. They are not checked, as in
    /// [`unchecked`](Self::unchecked).
    pub fn values_mut(&mut self) -> &mut [Value] {
        Arc::make_mut(&mut self.values)
    }

    /// Whether a clone shares the values, so that [`values_mut`](Self::values_mut) would copy them.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.values) > 1
    }

    /// A field's value; its default when it has none; `None` when there is no such field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.schema.field(name).map(|field| self.at(field.index))
    }

    /// A field's value by position, or its default when it has none; null beyond the last field.
    #[must_use]
    pub fn at(&self, index: usize) -> &Value {
        match self.values.get(index) {
            Some(Value::Null) | None => {
                self.schema.fields().get(index).and_then(|field| field.schema.default_value()).unwrap_or(&Value::Null)
            }
            Some(value) => value,
        }
    }

    /// Sets a field, copying the values when they are shared.
    ///
    /// # Errors
    /// A data error when there is no such field or the value does not fit it.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        let value = value.into();
        let index = index_of(&self.schema, name)?;
        let field = &self.schema.fields()[index];
        field.schema.validate(&value).map_err(|error| error.context(format_args!("field {name:?}")))?;
        Arc::make_mut(&mut self.values)[index] = value;
        Ok(())
    }

    /// Whether every value fits its field, and every field without a value may have none.
    ///
    /// # Errors
    /// A data error that names the field.
    pub fn validate(&self) -> Result<()> {
        if self.schema.ty() != Type::Struct {
            return Err(Error::data(format!("a struct cannot have a schema of type {}", self.schema)));
        }
        let fields = self.schema.fields();
        if fields.len() != self.values.len() {
            return Err(Error::data(format!(
                "{} values were given for the {} fields of {}",
                self.values.len(),
                fields.len(),
                self.schema
            )));
        }
        for (field, value) in fields.iter().zip(self.values.iter()) {
            let absent = value.is_null() && field.schema.default_value().is_some();
            if !absent {
                field.schema.validate(value).map_err(|error| error.context(format_args!("field {:?}", field.name)))?;
            }
        }
        Ok(())
    }
}

impl PartialEq for Struct {
    fn eq(&self, other: &Self) -> bool {
        (Arc::ptr_eq(&self.schema, &other.schema) || self.schema == other.schema) && self.values == other.values
    }
}

impl Eq for Struct {}

fn index_of(schema: &Schema, name: &str) -> Result<usize> {
    schema.field(name).map(|field| field.index).ok_or_else(|| {
        let known: Vec<_> = schema.fields().iter().map(|field| &*field.name).collect();
        Error::data(format!("{schema} has no field {name:?}; its fields: {}", known.join(", ")))
    })
}

/// Sets the fields of a [`Struct`] by name; mistakes are told by [`build`](Self::build).
#[derive(Debug)]
#[must_use = "call build()"]
pub struct StructBuilder {
    schema: Arc<Schema>,
    values: Vec<Value>,
    error: Option<Error>,
}

impl StructBuilder {
    /// Sets a field.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        match index_of(&self.schema, name) {
            Ok(index) => self.values[index] = value.into(),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        self
    }

    /// The struct.
    ///
    /// # Errors
    /// A data error: a field that does not exist, a value that does not fit, a required one that is missing.
    pub fn build(self) -> Result<Struct> {
        match self.error {
            Some(error) => Err(error),
            None => Struct::of(&self.schema, self.values),
        }
    }
}
