//! Changes how times are represented.

mod config;
mod time;

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Datum, Error, Flow, Record, Result, Schema, Struct, Transform, Type, Value};

pub use config::{TimestampConverterConfig, TimestampType, UnixPrecision};

use crate::clock::{self, Clock};
use crate::maps::{position, put};
use crate::operand::{Operand, on_key_and_value};
use crate::plans::Plans;
use crate::schemas;
use time::{Times, kind_of};

/// Changes a time from one form to another: text, a number since 1970, or one of Connect's logical types.
///
/// It works on a field of a struct or map, or on the whole key or value. Text is read and written as Java's
/// `SimpleDateFormat` does, in UTC.
#[derive(Debug)]
pub struct TimestampConverter<O> {
    field: Arc<str>,
    replace_null: bool,
    times: Times,
    plans: Plans<Plan>,
    operand: PhantomData<O>,
}

/// What is done to structs of one schema.
#[derive(Debug)]
struct Plan {
    schema: Arc<Schema>,
    /// The field's place and the form of its times.
    field: Option<(usize, TimestampType)>,
}

on_key_and_value!(
    TimestampConverter,
    TimestampConverterConfig,
    "org.apache.kafka.connect.transforms.TimestampConverter"
);

impl<O> TimestampConverter<O> {
    fn configured(config: TimestampConverterConfig) -> Result<Self> {
        if config.target_type == TimestampType::String && config.format.is_blank() {
            return Err(Error::config("format: a pattern is required, since target.type is string"));
        }
        Ok(Self {
            field: config.field.into(),
            replace_null: config.replace_null_with_default,
            times: Times {
                target: config.target_type,
                format: config.format,
                precision: config.unix_precision,
                clock: clock::system,
            },
            plans: Plans::new(),
            operand: PhantomData,
        })
    }

    /// Lets `now` say the present, in milliseconds since 1970-01-01 UTC: a year of two digits is one near it.
    #[must_use]
    pub fn with_clock(mut self, now: Clock) -> Self {
        self.times.clock = now;
        self
    }

    fn plan(&self, schema: &Arc<Schema>) -> Result<Plan> {
        let mut field_to_change = None;
        let mut builder = schemas::basics(schema, Schema::structure());
        for field in schema.fields() {
            if field.name == self.field {
                let kind = kind_of(&field.schema).map_err(|error| self.named(&error))?;
                field_to_change = Some((field.index, kind));
                builder = builder.field(Arc::clone(&field.name), self.times.target.schema(field.schema.is_optional()));
            } else {
                builder = builder.field(Arc::clone(&field.name), &field.schema);
            }
        }
        if schema.is_optional() {
            builder = builder.optional();
        }
        let mut plan = Plan { schema: builder.clone().build()?, field: field_to_change };
        if let Some(Value::Struct(default)) = schema.default_value() {
            // The default is a struct of the schema that has no default yet.
            plan.schema = builder.default_value(self.with_schema(default, &plan)?).build()?;
        }
        Ok(plan)
    }

    fn with_schema(&self, old: &Struct, plan: &Plan) -> Result<Struct> {
        let mut values: Vec<Value> = if self.replace_null {
            (0..old.values().len()).map(|index| old.at(index).clone()).collect()
        } else {
            old.values().to_vec()
        };
        if let Some((index, kind)) = plan.field {
            values[index] = self.times.convert(&values[index], kind).map_err(|error| self.named(&error))?;
        }
        Struct::of(&plan.schema, values)
    }

    fn named(&self, error: &Error) -> Error {
        Error::data(format!("field {:?}: {error}", self.field)).with_class(error.class_name())
    }
}

impl<O: Operand> Transform for TimestampConverter<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        match &datum.schema {
            Some(schema) if self.field.is_empty() => {
                let value = kind_of(schema).and_then(|kind| self.times.convert(&datum.value, kind));
                let value = value.map_err(|error| error.context(format_args!("the {}", O::PART)))?;
                let plan = self.plans.get(schema, |schema| {
                    Ok(Plan { schema: self.times.target.schema(schema.is_optional()).build()?, field: None })
                })?;
                *datum = Datum { schema: Some(Arc::clone(&plan.schema)), value };
            }
            Some(schema) => {
                if schema.ty() != Type::Struct {
                    return Err(Error::data(format!("the {} is {schema}, a struct was expected", O::PART)));
                }
                let plan = self.plans.get(schema, |schema| self.plan(schema))?;
                let value = match &datum.value {
                    Value::Null => Value::Null,
                    Value::Struct(old) => self.with_schema(old, &plan)?.into(),
                    other => {
                        let found = other.kind();
                        return Err(Error::data(format!("the {} is {found}, a struct was expected", O::PART)));
                    }
                };
                *datum = Datum { schema: Some(Arc::clone(&plan.schema)), value };
            }
            None if datum.is_null() => {}
            None if self.field.is_empty() => {
                let value = self.times.convert_any(&datum.value);
                datum.value = value.map_err(|error| error.context(format_args!("the {}", O::PART)))?;
            }
            None => {
                let Value::Map(map) = &mut datum.value else {
                    let found = datum.value.kind();
                    return Err(Error::data(format!("the {} is {found}, a map was expected", O::PART)));
                };
                let place = position(map, &self.field);
                let value = match place {
                    Some(place) => self.times.convert_any(&map[place].1).map_err(|error| self.named(&error))?,
                    None => Value::Null,
                };
                put(Arc::make_mut(map), place, &self.field, value);
            }
        }
        Ok(Flow::Keep)
    }
}
