//! Makes the key of fields of the value.

use std::sync::Arc;

use connect_api::{Datum, Error, Flow, Record, Result, Schema, Transform, TransformPlugin, Value as Data};

use crate::layout::{Layout, Slot};
use crate::maps::{Entries, position};
use crate::operand::Value;
use crate::parts::{map_of, struct_of, unknown_field};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`ValueToKey`].
    #[derive(Clone)]
    pub struct ValueToKeyConfig {
        /// Fields of the value that make up the key, in this order.
        #[schemars(length(min = 1))]
        pub fields: Vec<String>,
        /// Take a field's default when the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

impl ValueToKeyConfig {
    /// A key of these fields.
    pub fn new(fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { fields: fields.into_iter().map(Into::into).collect(), replace_null_with_default: true }
    }
}

/// Replaces the key by a struct, or a map when there is no schema, of fields of the value.
#[derive(Debug)]
pub struct ValueToKey {
    fields: Vec<Arc<str>>,
    defaults: bool,
    keys: Plans<Layout<()>>,
}

impl TransformPlugin for ValueToKey {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.ValueToKey";
    type Config = ValueToKeyConfig;

    fn new(config: ValueToKeyConfig) -> Result<Self> {
        if config.fields.is_empty() {
            return Err(Error::config("fields: no field is named; expected at least one"));
        }
        let fields = config.fields.into_iter().map(Into::into).collect();
        Ok(Self { fields, defaults: config.replace_null_with_default, keys: Plans::new() })
    }
}

impl Transform for ValueToKey {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.key = if record.value.schema.is_none() {
            let entries = map_of::<Value>(&record.value.value)?;
            let mut key = Entries::with_capacity(self.fields.len());
            for name in &self.fields {
                let value = position(entries, name).map_or(Data::Null, |place| entries[place].1.clone());
                key.put(Arc::clone(name).into(), value);
            }
            Datum::schemaless(key.into_value())
        } else {
            let mut key = struct_of::<Value>(&record.value.value)?.clone();
            let layout = self.keys.get(key.schema(), |schema| self.layout(schema))?;
            layout.apply(&mut key, self.defaults, &|(), _| Ok(Data::Null))?;
            Datum::new(Arc::clone(layout.schema()), key)
        };
        Ok(Flow::Keep)
    }
}

impl ValueToKey {
    fn layout(&self, schema: &Arc<Schema>) -> Result<Layout<()>> {
        let mut builder = Schema::structure();
        let mut slots = Vec::with_capacity(self.fields.len());
        for name in &self.fields {
            let field = schema.field(name).ok_or_else(|| unknown_field(name, schema))?;
            builder = builder.field(Arc::clone(name), &field.schema);
            slots.push(Slot::Keep(field.index));
        }
        Ok(Layout::new(builder.build()?, slots, schema))
    }
}
