//! Records as JSON.

use std::sync::Arc;

use bytes::Bytes;
use connect_api::{Converter, Datum, Error, RawHeaders, Record, Result, SinkRecord, TimestampType, TopicPartition};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{DryRun, Shared};

/// A record as it was given.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Input {
    topic: Option<String>,
    partition: Option<i32>,
    offset: Option<i64>,
    timestamp: Option<i64>,
    #[serde(default)]
    key: Value,
    #[serde(default)]
    value: Value,
    key_schema: Option<Value>,
    value_schema: Option<Value>,
    raw_key: Option<String>,
    raw_value: Option<String>,
    #[serde(default)]
    headers: Vec<InputHeader>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputHeader {
    key: String,
    #[serde(default)]
    value: Value,
    schema: Option<Value>,
}

/// Reads an array of records, or records one after another.
pub(super) fn parse(text: &str) -> Result<Vec<Input>> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter() {
        match value.map_err(|error| Error::data("the records are no JSON").with_source(error))? {
            Value::Array(more) => values.extend(more),
            one => values.push(one),
        }
    }
    let inputs = values.into_iter().enumerate().map(|(index, value)| {
        let wrong = |message: String| Error::data(message).context(format_args!("record {}", index + 1));
        if !value.is_object() {
            return Err(wrong("is no JSON object".into()));
        }
        let input: Input = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
        input.check().map_err(wrong)?;
        Ok(input)
    });
    inputs.collect()
}

impl Input {
    fn check(&self) -> Result<(), String> {
        for (name, raw, value, schema) in [
            ("Key", &self.raw_key, &self.key, &self.key_schema),
            ("Value", &self.raw_value, &self.value, &self.value_schema),
        ] {
            if raw.is_some() && (!value.is_null() || schema.is_some()) {
                let lower = name.to_lowercase();
                return Err(format!("has raw{name}, and {lower} or {lower}Schema too"));
            }
        }
        Ok(())
    }

    /// # Errors
    /// A key, value or header that is not of its schema, or that the converter refuses.
    pub(super) fn record(self, run: &DryRun) -> Result<Record> {
        let topic: Arc<str> = self.topic.as_deref().unwrap_or("records").into();
        let datum = |converter: &dyn Converter, raw: Option<String>, value, schema| match raw {
            Some(raw) => converter.read(&topic, &RawHeaders::new(), Some(&Bytes::from(raw))),
            None => run.shared.datum(value, schema),
        };
        let key = datum(&*run.key, self.raw_key, self.key, self.key_schema);
        let value = datum(&*run.value, self.raw_value, self.value, self.value_schema);
        let mut record = Record::new(Arc::clone(&topic), value.map_err(|error| error.context("value"))?);
        record.key = key.map_err(|error| error.context("key"))?;
        record.partition = self.partition;
        record.timestamp = self.timestamp;
        for header in self.headers {
            let value = run.shared.datum(header.value, header.schema);
            let value = value.map_err(|error| error.context(format_args!("header {:?}", header.key)))?;
            record.headers.add(header.key, value);
        }
        match self.offset {
            None => Ok(record),
            // Read from Kafka: transforms and predicates may ask for the offset.
            Some(offset) => {
                let origin = Arc::new(TopicPartition::new(topic, self.partition.unwrap_or(0)));
                let kind = if record.timestamp.is_some() { TimestampType::CreateTime } else { TimestampType::None };
                Ok(SinkRecord::new(record, origin, offset, kind).record)
            }
        }
    }
}

impl Shared {
    fn datum(&self, value: Value, schema: Option<Value>) -> Result<Datum> {
        let is_envelope = |value: &Value| {
            let members = value.as_object();
            members.is_some_and(|members| {
                members.len() == 2
                    && members.contains_key("payload")
                    && members.get("schema").is_some_and(|schema| schema.is_object() || schema.is_null())
            })
        };
        let (converter, text) = match schema {
            Some(schema) => (&self.with_schemas, json!({"schema": schema, "payload": value}).to_string()),
            None if value.is_null() => return Ok(Datum::NULL),
            None if is_envelope(&value) => (&self.with_schemas, value.to_string()),
            None => (&self.without, value.to_string()),
        };
        Converter::read(converter, "", &RawHeaders::new(), Some(&Bytes::from(text)))
    }
}
