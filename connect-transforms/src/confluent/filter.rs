//! Drops records by what is in them.

use std::marker::PhantomData;

use connect_api::{Deserialize, Error, Flow, JsonSchema, Record, Result, Serialize, Transform, Value as Data};

use crate::json_path::Path;
use crate::operand::{Operand, on_key_and_value};

connect_api::config! {
    /// Configuration of [`Filter`].
    #[derive(Clone)]
    pub struct FilterConfig {
        /// A JSON path that leads to something in the records meant, such as `$[?(@.category == 'keep')]`.
        #[serde(rename = "filter.condition")]
        pub filter_condition: String,
        /// Whether the records meant go on, or all others.
        #[serde(rename = "filter.type")]
        pub filter_type: FilterType,
        /// What is done to a record in which a part of the path is missing or null.
        #[serde(rename = "missing.or.null.behavior", default)]
        pub missing_or_null_behavior: MissingOrNullBehavior,
    }
}

/// Which records go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum FilterType {
    /// Those meant.
    Include,
    /// All others.
    Exclude,
}

/// What is done to a record in which a part of the path is missing or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum MissingOrNullBehavior {
    /// It fails.
    #[default]
    Fail,
    /// It goes on.
    Include,
    /// It is dropped.
    Exclude,
}

/// Lets records go on in which a JSON path leads to something, or those in which it does not. Records whose whole key
/// or value is null go on.
///
/// Of JSON path it knows names, indexes, `*` and filters with comparisons; what it does not know is a config error.
#[derive(Debug)]
pub struct Filter<O> {
    path: Path,
    keep: FilterType,
    missing: MissingOrNullBehavior,
    operand: PhantomData<O>,
}

on_key_and_value!(Filter, FilterConfig, "io.confluent.connect.transforms.Filter");

impl<O> Filter<O> {
    fn configured(config: FilterConfig) -> Result<Self> {
        Ok(Self {
            path: Path::new(&config.filter_condition).map_err(|error| error.context("filter.condition"))?,
            keep: config.filter_type,
            missing: config.missing_or_null_behavior,
            operand: PhantomData,
        })
    }
}

impl<O: Operand> Transform for Filter<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let value = &O::of(record).value;
        let keep = match value {
            Data::Null => true,
            Data::Map(_) | Data::Struct(_) => match self.path.find(value) {
                Some(found) if !found.iter().all(|value| value.is_null()) => self.keep == FilterType::Include,
                Some(found) if found.is_empty() => self.keep == FilterType::Exclude,
                _ => self.keep_missing(O::PART)?,
            },
            other => {
                return Err(Error::data(format!("the {} is {}, a struct or map was expected", O::PART, other.kind())));
            }
        };
        Ok(if keep { Flow::Keep } else { Flow::Drop })
    }
}

impl<O> Filter<O> {
    fn keep_missing(&self, part: &str) -> Result<bool> {
        match self.missing {
            MissingOrNullBehavior::Include => Ok(true),
            MissingOrNullBehavior::Exclude => Ok(false),
            MissingOrNullBehavior::Fail => {
                Err(Error::data(format!("a part of the path {} is missing or null in the {part}", self.path)))
            }
        }
    }
}
