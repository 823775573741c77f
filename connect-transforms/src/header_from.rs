//! Copies or moves fields to headers.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Datum, Deserialize, Error, Flow, JsonSchema, Record, Result, Schema, Serialize, Transform, Value};

use crate::layout::{Layout, Slot};
use crate::maps::position;
use crate::operand::{Operand, on_key_and_value};
use crate::parts::{at_field, map_mut, set_schema, struct_mut, unknown_field, value_at};
use crate::plans::Plans;
use crate::schemas::basics;

connect_api::config! {
    /// Configuration of [`HeaderFrom`].
    #[derive(Clone)]
    pub struct HeaderFromConfig {
        /// The fields.
        #[schemars(length(min = 1))]
        pub fields: Vec<String>,
        /// Names of the headers, one for each field, in the same order.
        #[schemars(length(min = 1))]
        pub headers: Vec<String>,
        /// Whether the fields stay in the key or value (copy) or not (move).
        pub operation: HeaderFromOperation,
        /// Take a field's default when the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

/// What becomes of a field that was put into a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum HeaderFromOperation {
    /// It goes from the key or value.
    Move,
    /// It stays.
    Copy,
}

/// Adds a header for each of some fields of the key or value.
#[derive(Debug)]
pub struct HeaderFrom<O> {
    /// Fields, each with its header.
    pairs: Vec<(Arc<str>, Arc<str>)>,
    moved: bool,
    defaults: bool,
    plans: Plans<Plan>,
    operand: PhantomData<O>,
}

on_key_and_value!(HeaderFrom, HeaderFromConfig, "org.apache.kafka.connect.transforms.HeaderFrom");

#[derive(Debug)]
struct Plan {
    /// Where the fields are and what they are, in the order of their headers.
    fields: Vec<(usize, Arc<Schema>)>,
    /// The struct without them.
    rest: Layout<()>,
}

impl<O: Operand> Transform for HeaderFrom<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        let values = match datum.schema {
            None => self.map(datum)?,
            Some(_) => self.structure(datum)?,
        };
        for ((_, header), value) in self.pairs.iter().zip(values) {
            record.headers.add(Arc::clone(header), value);
        }
        Ok(Flow::Keep)
    }
}

impl<O: Operand> HeaderFrom<O> {
    fn configured(config: HeaderFromConfig) -> Result<Self> {
        let (fields, headers) = (config.fields, config.headers);
        if fields.is_empty() || fields.len() != headers.len() {
            return Err(Error::config(format!(
                "headers: {} fields need as many headers, at least one; found {}",
                fields.len(),
                headers.len()
            )));
        }
        let pairs = fields.into_iter().zip(headers).map(|(field, header)| (field.into(), header.into()));
        Ok(Self {
            pairs: pairs.collect(),
            moved: config.operation == HeaderFromOperation::Move,
            defaults: config.replace_null_with_default,
            plans: Plans::new(),
            operand: PhantomData,
        })
    }

    /// The fields' values; absent ones are null.
    fn map(&self, datum: &mut Datum) -> Result<Vec<Datum>> {
        let map = map_mut::<O>(&mut datum.value)?;
        let value = |field: &str| position(map, field).map_or(Value::Null, |place| map[place].1.clone());
        let values = self.pairs.iter().map(|(field, _)| Datum::schemaless(value(field))).collect();
        if self.moved {
            let fields: BTreeSet<&str> = self.pairs.iter().map(|(field, _)| &**field).collect();
            Arc::make_mut(map).retain(|(key, _)| !key.as_str().is_some_and(|key| fields.contains(key)));
        }
        Ok(values)
    }

    fn structure(&self, datum: &mut Datum) -> Result<Vec<Datum>> {
        let structure = struct_mut::<O>(&mut datum.value)?;
        let plan = self.plans.get(structure.schema(), |schema| self.plan(schema))?;
        let values = plan.fields.iter().zip(&self.pairs).map(|((index, schema), (name, _))| {
            let value = value_at(structure, *index, self.defaults);
            if value.is_null() && !schema.is_optional() {
                let error = Error::data(format!("null is no value of the required type {schema}"));
                return Err(at_field(name)(error));
            }
            Ok(Datum { schema: Some(Arc::clone(schema)), value })
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        if self.moved {
            plan.rest.apply(structure, self.defaults, &|(), _| Ok(Value::Null))?;
            set_schema(datum, plan.rest.schema());
        }
        Ok(values)
    }

    fn plan(&self, schema: &Arc<Schema>) -> Result<Plan> {
        let fields = self.pairs.iter().map(|(name, _)| {
            let field = schema.field(name).ok_or_else(|| unknown_field(name, schema))?;
            Ok((field.index, Arc::clone(&field.schema)))
        });
        let fields = fields.collect::<Result<Vec<_>>>()?;
        let mut rest = basics(schema, Schema::structure());
        let mut slots = Vec::new();
        for field in schema.fields() {
            if !fields.iter().any(|(index, _)| *index == field.index) {
                rest = rest.field(Arc::clone(&field.name), &field.schema);
                slots.push(Slot::Keep(field.index));
            }
        }
        Ok(Plan { fields, rest: Layout::new(rest.build()?, slots, schema) })
    }
}
