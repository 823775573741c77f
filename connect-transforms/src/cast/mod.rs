//! Makes fields, or all of it, values of another type.

mod convert;
mod float;
mod spec;

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Datum, Flow, Record, Result, Schema, Transform, Type, Value};

use self::convert::cast;
use self::spec::Spec;
use crate::field_path::FieldSyntax;
use crate::layout::{Layout, Slot};
use crate::logical_types::is_logical;
use crate::maps;
use crate::operand::{Operand, on_key_and_value};
use crate::parts::{at_field, map_mut, not_inside, primitive, same_or, set_schema, struct_mut};
use crate::path_tree::{PathTree, Work};
use crate::plans::Plans;
use crate::schemas::basics;

connect_api::config! {
    /// Configuration of [`Cast`].
    #[derive(Clone)]
    pub struct CastConfig {
        /// Fields with the type each is cast to, as in foo:int32,bar:string; or one type, to which the whole key or
        /// value is cast. Types: int8, int16, int32, int64, float32, float64, boolean, string.
        #[schemars(length(min = 1))]
        pub spec: Vec<String>,
        /// How names of fields are read: V1 as plain names, V2 as paths into nested data.
        #[serde(rename = "field.syntax.version", default = "crate::options::v1")]
        #[schemars(extend("x-recommended" = ["V1", "V2"]))]
        pub field_syntax_version: String,
        /// Put a field's default where the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

impl CastConfig {
    /// Casts as in `["foo:int32", "bar:string"]`, or all of it as in `["int32"]`.
    pub fn new(spec: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let spec = spec.into_iter().map(Into::into).collect();
        Self { spec, field_syntax_version: crate::options::v1(), replace_null_with_default: true }
    }
}

/// Casts fields, or the whole key or value, to another type: numbers, booleans and text to each other, and bytes,
/// decimals, dates and times to what they are written as.
#[derive(Debug)]
pub struct Cast<O> {
    spec: Spec,
    defaults: bool,
    wholes: Plans<Arc<Schema>>,
    layouts: Plans<Layout<FieldCast>>,
    operand: PhantomData<O>,
}

on_key_and_value!(Cast, CastConfig, "org.apache.kafka.connect.transforms.Cast");

/// The cast of a field with a schema.
#[derive(Debug)]
struct FieldCast {
    from: Arc<Schema>,
    to: Type,
}

impl<O: Operand> Transform for Cast<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        if !datum.is_null() {
            match &self.spec {
                Spec::Whole(to) => self.whole(datum, *to)?,
                Spec::Fields(fields) => self.fields(datum, fields)?,
            }
        }
        Ok(Flow::Keep)
    }
}

impl<O: Operand> Cast<O> {
    fn configured(config: CastConfig) -> Result<Self> {
        let syntax = FieldSyntax::parse(&config.field_syntax_version)?;
        Ok(Self {
            spec: Spec::parse(&config.spec, syntax)?,
            defaults: config.replace_null_with_default,
            wholes: Plans::new(),
            layouts: Plans::new(),
            operand: PhantomData,
        })
    }

    fn whole(&self, datum: &mut Datum, to: Type) -> Result<()> {
        let value = cast(&datum.value, datum.schema.as_deref(), to).map_err(|error| error.context(O::PART))?;
        // Both or none: the default of a schema may be what cannot be cast.
        if let Some(schema) = &datum.schema {
            let schema = Arc::clone(&*self.wholes.get(schema, |schema| whole_schema(schema, to))?);
            datum.schema = Some(schema);
        }
        datum.value = value;
        Ok(())
    }

    fn fields(&self, datum: &mut Datum, fields: &PathTree<Type>) -> Result<()> {
        if datum.schema.is_none() {
            return maps::change(map_mut::<O>(&mut datum.value)?, fields, &|to, old| cast(old, None, *to));
        }
        let structure = struct_mut::<O>(&mut datum.value)?;
        let layout = self.layouts.get(structure.schema(), |schema| layout(schema, fields))?;
        layout.apply(structure, self.defaults, &cast_field)?;
        set_schema(datum, layout.schema());
        Ok(())
    }
}

fn cast_field(field: &FieldCast, value: &Value) -> Result<Value> {
    cast(value, Some(&field.from), field.to)
}

fn layout(schema: &Arc<Schema>, fields: &PathTree<Type>) -> Result<Layout<FieldCast>> {
    let mut builder = basics(schema, Schema::structure());
    let mut slots = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let named = at_field(&field.name);
        let (slot, new) = match fields.get(&field.name) {
            None => (Slot::Keep(field.index), Arc::clone(&field.schema)),
            Some(Work::Here(to)) => {
                let new = same_or(field_schema(&field.schema, *to).map_err(named)?, &field.schema);
                let slot = match Arc::ptr_eq(&new, &field.schema) {
                    true => Slot::Keep(field.index),
                    false => Slot::Change(field.index, FieldCast { from: Arc::clone(&field.schema), to: *to }),
                };
                (slot, new)
            }
            Some(Work::Inside(_)) if field.schema.ty() != Type::Struct => {
                return Err(named(not_inside(&field.schema, "struct")));
            }
            Some(Work::Inside(inside)) => {
                let inner = layout(&field.schema, inside).map_err(named)?;
                let new = Arc::clone(inner.schema());
                (Slot::Inside(field.index, inner.into()), new)
            }
        };
        slots.push(slot);
        builder = builder.field(Arc::clone(&field.name), new);
    }
    Layout::like(builder, slots, schema, &cast_field)
}

/// A field keeps only whether it is optional, and its default.
fn field_schema(schema: &Schema, to: Type) -> Result<Arc<Schema>> {
    match schema.default_value() {
        None => Ok(primitive(to, schema.is_optional())),
        Some(default) => {
            let default = cast(default, Some(schema), to).map_err(|error| error.context("default"))?;
            primitive(to, schema.is_optional()).to_builder().default_value(default).build()
        }
    }
}

/// A whole keeps its description too, but for that of a logical type, which it is no longer.
fn whole_schema(schema: &Arc<Schema>, to: Type) -> Result<Arc<Schema>> {
    let bare = field_schema(schema, to)?.to_builder();
    let built = if is_logical(schema) {
        match schema.doc() {
            Some(doc) => bare.doc(doc).build()?,
            None => bare.build()?,
        }
    } else {
        basics(schema, bare).build()?
    };
    Ok(same_or(built, schema))
}
