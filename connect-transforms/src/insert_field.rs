//! Adds what is known of a record as fields of it.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Error, Flow, Record, Result, Schema, Transform, Type, Value, logical};

use crate::layout::{Layout, Slot};
use crate::maps::{Map, position, put};
use crate::operand::{Operand, on_key_and_value};
use crate::parts::{at_field, map_mut, primitive, set_schema, struct_mut};
use crate::plans::Plans;
use crate::schemas::basics;

connect_api::config! {
    /// Configuration of [`InsertField`]. A name that ends in `!` makes the field required, one that ends in `?`, or in
    /// neither, optional.
    #[derive(Clone)]
    pub struct InsertFieldConfig {
        /// Field for the topic. A ! at the end makes it required, a ? optional, which it is without.
        #[serde(rename = "topic.field")]
        #[schemars(extend("x-verbatim" = true))]
        pub topic_field: Option<String>,
        /// Field for the partition, with ! or ? as in topic.field.
        #[serde(rename = "partition.field")]
        #[schemars(extend("x-verbatim" = true))]
        pub partition_field: Option<String>,
        /// Field for the offset, with ! or ? as in topic.field. Only for sinks.
        #[serde(rename = "offset.field")]
        #[schemars(extend("x-verbatim" = true))]
        pub offset_field: Option<String>,
        /// Field for the record's timestamp, with ! or ? as in topic.field.
        #[serde(rename = "timestamp.field")]
        #[schemars(extend("x-verbatim" = true))]
        pub timestamp_field: Option<String>,
        /// Field for a text that is always the same, with ! or ? as in topic.field.
        #[serde(rename = "static.field")]
        #[schemars(extend("x-verbatim" = true))]
        pub static_field: Option<String>,
        /// That text.
        #[serde(rename = "static.value")]
        #[schemars(extend("x-verbatim" = true))]
        pub static_value: Option<String>,
        /// Put a field's default where the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

impl Default for InsertFieldConfig {
    fn default() -> Self {
        Self {
            topic_field: None,
            partition_field: None,
            offset_field: None,
            timestamp_field: None,
            static_field: None,
            static_value: None,
            replace_null_with_default: true,
        }
    }
}

/// Adds fields to the key or value: the record's topic, partition, offset, timestamp, a constant text.
#[derive(Debug)]
pub struct InsertField<O> {
    insertions: Vec<Insertion>,
    defaults: bool,
    layouts: Plans<Layout<usize>>,
    operand: PhantomData<O>,
}

on_key_and_value!(InsertField, InsertFieldConfig, "org.apache.kafka.connect.transforms.InsertField");

#[derive(Debug)]
struct Insertion {
    name: Arc<str>,
    optional: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    Topic,
    Partition,
    Offset,
    Timestamp,
    Text(Arc<str>),
}

impl Insertion {
    fn parse(field: Option<String>, what: What) -> Option<Self> {
        let field = field?;
        let (name, optional) = match (field.strip_suffix('?'), field.strip_suffix('!')) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => (&*field, true),
        };
        Some(Self { name: name.into(), optional, what })
    }

    fn schema(&self) -> Result<Arc<Schema>> {
        let ty = match self.what {
            What::Topic | What::Text(_) => Type::String,
            What::Partition => Type::Int32,
            What::Offset => Type::Int64,
            What::Timestamp if self.optional => return logical::timestamp().optional().build(),
            What::Timestamp => return logical::timestamp().build(),
        };
        Ok(primitive(ty, self.optional))
    }
}

/// What is known of a record apart from its data.
struct Known<'a> {
    topic: &'a Arc<str>,
    partition: Option<i32>,
    offset: Option<i64>,
    timestamp: Option<i64>,
}

impl Known<'_> {
    /// The value to insert; null when there is none.
    fn value(&self, what: &What) -> Result<Value> {
        Ok(match what {
            What::Topic => Arc::clone(self.topic).into(),
            What::Partition => self.partition.into(),
            What::Offset => {
                let offset = self.offset.ok_or_else(|| Error::data("records of a source have no offset"));
                offset?.into()
            }
            What::Timestamp => self.timestamp.map_or(Value::Null, Value::Instant),
            What::Text(text) => Arc::clone(text).into(),
        })
    }
}

impl<O: Operand> Transform for InsertField<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        if O::of(record).is_null() {
            return Ok(Flow::Keep);
        }
        let topic = Arc::clone(&record.topic);
        let known = Known {
            topic: &topic,
            partition: record.partition,
            offset: record.kafka_offset(),
            timestamp: record.timestamp,
        };
        let datum = O::of_mut(record);
        if datum.schema.is_none() {
            self.entries(map_mut::<O>(&mut datum.value)?, &known)?;
            return Ok(Flow::Keep);
        }
        let structure = struct_mut::<O>(&mut datum.value)?;
        let layout = self.layouts.get(structure.schema(), |schema| self.layout(schema))?;
        let insert = |index: &usize, _: &Value| known.value(&self.insertions[*index].what);
        layout.apply(structure, self.defaults, &insert)?;
        set_schema(datum, layout.schema());
        Ok(Flow::Keep)
    }
}

impl<O: Operand> InsertField<O> {
    fn configured(config: InsertFieldConfig) -> Result<Self> {
        let text = match (&config.static_field, config.static_value) {
            (Some(_), None) => return Err(Error::config("static.value: missing; static.field needs it")),
            (_, text) => text.unwrap_or_default(),
        };
        let insertions: Vec<_> = [
            Insertion::parse(config.topic_field, What::Topic),
            Insertion::parse(config.partition_field, What::Partition),
            Insertion::parse(config.offset_field, What::Offset),
            Insertion::parse(config.timestamp_field, What::Timestamp),
            Insertion::parse(config.static_field, What::Text(text.into())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if insertions.is_empty() {
            return Err(Error::config(
                "no field to insert; expected at least one of topic.field, partition.field, offset.field, \
                 timestamp.field, static.field",
            ));
        }
        let defaults = config.replace_null_with_default;
        Ok(Self { insertions, defaults, layouts: Plans::new(), operand: PhantomData })
    }

    /// Puts the fields into a map, where they replace those of the same name. Without a schema a timestamp is a number.
    fn entries(&self, map: &mut Map, known: &Known<'_>) -> Result<()> {
        // Only an offset can be missing; that is found before anything changes.
        for insertion in self.insertions.iter().filter(|insertion| matches!(insertion.what, What::Offset)) {
            known.value(&insertion.what).map_err(at_field(&insertion.name))?;
        }
        let entries = Arc::make_mut(map);
        entries.reserve_exact(self.insertions.len());
        for insertion in &self.insertions {
            let value = match known.value(&insertion.what) {
                Ok(Value::Null) | Err(_) => continue,
                Ok(Value::Instant(ms)) => Value::Int64(ms),
                Ok(value) => value,
            };
            let place = position(entries, &insertion.name);
            put(entries, place, &insertion.name, value);
        }
        Ok(())
    }

    fn layout(&self, schema: &Arc<Schema>) -> Result<Layout<usize>> {
        let mut builder = basics(schema, Schema::structure());
        let mut slots = Vec::new();
        for field in schema.fields() {
            builder = builder.field(Arc::clone(&field.name), &field.schema);
            slots.push(Slot::Keep(field.index));
        }
        for (index, insertion) in self.insertions.iter().enumerate() {
            builder = builder.field(Arc::clone(&insertion.name), insertion.schema()?);
            slots.push(Slot::New(index));
        }
        Ok(Layout::new(builder.build()?, slots, schema))
    }
}
