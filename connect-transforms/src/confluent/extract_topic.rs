//! Takes a record's topic from its data.

use std::marker::PhantomData;

use connect_api::{
    Datum, Deserialize, Error, Flow, JsonSchema, Record, Result, Serialize, Transform, TransformPlugin, Value as Data,
};

use crate::json_path::Path;
use crate::look;
use crate::operand::{Operand, on_key_and_value};

connect_api::config! {
    /// Configuration of [`ExtractTopic`] and [`ExtractTopicFromHeader`].
    #[derive(Clone, Default)]
    pub struct ExtractTopicConfig {
        /// The field or header that holds the topic; empty for the whole key or value.
        #[serde(default)]
        #[schemars(extend("x-verbatim" = true))]
        pub field: String,
        /// How the field is given.
        #[serde(rename = "field.format", default)]
        pub field_format: FieldFormat,
        /// Whether a record without a topic in it keeps its own, instead of failing.
        #[serde(rename = "skip.missing.or.null", default)]
        pub skip_missing_or_null: bool,
    }
}

/// How a field is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(crate = "connect_api::schemars")]
pub enum FieldFormat {
    /// By its name.
    #[default]
    Plain,
    /// By a JSON path, such as `$["a"]["b"]`.
    JsonPath,
}

/// Makes a string of a record's key or value its topic.
#[derive(Debug)]
pub struct ExtractTopic<O> {
    field: Field,
    skip: bool,
    operand: PhantomData<O>,
}

#[derive(Debug)]
enum Field {
    Whole,
    Named(String),
    At(Path),
}

on_key_and_value!(ExtractTopic, ExtractTopicConfig, "io.confluent.connect.transforms.ExtractTopic");

impl<O> ExtractTopic<O> {
    fn configured(config: ExtractTopicConfig) -> Result<Self> {
        let field = match config.field_format {
            _ if config.field.is_empty() => Field::Whole,
            FieldFormat::Plain => Field::Named(config.field),
            FieldFormat::JsonPath => Field::At(Path::new(config.field.trim()).map_err(|error| error.context("field"))?),
        };
        Ok(Self { field, skip: config.skip_missing_or_null, operand: PhantomData })
    }
}

impl<O: Operand> Transform for ExtractTopic<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of(record);
        let (place, value) = match &self.field {
            Field::Whole => (format!("the {}", O::PART), &datum.value),
            Field::Named(name) => {
                let missing = datum.is_null() && self.skip;
                let value = if missing { &Data::Null } else { look::field(O::PART, datum, name)? };
                (format!("field {name:?} of the {}", O::PART), value)
            }
            Field::At(path) => {
                let found = path.find(&datum.value).and_then(|found| found.first().copied());
                (format!("{path} of the {}", O::PART), found.unwrap_or(&Data::Null))
            }
        };
        if let Some(topic) = topic(&place, value, self.skip)? {
            record.topic = topic.into();
        }
        Ok(Flow::Keep)
    }
}

/// Makes the string in a header a record's topic: Java's `ExtractTopic$Header`.
#[derive(Debug)]
pub struct ExtractTopicFromHeader {
    header: String,
    skip: bool,
}

impl TransformPlugin for ExtractTopicFromHeader {
    const NAME: &'static str = "io.confluent.connect.transforms.ExtractTopic$Header";
    type Config = ExtractTopicConfig;

    fn new(config: ExtractTopicConfig) -> Result<Self> {
        if config.field.is_empty() {
            return Err(Error::config("field: the name of a header is required"));
        }
        if config.field_format == FieldFormat::JsonPath {
            return Err(Error::config("field.format: a header is given by its name, PLAIN"));
        }
        Ok(Self { header: config.field, skip: config.skip_missing_or_null })
    }
}

impl Transform for ExtractTopicFromHeader {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let value = record.headers.last(&self.header).unwrap_or(&Datum::NULL);
        if let Some(topic) = topic(&format!("header {:?}", self.header), &value.value, self.skip)? {
            record.topic = topic.into();
        }
        Ok(Flow::Keep)
    }
}

fn topic<'a>(place: &str, value: &'a Data, skip: bool) -> Result<Option<&'a str>> {
    match value {
        Data::String(topic) if !topic.is_empty() => Ok(Some(topic)),
        Data::Null if skip => Ok(None),
        Data::Null => Err(Error::data(format!("{place} is null or missing, a string was expected"))),
        other => {
            let found = if other.as_str().is_some() { "an empty one" } else { other.kind() };
            Err(Error::data(format!("{place}: a string was expected, {found} was found")))
        }
    }
}
