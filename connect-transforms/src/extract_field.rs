//! Takes one field out and drops the rest.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Datum, Flow, Record, Result, Schema, Struct, Transform, Type, Value as Data};

use crate::field_path::{FieldPath, FieldSyntax};
use crate::maps::position;
use crate::operand::{Operand, on_key_and_value};
use crate::parts::{at_field, map_of, not_inside, struct_of, unknown_field, value_at};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`ExtractField`].
    #[derive(Clone)]
    pub struct ExtractFieldConfig {
        /// The field.
        #[schemars(extend("x-verbatim" = true, "x-importance" = "medium"))]
        pub field: String,
        /// Take the field's default when the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
        /// How its name is read: V1 as a plain name, V2 as a path into nested data.
        #[serde(rename = "field.syntax.version", default = "crate::options::v1")]
        #[schemars(extend("x-recommended" = ["V1", "V2"], "x-importance" = "high"))]
        pub field_syntax_version: String,
    }
}

impl ExtractFieldConfig {
    /// Extracts the field of this plain name.
    pub fn new(field: impl Into<String>) -> Self {
        let field = field.into();
        Self { field, field_syntax_version: crate::options::v1(), replace_null_with_default: true }
    }
}

/// Puts a field of the key or value in its place. A null on the way to the field is the result.
#[derive(Debug)]
pub struct ExtractField<O> {
    path: FieldPath,
    defaults: bool,
    places: Plans<Place>,
    operand: PhantomData<O>,
}

on_key_and_value!(ExtractField, ExtractFieldConfig, "org.apache.kafka.connect.transforms.ExtractField");

/// Where in a struct the field is.
#[derive(Debug)]
struct Place {
    outer: Vec<usize>,
    last: usize,
    schema: Arc<Schema>,
}

impl<O: Operand> Transform for ExtractField<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        *datum = match &datum.schema {
            None if datum.is_null() => return Ok(Flow::Keep),
            None => Datum::schemaless(self.of_map(map_of::<O>(&datum.value)?)?),
            Some(schema) => {
                let structure = if datum.is_null() { None } else { Some(struct_of::<O>(&datum.value)?) };
                let schema = structure.map_or(schema, Struct::schema);
                let place = self.places.get(schema, |schema| self.place(schema))?;
                let value = match structure {
                    Some(structure) => place.of_struct(structure, self.defaults)?,
                    None => Data::Null,
                };
                Datum { schema: Some(Arc::clone(&place.schema)), value }
            }
        };
        Ok(Flow::Keep)
    }
}

impl<O> ExtractField<O> {
    fn configured(config: ExtractFieldConfig) -> Result<Self> {
        let syntax = FieldSyntax::parse(&config.field_syntax_version)?;
        Ok(Self {
            path: FieldPath::parse(&config.field, syntax).map_err(|error| error.context("field"))?,
            defaults: config.replace_null_with_default,
            places: Plans::new(),
            operand: PhantomData,
        })
    }

    /// The field, or null when it or what it is in is absent.
    fn of_map(&self, mut entries: &[(Data, Data)]) -> Result<Data> {
        let mut found = &Data::Null;
        for (depth, step) in self.path.steps().iter().enumerate() {
            if depth > 0 {
                entries = match found {
                    Data::Null => return Ok(Data::Null),
                    Data::Map(entries) => entries,
                    other => return Err(at_field(step)(not_inside(other.kind(), "map"))),
                };
            }
            found = position(entries, step).map_or(&Data::Null, |place| &entries[place].1);
        }
        Ok(found.clone())
    }

    fn place(&self, schema: &Arc<Schema>) -> Result<Place> {
        let mut schema = schema;
        let mut outer = Vec::new();
        for step in self.path.steps() {
            if schema.ty() != Type::Struct {
                return Err(at_field(step)(not_inside(schema, "struct")));
            }
            let field = schema.field(step).ok_or_else(|| unknown_field(step, schema))?;
            outer.push(field.index);
            schema = &field.schema;
        }
        // There is at least one step.
        let last = outer.pop().unwrap_or_default();
        Ok(Place { outer, last, schema: Arc::clone(schema) })
    }
}

impl Place {
    fn of_struct(&self, mut structure: &Struct, defaults: bool) -> Result<Data> {
        for index in &self.outer {
            structure = match structure.at(*index) {
                Data::Null => return Ok(Data::Null),
                Data::Struct(inner) => inner,
                other => return Err(not_inside(other.kind(), "struct")),
            };
        }
        Ok(value_at(structure, self.last, defaults))
    }
}
