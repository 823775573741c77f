//! Gives a schema another name or version.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Error, Flow, Record, Result, Schema, SchemaBuilder, Struct, Transform, Type, Value};

use crate::layout::fill_defaults;
use crate::logical_types::{base_type, decode, encode, is_logical};
use crate::operand::{Operand, on_key_and_value};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`SetSchemaMetadata`].
    #[derive(Clone)]
    pub struct SetSchemaMetadataConfig {
        /// Name for the schema; the one it has when absent.
        #[serde(rename = "schema.name")]
        #[schemars(extend("x-verbatim" = true, "x-importance" = "high"))]
        pub schema_name: Option<String>,
        /// Version for the schema; the one it has when absent.
        #[serde(rename = "schema.version")]
        #[schemars(extend("x-importance" = "high"))]
        pub schema_version: Option<i32>,
        /// Put a field's default where the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

impl Default for SetSchemaMetadataConfig {
    fn default() -> Self {
        Self { schema_name: None, schema_version: None, replace_null_with_default: true }
    }
}

/// Sets the name, the version, or both, of the schema of the key or value. A null without a schema stays so.
#[derive(Debug)]
pub struct SetSchemaMetadata<O> {
    name: Option<Arc<str>>,
    version: Option<i32>,
    defaults: bool,
    schemas: Plans<Arc<Schema>>,
    operand: PhantomData<O>,
}

on_key_and_value!(SetSchemaMetadata, SetSchemaMetadataConfig, "org.apache.kafka.connect.transforms.SetSchemaMetadata");

impl<O: Operand> Transform for SetSchemaMetadata<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        let Some(schema) = &datum.schema else {
            if datum.is_null() {
                return Ok(Flow::Keep);
            }
            let found = datum.value.kind();
            return Err(Error::data(format!(
                "the {} has no schema: {found} was found, a value with a schema was expected, to set its name or version",
                O::PART
            )));
        };
        let schema = Arc::clone(datum.value.as_struct().map_or(schema, Struct::schema));
        let schema = &schema;
        let renamed = Arc::clone(&*self.schemas.get(schema, |schema| self.renamed(schema))?);
        match &mut datum.value {
            Value::Struct(structure) => {
                structure.set_schema(&renamed);
                if self.defaults {
                    fill_defaults(structure);
                }
            }
            value => {
                let converted = converted(value.clone(), schema, &renamed);
                datum.value = converted.map_err(|error| error.context(O::PART))?;
            }
        }
        datum.schema = Some(renamed);
        Ok(Flow::Keep)
    }
}

/// The value of one schema as one of another name. Connect's logical types have forms of their own in memory.
fn converted(value: Value, old: &Schema, new: &Schema) -> Result<Value> {
    if old.name() == new.name() || !(is_logical(old) || is_logical(new)) {
        return Ok(value);
    }
    decode(encode(value, old)?, new)
}

impl<O> SetSchemaMetadata<O> {
    fn configured(config: SetSchemaMetadataConfig) -> Result<Self> {
        if config.schema_name.is_none() && config.schema_version.is_none() {
            return Err(Error::config("nothing to set; expected schema.name, schema.version or both"));
        }
        Ok(Self {
            name: config.schema_name.map(Into::into),
            version: config.schema_version,
            defaults: config.replace_null_with_default,
            schemas: Plans::new(),
            operand: PhantomData,
        })
    }

    fn renamed(&self, schema: &Arc<Schema>) -> Result<Arc<Schema>> {
        let mut builder = parts_of(schema);
        if let Some(name) = self.name.as_deref().or(schema.name()) {
            builder = builder.name(name);
        }
        if let Some(version) = self.version.or(schema.version()) {
            builder = builder.version(version);
        }
        if let Some(doc) = schema.doc() {
            builder = builder.doc(doc);
        }
        for (name, value) in schema.parameters() {
            builder = builder.parameter(Arc::clone(name), Arc::clone(value));
        }
        if schema.is_optional() {
            builder = builder.optional();
        }
        let bare = builder.clone().build()?;
        if let Some(base) = base_type(&bare).filter(|base| *base != bare.ty()) {
            let name = bare.name().unwrap_or_default();
            return Err(Error::data(format!(
                "a schema of type {} cannot be named {name:?}, {base} was expected",
                bare.ty()
            )));
        }
        match schema.default_value() {
            None => Ok(bare),
            Some(Value::Struct(default)) => {
                let mut default = default.clone();
                default.set_schema(&bare);
                builder.default_value(default).build()
            }
            Some(default) => builder.default_value(converted(default.clone(), schema, &bare)?).build(),
        }
    }
}

/// A schema of the same type and parts, without a description.
fn parts_of(schema: &Schema) -> SchemaBuilder {
    match (schema.ty(), schema.key_schema(), schema.value_schema()) {
        (Type::Array, _, Some(elements)) => Schema::array(Arc::clone(elements)),
        (Type::Map, Some(keys), values) => Schema::map(Arc::clone(keys), values.cloned()),
        (ty, ..) => schema
            .fields()
            .iter()
            .fold(Schema::builder(ty), |builder, field| builder.field(Arc::clone(&field.name), &field.schema)),
    }
}
