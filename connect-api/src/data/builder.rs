//! Describing schemas.

use std::sync::Arc;

use super::schema::{Field, Schema, Type};
use crate::{Error, Result, Value};

/// Describes a [`Schema`]. Mistakes (a field twice, a default that does not fit, another name after a name)
/// are kept and told by [`build`](Self::build).
#[derive(Debug, Clone)]
#[must_use = "call build()"]
pub struct SchemaBuilder {
    schema: Schema,
    optional_set: bool,
    error: Option<String>,
}

impl SchemaBuilder {
    /// Goes on from a schema that is complete already.
    pub(super) fn derived(schema: Schema) -> Self {
        Self { schema, optional_set: true, error: None }
    }

    fn fail(&mut self, message: String) {
        self.error.get_or_insert(message);
    }

    /// Null is a value.
    pub fn optional(mut self) -> Self {
        self.schema.optional = true;
        self.optional_set = true;
        self
    }

    /// Null is no value. This is so unless [`optional`](Self::optional) was said, after which it is a mistake.
    pub fn required(mut self) -> Self {
        if self.optional_set && self.schema.optional {
            self.fail("the schema was said to be optional already".into());
        }
        self.optional_set = true;
        self
    }

    /// Names the schema.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        match &self.schema.name {
            Some(old) if *old != name => {
                let message = format!("the schema has the name {old:?} already, it cannot be named {name:?}");
                self.fail(message);
            }
            _ => self.schema.name = Some(name),
        }
        self
    }

    /// Sets the version.
    pub fn version(mut self, version: i32) -> Self {
        match self.schema.version {
            Some(old) if old != version => self.fail(format!("the schema has version {old} already, not {version}")),
            _ => self.schema.version = Some(version),
        }
        self
    }

    /// Sets the documentation.
    pub fn doc(mut self, doc: impl Into<Arc<str>>) -> Self {
        let doc = doc.into();
        match &self.schema.doc {
            Some(old) if *old != doc => self.fail("the schema has another documentation already".into()),
            _ => self.schema.doc = Some(doc),
        }
        self
    }

    /// Adds a parameter, or replaces it.
    pub fn parameter(mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        let (name, value) = (name.into(), value.into());
        match self.schema.parameters.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.schema.parameters.push((name, value)),
        }
        self
    }

    /// Sets the value that stands for an absent one; it is checked against the schema by `build`.
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        let value = value.into();
        match &self.schema.default {
            Some(old) if *old != value => self.fail("the schema has another default already".into()),
            _ => self.schema.default = Some(value),
        }
        self
    }

    /// Adds a field to a struct.
    pub fn field(mut self, name: impl Into<Arc<str>>, schema: impl IntoSchema) -> Self {
        let name = name.into();
        if self.schema.ty != Type::Struct {
            self.fail(format!("field {name:?} was added to a schema of type {}", self.schema.ty));
        } else if name.is_empty() {
            self.fail("a field has no name".into());
        } else if self.schema.field(&name).is_some() {
            self.fail(format!("field {name:?} was added twice"));
        }
        match schema.into_schema() {
            Ok(schema) => {
                let index = self.schema.fields.len();
                self.schema.fields.push(Field { name, index, schema });
            }
            Err(error) => self.fail(format!("field {name:?}: {error}")),
        }
        self
    }

    /// The schema.
    ///
    /// # Errors
    /// The first mistake that was made in describing it.
    pub fn build(self) -> Result<Arc<Schema>> {
        const CLASS: &str = "org.apache.kafka.connect.errors.SchemaBuilderException";
        if let Some(message) = self.error {
            return Err(Error::data(message).with_class(CLASS));
        }
        let mut schema = self.schema;
        // A struct that is the default is one of the schema that has no default yet.
        if let Some(default) = schema.default.take() {
            schema.validate(&default).map_err(|error| {
                Error::data("the default does not fit the schema").with_source(error).with_class(CLASS)
            })?;
            schema.default = Some(default);
        }
        Ok(Arc::new(schema))
    }
}

impl From<Schema> for SchemaBuilder {
    fn from(schema: Schema) -> Self {
        Self { schema, optional_set: false, error: None }
    }
}

/// What a field's schema can be given as: a shared schema, or a builder that is built then.
pub trait IntoSchema {
    /// The shared schema.
    ///
    /// # Errors
    /// Those of [`SchemaBuilder::build`].
    fn into_schema(self) -> Result<Arc<Schema>>;
}

impl IntoSchema for Arc<Schema> {
    fn into_schema(self) -> Result<Arc<Schema>> {
        Ok(self)
    }
}

impl IntoSchema for &Arc<Schema> {
    fn into_schema(self) -> Result<Arc<Schema>> {
        Ok(Arc::clone(self))
    }
}

impl IntoSchema for SchemaBuilder {
    fn into_schema(self) -> Result<Arc<Schema>> {
        self.build()
    }
}

impl IntoSchema for Type {
    fn into_schema(self) -> Result<Arc<Schema>> {
        Ok(Schema::required(self))
    }
}
