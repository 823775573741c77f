//! Hides what fields hold.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Decimal, Error, Flow, Record, Result, Schema, Struct, Transform, Type, Value, logical};

use crate::field_path::{FieldPath, FieldSyntax};
use crate::layout::{fill_defaults, has_defaults};
use crate::maps::{self, Map};
use crate::operand::{Operand, on_key_and_value};
use crate::parts::{at_field, map_mut, not_inside, struct_mut};
use crate::path_tree::{PathTree, Work};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`MaskField`].
    #[derive(Clone)]
    pub struct MaskFieldConfig {
        /// Fields to hide.
        #[schemars(length(min = 1))]
        pub fields: Vec<String>,
        /// What to put in their place: a text for text fields, a number for numbers. Without it they become empty, 0
        /// or false.
        #[serde(default)]
        #[schemars(extend("x-verbatim" = true, "x-importance" = "low"), length(min = 1))]
        pub replacement: Option<String>,
        /// How names of fields are read: V1 as plain names, V2 as paths into nested data.
        #[serde(rename = "field.syntax.version", default = "crate::options::v1")]
        #[schemars(extend("x-recommended" = ["V1", "V2"]))]
        pub field_syntax_version: String,
        /// Put a field's default where the field is null, before it is masked.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

impl MaskFieldConfig {
    /// Hides these fields as zeros and empty texts.
    pub fn new(fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            fields: fields.into_iter().map(Into::into).collect(),
            replacement: None,
            field_syntax_version: crate::options::v1(),
            replace_null_with_default: true,
        }
    }
}

/// Replaces what fields of the key or value hold by zero, false or nothing, or by a text or number. Null stays null.
#[derive(Debug)]
pub struct MaskField<O> {
    fields: PathTree<()>,
    mask: Mask,
    defaults: bool,
    plans: Plans<Plan>,
    operand: PhantomData<O>,
}

on_key_and_value!(MaskField, MaskFieldConfig, "org.apache.kafka.connect.transforms.MaskField");

/// What is to be done to structs of a schema.
#[derive(Debug)]
struct Plan {
    /// The fields to mask, by position.
    steps: Vec<(usize, Step)>,
    /// Some field has a default.
    fills: bool,
}

#[derive(Debug)]
enum Step {
    Here { scale: i32 },
    Inside(Plan),
}

impl<O: Operand> Transform for MaskField<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        if datum.schema.is_none() {
            maps::change(map_mut::<O>(&mut datum.value)?, &self.fields, &|(), old| self.mask.masked(old, 0))?;
            return Ok(Flow::Keep);
        }
        let structure = struct_mut::<O>(&mut datum.value)?;
        let plan = self.plans.get(structure.schema(), |schema| plan(schema, &self.fields))?;
        self.check(structure, &plan)?;
        self.structure(structure, &plan);
        Ok(Flow::Keep)
    }
}

fn plan(schema: &Schema, fields: &PathTree<()>) -> Result<Plan> {
    let mut steps = Vec::new();
    for field in schema.fields() {
        let step = match fields.get(&field.name) {
            None => continue,
            Some(Work::Here(())) => {
                // A scale that is no number is found when the record is written.
                let scale = field.schema.parameter(logical::SCALE).and_then(|scale| scale.parse().ok());
                Step::Here { scale: scale.unwrap_or(0) }
            }
            Some(Work::Inside(_)) if field.schema.ty() != Type::Struct => {
                return Err(at_field(&field.name)(not_inside(&field.schema, "struct")));
            }
            Some(Work::Inside(inside)) => Step::Inside(plan(&field.schema, inside).map_err(at_field(&field.name))?),
        };
        steps.push((field.index, step));
    }
    Ok(Plan { steps, fills: has_defaults(schema) })
}

impl<O> MaskField<O> {
    fn configured(config: MaskFieldConfig) -> Result<Self> {
        let syntax = FieldSyntax::parse(&config.field_syntax_version)?;
        let paths = config.fields.iter().map(|field| Ok((FieldPath::parse(field, syntax)?, ())));
        let fields =
            paths.collect::<Result<Vec<_>>>().and_then(PathTree::of).map_err(|error| error.context("fields"))?;
        if fields.nodes().is_empty() {
            return Err(Error::config("fields: no field is named; expected at least one"));
        }
        Ok(Self {
            fields,
            mask: Mask::new(config.replacement)?,
            defaults: config.replace_null_with_default,
            plans: Plans::new(),
            operand: PhantomData,
        })
    }

    fn old<'a>(&self, structure: &'a Struct, index: usize) -> &'a Value {
        if self.defaults { structure.at(index) } else { structure.values().get(index).unwrap_or(&Value::Null) }
    }

    /// Whether all can be masked, so that a struct is masked as a whole or not at all.
    fn check(&self, structure: &Struct, plan: &Plan) -> Result<()> {
        for (index, step) in &plan.steps {
            let checked = match (step, self.old(structure, *index)) {
                (Step::Here { .. }, value) => self.mask.check(value),
                (Step::Inside(_), Value::Null) => Ok(()),
                (Step::Inside(plan), Value::Struct(inner)) => self.check(inner, plan),
                (Step::Inside(_), other) => Err(not_inside(other.kind(), "struct")),
            };
            checked.map_err(|error| match structure.schema().fields().get(*index) {
                Some(field) => at_field(&field.name)(error),
                None => error,
            })?;
        }
        Ok(())
    }

    /// Masks in place, what was checked.
    fn structure(&self, structure: &mut Struct, plan: &Plan) {
        if self.defaults && plan.fills {
            fill_defaults(structure);
        }
        let values = structure.values_mut();
        for (index, step) in &plan.steps {
            match (step, values.get_mut(*index)) {
                (Step::Here { scale }, Some(value)) => {
                    if let Ok(masked) = self.mask.masked(value, *scale) {
                        *value = masked;
                    }
                }
                (Step::Inside(plan), Some(Value::Struct(inner))) => self.structure(inner, plan),
                _ => {}
            }
        }
    }
}

/// What stands in the place of a value.
#[derive(Debug)]
enum Mask {
    Empty { text: Arc<str>, list: Arc<[Value]>, map: Map },
    Text { text: Arc<str>, number: Option<Number> },
}

/// The replacement as a number of any type.
#[derive(Debug)]
struct Number {
    whole: i64,
    double: f64,
    decimal: Decimal,
}

impl Mask {
    fn new(replacement: Option<String>) -> Result<Self> {
        let Some(text) = replacement else {
            return Ok(Self::Empty { text: "".into(), list: Arc::new([]), map: Map::default() });
        };
        if text.is_empty() {
            return Err(Error::config("replacement: expected text of at least 1 characters"));
        }
        let number = text.parse::<Decimal>().ok().map(|decimal| Number {
            whole: decimal.wrapping_i64(),
            double: decimal.to_f64(),
            decimal,
        });
        Ok(Self::Text { text: text.into(), number })
    }

    /// Whether the value can be masked.
    fn check(&self, value: &Value) -> Result<()> {
        match (self, value) {
            (_, Value::Null | Value::String(_)) => Ok(()),
            (Self::Empty { .. }, Value::Bytes(_) | Value::Struct(_)) => {
                Err(impossible(value, "boolean, number, string, date or time, array or map"))
            }
            (Self::Empty { .. }, _) => Ok(()),
            (
                Self::Text { text, .. },
                Value::Bytes(_)
                | Value::Struct(_)
                | Value::Boolean(_)
                | Value::Instant(_)
                | Value::Array(_)
                | Value::Map(_),
            ) => Err(impossible(value, "number or string").context(format_args!("replacement {text:?}"))),
            (Self::Text { number: Some(_), .. }, _) => Ok(()),
            (Self::Text { text, number: None }, _) => {
                Err(Error::data(format!("the replacement {text:?} is no {}, a number was expected", value.kind())))
            }
        }
    }

    /// What stands in the place of the value; a decimal has so many digits after the point.
    fn masked(&self, value: &Value, scale: i32) -> Result<Value> {
        self.check(value)?;
        Ok(match self {
            Self::Empty { text, list, map } => empty(value, scale, text, list, map),
            Self::Text { text, number } => match (value, number) {
                (Value::String(_), _) => Arc::clone(text).into(),
                (_, Some(number)) => number.like(value),
                _ => Value::Null,
            },
        })
    }
}

fn empty(value: &Value, scale: i32, text: &Arc<str>, list: &Arc<[Value]>, map: &Map) -> Value {
    match value {
        Value::Boolean(_) => Value::Boolean(false),
        Value::Int8(_) => Value::Int8(0),
        Value::Int16(_) => Value::Int16(0),
        Value::Int32(_) => Value::Int32(0),
        Value::Int64(_) => Value::Int64(0),
        Value::Float32(_) => Value::Float32(0.0),
        Value::Float64(_) => Value::Float64(0.0),
        Value::String(_) => Value::String(Arc::clone(text)),
        Value::Decimal(_) => Decimal::new(0, scale).into(),
        Value::Instant(_) => Value::Instant(0),
        Value::Array(_) => Value::Array(Arc::clone(list)),
        Value::Map(_) => Value::Map(Arc::clone(map)),
        _ => Value::Null,
    }
}

impl Number {
    /// The number in the type of a value.
    #[expect(clippy::cast_possible_truncation, reason = "Connect's conversions wrap around and round")]
    fn like(&self, value: &Value) -> Value {
        match value {
            Value::Int8(_) => Value::Int8(self.whole as i8),
            Value::Int16(_) => Value::Int16(self.whole as i16),
            Value::Int32(_) => Value::Int32(self.whole as i32),
            Value::Int64(_) => Value::Int64(self.whole),
            Value::Float32(_) => Value::Float32(self.double as f32),
            Value::Float64(_) => Value::Float64(self.double),
            Value::Decimal(_) => self.decimal.clone().into(),
            _ => Value::Null,
        }
    }
}

fn impossible(value: &Value, expected: &str) -> Error {
    Error::data(format!("a value of type {} cannot be masked so, a {expected} was expected", value.kind()))
}
