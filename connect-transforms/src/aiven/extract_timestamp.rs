//! Takes a record's timestamp from a field.

use std::marker::PhantomData;

use connect_api::{Deserialize, Error, Flow, JsonSchema, Record, Result, Serialize, Transform, Value as Data};

use crate::look;
use crate::operand::{Operand, on_key_and_value};

connect_api::config! {
    /// Configuration of [`ExtractTimestamp`].
    #[derive(Clone)]
    pub struct ExtractTimestampConfig {
        /// Name of the field.
        #[serde(rename = "field.name")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub field_name: String,
        /// The unit of a number.
        #[serde(rename = "timestamp.resolution", default)]
        pub timestamp_resolution: TimestampResolution,
    }
}

/// The unit of a number that is a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimestampResolution {
    #[default]
    Milliseconds,
    Seconds,
}

/// Makes a field of a struct or map, an `int64` or an instant, the record's timestamp.
#[derive(Debug)]
pub struct ExtractTimestamp<O> {
    config: ExtractTimestampConfig,
    operand: PhantomData<O>,
}

on_key_and_value!(ExtractTimestamp, ExtractTimestampConfig, "io.aiven.kafka.connect.transforms.ExtractTimestamp");

impl<O> ExtractTimestamp<O> {
    fn configured(config: ExtractTimestampConfig) -> Result<Self> {
        Ok(Self { config, operand: PhantomData })
    }
}

impl<O: Operand> Transform for ExtractTimestamp<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let name = &self.config.field_name;
        record.timestamp = Some(match look::field(O::PART, O::of(record), name)? {
            Data::Int64(number) if self.config.timestamp_resolution == TimestampResolution::Seconds => {
                number.saturating_mul(1000)
            }
            Data::Int64(ms) | Data::Instant(ms) => *ms,
            other => {
                let found = other.kind();
                return Err(Error::data(format!(
                    "field {name:?}: int64 or a timestamp was expected, {found} was found"
                )));
            }
        });
        Ok(Flow::Keep)
    }
}
