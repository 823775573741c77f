//! Puts the fields of nested data on one level.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Datum, Error, Field, Flow, Record, Result, Schema, SchemaBuilder, Struct, Transform, Type, Value};

use crate::layout::fill_defaults;
use crate::maps::{Entries, Map};
use crate::operand::{Operand, on_key_and_value};
use crate::parts::{at_field, map_of, same_or, set_schema, struct_mut};
use crate::plans::Plans;
use crate::schemas::basics;

connect_api::config! {
    /// Configuration of [`Flatten`].
    #[derive(Clone)]
    pub struct FlattenConfig {
        /// What stands between the names of which a field's new name is made.
        #[serde(default = "dot")]
        #[schemars(extend("x-verbatim" = true))]
        pub delimiter: String,
    }
}

fn dot() -> String {
    ".".into()
}

impl Default for FlattenConfig {
    fn default() -> Self {
        Self { delimiter: dot() }
    }
}

/// Puts the fields of nested structs, or of nested maps when there is no schema, on one level: `a` in `b` becomes
/// `b.a`. Arrays stay as they are.
#[derive(Debug)]
pub struct Flatten<O> {
    delimiter: String,
    levels: Plans<Flat>,
    operand: PhantomData<O>,
}

on_key_and_value!(Flatten, FlattenConfig, "org.apache.kafka.connect.transforms.Flatten");

/// A schema flattened.
#[derive(Debug)]
struct Flat {
    schema: Arc<Schema>,
    /// Nothing is nested.
    same: bool,
    parts: Vec<Part>,
}

/// A field of a struct, in order.
#[derive(Debug)]
enum Part {
    Leaf,
    /// A struct, and of how many leaves.
    Inside(Vec<Part>, usize),
}

impl<O: Operand> Transform for Flatten<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        if datum.is_null() {
            return Ok(Flow::Keep);
        }
        if datum.schema.is_none() {
            self.map(datum)?;
            return Ok(Flow::Keep);
        }
        let structure = struct_mut::<O>(&mut datum.value)?;
        let flat = self.levels.get(structure.schema(), |schema| self.flat(schema))?;
        if flat.same {
            fill_defaults(structure);
        } else {
            let mut values: Arc<[Value]> = std::iter::repeat_n(Value::Null, flat.schema.fields().len()).collect();
            // Nobody else has them yet, so nothing is copied.
            fill(Some(structure), &flat.parts, &mut Arc::make_mut(&mut values).iter_mut());
            *structure = Struct::unchecked(&flat.schema, values);
        }
        set_schema(datum, &flat.schema);
        Ok(Flow::Keep)
    }
}

/// Fills the places of the leaves in order; those of a struct that is null stay empty.
fn fill<'a>(structure: Option<&Struct>, parts: &[Part], places: &mut impl Iterator<Item = &'a mut Value>) {
    for (index, part) in parts.iter().enumerate() {
        match (part, structure) {
            (Part::Leaf, structure) => {
                let place = places.next();
                if let (Some(structure), Some(place)) = (structure, place) {
                    *place = structure.at(index).clone();
                }
            }
            (Part::Inside(_, leaves), None) if *leaves > 0 => {
                places.nth(leaves - 1);
            }
            (Part::Inside(inner, _), structure) => {
                let value = structure.and_then(|structure| structure.values().get(index));
                fill(value.and_then(Value::as_struct), inner, places);
            }
        }
    }
}

impl<O: Operand> Flatten<O> {
    fn configured(config: FlattenConfig) -> Result<Self> {
        Ok(Self { delimiter: config.delimiter, levels: Plans::new(), operand: PhantomData })
    }

    fn name(&self, prefix: &str, name: &str) -> String {
        if prefix.is_empty() { name.to_owned() } else { format!("{prefix}{}{name}", self.delimiter) }
    }

    fn map(&self, datum: &mut Datum) -> Result<()> {
        let entries = map_of::<O>(&datum.value)?;
        self.check(entries, None)?;
        let nested = entries.iter().any(|(_, value)| matches!(value, Value::Map(_)));
        if nested && let Value::Map(map) = std::mem::take(&mut datum.value) {
            let mut flat = Entries::with_capacity(map.len());
            self.entries(map, None, &mut flat);
            datum.value = flat.into_value();
        }
        Ok(())
    }

    /// Whether a map can be flattened.
    fn check(&self, entries: &[(Value, Value)], prefix: Option<&str>) -> Result<()> {
        for (key, value) in entries {
            let Some(name) = key.as_str() else {
                let place = prefix.unwrap_or(O::PART);
                return Err(Error::data(format!("{place}: a map key of type {}, expected a string", key.kind())));
            };
            let prefixed = || prefix.map_or_else(|| name.to_owned(), |prefix| self.name(prefix, name));
            match value {
                Value::Map(inner) => self.check(inner, Some(&prefixed()))?,
                Value::Decimal(_) | Value::Instant(_) | Value::Struct(_) => {
                    let error = Error::data(format!(
                        "a value of type {} needs a schema; without one a boolean, number, string, bytes, array or map \
                         was expected",
                        value.kind()
                    ));
                    return Err(at_field(&prefixed())(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts the leaves of a map, which was checked, with those of others.
    fn entries(&self, map: Map, prefix: Option<&str>, flat: &mut Entries) {
        for (key, value) in Arc::unwrap_or_clone(map) {
            let name = key.as_str().unwrap_or_default();
            let prefixed = prefix.map(|prefix| self.name(prefix, name));
            match value {
                Value::Map(inner) => self.entries(inner, Some(prefixed.as_deref().unwrap_or(name)), flat),
                value => flat.put(prefixed.map_or(key, Into::into), value),
            }
        }
    }

    fn flat(&self, schema: &Arc<Schema>) -> Result<Flat> {
        let default = schema.default_value().and_then(Value::as_struct);
        let builder = basics(schema, Schema::structure());
        let (builder, parts, _) = self.parts(schema, "", builder, schema.is_optional(), default)?;
        let flat = same_or(builder.build()?, schema);
        Ok(Flat { same: Arc::ptr_eq(&flat, schema), schema: flat, parts })
    }

    /// Adds the leaves of a struct to a schema; says what they are and how many.
    fn parts(
        &self,
        schema: &Schema,
        prefix: &str,
        mut builder: SchemaBuilder,
        optional: bool,
        default: Option<&Struct>,
    ) -> Result<(SchemaBuilder, Vec<Part>, usize)> {
        let mut parts = Vec::with_capacity(schema.fields().len());
        let mut count = 0;
        for field in schema.fields() {
            let name = self.name(prefix, &field.name);
            let optional = optional || field.schema.is_optional();
            let default = match field.schema.default_value() {
                Some(default) => Some(default),
                None => default.and_then(|default| default.get(&field.name)).filter(|value| !value.is_null()),
            };
            match field.schema.ty() {
                Type::Map => {
                    let error = Error::data(
                        "a map with a schema cannot be flattened; possible: structs, arrays, primitive types",
                    );
                    return Err(at_field(&name)(error));
                }
                Type::Struct => {
                    let inner = default.and_then(Value::as_struct);
                    let (longer, inside, leaves) = self.parts(&field.schema, &name, builder, optional, inner)?;
                    builder = longer;
                    count += leaves;
                    parts.push(Part::Inside(inside, leaves));
                }
                _ => {
                    builder = builder.field(name, leaf(field, optional, default)?);
                    count += 1;
                    parts.push(Part::Leaf);
                }
            }
        }
        Ok((builder, parts, count))
    }
}

/// The schema of a leaf, which is optional when anything around it is, and has its own default or that of the struct
/// around it.
fn leaf(field: &Field, optional: bool, default: Option<&Value>) -> Result<Arc<Schema>> {
    let schema = &field.schema;
    if schema.is_optional() == optional && schema.default_value() == default {
        return Ok(Arc::clone(schema));
    }
    let mut builder = schema.to_builder();
    if optional {
        builder = builder.optional();
    }
    if let Some(default) = default {
        builder = builder.default_value(default.clone());
    }
    builder.build()
}
