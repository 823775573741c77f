//! Takes a record's topic from its data.

use std::marker::PhantomData;

use connect_api::{Error, Flow, Record, Result, Transform, Value as Data};

use crate::look;
use crate::operand::{Operand, on_key_and_value};

connect_api::config! {
    /// Configuration of [`ExtractTopic`].
    #[derive(Clone, Default)]
    pub struct ExtractTopicConfig {
        /// Name of the field that holds the topic; the whole key or value when absent.
        #[serde(rename = "field.name")]
        #[schemars(extend("x-verbatim" = true))]
        pub field_name: Option<String>,
        /// Whether a record without a topic in it keeps its own, instead of failing.
        #[serde(rename = "skip.missing.or.null", default)]
        pub skip_missing_or_null: bool,
    }
}

/// Makes a string, number or boolean of a record's data its topic.
#[derive(Debug)]
pub struct ExtractTopic<O> {
    field: Option<String>,
    skip: bool,
    operand: PhantomData<O>,
}

on_key_and_value!(ExtractTopic, ExtractTopicConfig, "io.aiven.kafka.connect.transforms.ExtractTopic");

impl<O> ExtractTopic<O> {
    fn configured(config: ExtractTopicConfig) -> Result<Self> {
        let field = config.field_name.filter(|name| !name.is_empty());
        Ok(Self { field, skip: config.skip_missing_or_null, operand: PhantomData })
    }
}

impl<O: Operand> Transform for ExtractTopic<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of(record);
        let (place, value) = match &self.field {
            Some(name) => (format!("field {name:?} of the {}", O::PART), look::field(O::PART, datum, name)?),
            None => (format!("the {}", O::PART), &datum.value),
        };
        let topic = match value {
            Data::Null => None,
            value => {
                let found = value.kind();
                Some(look::simple_text(value).ok_or_else(|| {
                    Error::data(format!("{place}: a string, number or boolean was expected, {found} was found"))
                })?)
            }
        };
        match topic.filter(|topic| !topic.trim().is_empty()) {
            Some(topic) => record.topic = topic.into(),
            None if self.skip => {}
            None => return Err(Error::data(format!("{place} is null, missing or blank, and names no topic"))),
        }
        Ok(Flow::Keep)
    }
}
