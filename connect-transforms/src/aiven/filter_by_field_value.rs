//! Drops records by what a field is.

use std::marker::PhantomData;

use connect_api::values::Values;
use connect_api::{Error, Flow, Record, Result, Transform, Value as Data};

use crate::java_regex::JavaRegex;
use crate::look;
use crate::operand::{Operand, on_key_and_value};

connect_api::config! {
    /// Configuration of [`FilterByFieldValue`].
    #[derive(Clone)]
    pub struct FilterByFieldValueConfig {
        /// Name of the field; the whole key or value when absent.
        #[serde(rename = "field.name")]
        #[schemars(extend("x-verbatim" = true))]
        pub field_name: Option<String>,
        /// What the field is, as text. Either this or the pattern is given.
        #[serde(rename = "field.value")]
        #[schemars(extend("x-verbatim" = true))]
        pub field_value: Option<String>,
        /// A Java regular expression that is found in the field's text.
        #[serde(rename = "field.value.pattern")]
        #[schemars(extend("x-verbatim" = true))]
        pub field_value_pattern: Option<JavaRegex>,
        /// Whether records that match go on, instead of those that do not.
        #[serde(rename = "field.value.matches", default = "yes")]
        pub field_value_matches: bool,
    }
}

const fn yes() -> bool {
    true
}

/// Lets records go on whose field, a string, number or boolean, has a value or matches a pattern; or those where it
/// does not. Records whose whole key or value is null go on.
///
/// Numbers are compared by what they are, whatever their types.
#[derive(Debug)]
pub struct FilterByFieldValue<O> {
    field: Option<String>,
    condition: Condition,
    matches: bool,
    operand: PhantomData<O>,
}

#[derive(Debug)]
enum Condition {
    Is(Data),
    Matches(Box<JavaRegex>),
}

on_key_and_value!(FilterByFieldValue, FilterByFieldValueConfig, "io.aiven.kafka.connect.transforms.FilterByFieldValue");

impl<O> FilterByFieldValue<O> {
    fn configured(config: FilterByFieldValueConfig) -> Result<Self> {
        let pattern = config.field_value_pattern.filter(|pattern| !pattern.as_str().is_empty());
        let condition = match (config.field_value, pattern) {
            (Some(text), None) => Condition::Is(Values::default().parse(&text).value),
            (None, Some(pattern)) => Condition::Matches(Box::new(pattern)),
            _ => return Err(Error::config("either field.value or field.value.pattern is required, and not both")),
        };
        let field = config.field_name.filter(|name| !name.is_empty());
        Ok(Self { field, condition, matches: config.field_value_matches, operand: PhantomData })
    }
}

impl<O: Operand> Transform for FilterByFieldValue<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of(record);
        if datum.is_null() {
            return Ok(Flow::Keep);
        }
        let value = match &self.field {
            Some(name) => look::field(O::PART, datum, name)?,
            None => &datum.value,
        };
        let holds = match (&self.condition, look::simple_text(value)) {
            (Condition::Matches(pattern), Some(text)) => pattern.is_found_in(&text)?,
            (Condition::Is(expected), Some(_)) => is(expected, value),
            (_, None) => false,
        };
        Ok(if holds == self.matches { Flow::Keep } else { Flow::Drop })
    }
}

fn is(expected: &Data, value: &Data) -> bool {
    match (expected.as_i64(), value.as_i64()) {
        (Some(expected), Some(value)) => expected == value,
        // A literal has as few bits as it needs, so `0.1` is a float32.
        _ => match (expected.as_f64(), value) {
            (Some(_), Data::Float64(_)) => expected.to_string() == value.to_string(),
            (Some(expected), value) => value.as_f64() == Some(expected),
            (None, value) => expected == value,
        },
    }
}
