//! Makes keys or values null.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Deserialize, Error, Flow, JsonSchema, Record, Result, Schema, Serialize, Transform, Value as Data};

use crate::operand::{Operand, on_key_and_value};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`Drop`].
    #[derive(Clone, Default)]
    pub struct DropConfig {
        /// What becomes of the schema.
        #[serde(rename = "schema.behavior", default)]
        pub schema_behavior: SchemaBehavior,
    }
}

/// What becomes of the schema of what is made null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "snake_case")]
#[schemars(crate = "connect_api::schemars")]
pub enum SchemaBehavior {
    /// It becomes null too.
    #[default]
    Nullify,
    /// It stays, even if it is required.
    Retain,
    /// It stays; a record whose schema is required fails.
    Validate,
    /// It becomes optional.
    ForceOptional,
}

/// Sets a record's key or value to null.
#[derive(Debug)]
pub struct Drop<O> {
    behavior: SchemaBehavior,
    optional: Plans<Arc<Schema>>,
    operand: PhantomData<O>,
}

on_key_and_value!(Drop, DropConfig, "io.confluent.connect.transforms.Drop");

impl<O> Drop<O> {
    fn configured(config: DropConfig) -> Result<Self> {
        Ok(Self { behavior: config.schema_behavior, optional: Plans::new(), operand: PhantomData })
    }
}

impl<O: Operand> Transform for Drop<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        if let Some(schema) = &datum.schema {
            match self.behavior {
                SchemaBehavior::Nullify => datum.schema = None,
                SchemaBehavior::Validate if !schema.is_optional() => {
                    return Err(Error::data(format!(
                        "the {}'s schema {schema} is required, optional was expected",
                        O::PART
                    )));
                }
                SchemaBehavior::ForceOptional => {
                    let optional = self.optional.get(schema, |schema| schema.to_builder().optional().build())?;
                    datum.schema = Some(Arc::clone(&optional));
                }
                SchemaBehavior::Retain | SchemaBehavior::Validate => {}
            }
        }
        datum.value = Data::Null;
        Ok(Flow::Keep)
    }
}
