//! Joins fields to one.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Datum, Error, Flow, Record, Result, Schema, Struct, Transform, Type, Value as Data};

use crate::maps::{position, put};
use crate::operand::{Operand, on_key_and_value};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`ConcatFields`].
    #[derive(Clone)]
    pub struct ConcatFieldsConfig {
        /// Names of the fields to join.
        #[serde(rename = "field.names")]
        pub field_names: Vec<String>,
        /// Name of the field that holds the text made.
        #[serde(rename = "output.field.name")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub output_field_name: String,
        /// What stands for a field that is null or not there.
        #[serde(rename = "field.replace.missing", default)]
        #[schemars(extend("x-verbatim" = true))]
        pub field_replace_missing: String,
        /// What stands between two fields.
        #[serde(default)]
        #[schemars(extend("x-verbatim" = true))]
        pub delimiter: String,
    }
}

/// Adds a field to a struct or map that holds the texts of other fields, one after the other.
#[derive(Debug)]
pub struct ConcatFields<O> {
    config: ConcatFieldsConfig,
    schemas: Plans<Arc<Schema>>,
    operand: PhantomData<O>,
}

on_key_and_value!(ConcatFields, ConcatFieldsConfig, "io.aiven.kafka.connect.transforms.ConcatFields");

impl<O> ConcatFields<O> {
    fn configured(config: ConcatFieldsConfig) -> Result<Self> {
        Ok(Self { config, schemas: Plans::new(), operand: PhantomData })
    }

    fn joined(&self, container: &Data) -> String {
        let text = |name: &String| match container.get(name) {
            None | Some(Data::Null) => self.config.field_replace_missing.clone(),
            Some(value) => value.to_string(),
        };
        self.config.field_names.iter().map(text).collect::<Vec<_>>().join(&self.config.delimiter)
    }
}

impl<O: Operand> Transform for ConcatFields<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        let joined = self.joined(&datum.value);
        let output = &self.config.output_field_name;
        match &mut datum.value {
            Data::Struct(old) => {
                let schema = self.schemas.get(old.schema(), |schema| {
                    let fields = schema.fields().iter();
                    let builder = fields.fold(Schema::structure(), |builder, field| {
                        builder.field(Arc::clone(&field.name), &field.schema)
                    });
                    builder.field(output.as_str(), Schema::optional(Type::String)).build()
                })?;
                let mut values: Vec<Data> = (0..old.values().len()).map(|index| old.at(index).clone()).collect();
                values.push(joined.into());
                *datum = Datum::from(Struct::of(&schema, values)?);
            }
            Data::Map(map) => {
                let place = position(map, output);
                put(Arc::make_mut(map), place, &output.as_str().into(), joined.into());
            }
            other => {
                return Err(Error::data(format!("the {} is {}, a struct or map was expected", O::PART, other.kind())));
            }
        }
        Ok(Flow::Keep)
    }
}
