//! Wraps data in a struct or map of one field.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Error, Flow, Record, Result, Schema, Struct, Transform};

use crate::operand::{Operand, on_key_and_value};
use crate::parts::set_schema;
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`HoistField`].
    #[derive(Clone)]
    pub struct HoistFieldConfig {
        /// Name of the field that holds the data.
        #[schemars(extend("x-verbatim" = true, "x-importance" = "medium"))]
        pub field: String,
    }
}

/// Wraps data in a struct of one field, or in a map of one entry when it has no schema.
#[derive(Debug)]
pub struct HoistField<O> {
    field: Arc<str>,
    wrappers: Plans<Arc<Schema>>,
    operand: PhantomData<O>,
}

on_key_and_value!(HoistField, HoistFieldConfig, "org.apache.kafka.connect.transforms.HoistField");

impl<O> HoistField<O> {
    fn configured(config: HoistFieldConfig) -> Result<Self> {
        Ok(Self { field: config.field.into(), wrappers: Plans::new(), operand: PhantomData })
    }
}

impl<O: Operand> Transform for HoistField<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        match &datum.schema {
            None => {
                let value = std::mem::take(&mut datum.value);
                // With room for what further transforms add.
                let mut entries = Vec::with_capacity(4);
                entries.push((Arc::clone(&self.field).into(), value));
                datum.value = entries.into();
            }
            Some(schema) => {
                let wrapper = self
                    .wrappers
                    .get(schema, |schema| Schema::structure().field(Arc::clone(&self.field), schema).build())?;
                // A default is no help here, as in Java.
                if datum.is_null() && !schema.is_optional() {
                    return Err(Error::data(format!("the {} is null, a value of type {schema} was expected", O::PART)));
                }
                let wrapped = Struct::unchecked(&wrapper, [std::mem::take(&mut datum.value)]);
                datum.value = wrapped.into();
                set_schema(datum, &wrapper);
            }
        }
        Ok(Flow::Keep)
    }
}
