//! Moves times to another zone.

mod rules;
mod zoned;

use connect_api::{Error, Field, Flow, Record, Result, Struct, Transform, TransformPlugin, Value, logical};

use self::rules::{Fields, Rules};
use super::envelope::{AFTER, BEFORE, SOURCE, is_envelope};
use crate::parts::at_field;

connect_api::config! {
    /// Configuration of [`TimezoneConverter`].
    #[derive(Clone)]
    pub struct TimezoneConverterConfig {
        /// The zone: an offset from UTC like +08:00, or UTC. Zones by name, whose offset changes, are not known.
        #[serde(rename = "converted.timezone")]
        #[schemars(length(min = 1))]
        pub converted_timezone: String,
        /// What is converted: source:table, source:table:field, topic:topic, topic:topic:field, or name:field for a
        /// topic or table. A field may begin with before., after. or source. for that part of the envelope.
        #[serde(rename = "include.list", default)]
        pub include_list: Vec<String>,
        /// What is not converted, given as in include.list.
        #[serde(rename = "exclude.list", default)]
        pub exclude_list: Vec<String>,
    }
}

/// Moves times in the rows of changes, which need a schema, to another zone.
///
/// Texts, of Debezium's `ZonedTimestamp` and `ZonedTime`, say the same moment with another offset. Numbers, of its
/// `Timestamp`, `MicroTimestamp` and `NanoTimestamp` and of Connect's timestamp, hold local times, and become the
/// moment at which it is that time in the zone.
#[derive(Debug)]
pub struct TimezoneConverter {
    /// Seconds east of UTC.
    offset: i64,
    rules: Rules,
}

impl TransformPlugin for TimezoneConverter {
    const NAME: &'static str = "io.debezium.transforms.TimezoneConverter";
    type Config = TimezoneConverterConfig;

    fn new(config: TimezoneConverterConfig) -> Result<Self> {
        let zone = config.converted_timezone.trim();
        let offset = if matches!(zone, "UTC" | "GMT" | "Etc/UTC") { Some(0) } else { zoned::offset(zone) };
        let offset = offset.ok_or_else(|| {
            Error::config(format!(
                "converted.timezone: {zone:?} is not known; possible: offsets from -18:00 to +18:00, and UTC"
            ))
        })?;
        Ok(Self { offset, rules: Rules::of(&config)? })
    }
}

impl Transform for TimezoneConverter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let Value::Struct(envelope) = &record.value.value else { return Ok(Flow::Keep) };
        let table = record.value.value.get(SOURCE).and_then(|source| source.get("table")).and_then(Value::as_str);
        let Some(fields) = self.rules.fields(&record.topic, table).filter(|_| is_envelope(&record.value)) else {
            return Ok(Flow::Keep);
        };
        let mut converted = envelope.clone();
        for part in [BEFORE, AFTER, SOURCE] {
            let Some(index) = envelope.schema().field(part).map(|field| field.index) else { continue };
            if let Some(Value::Struct(structure)) = envelope.values().get(index) {
                let structure = self.converted(part, structure, &fields).map_err(at_field(part))?;
                converted.values_mut()[index] = structure.into();
            }
        }
        record.value.value = converted.into();
        Ok(Flow::Keep)
    }
}

impl TimezoneConverter {
    fn converted(&self, part: &str, structure: &Struct, fields: &Fields<'_>) -> Result<Struct> {
        let mut converted = structure.clone();
        for field in structure.schema().fields().iter().filter(|field| fields.has(part, &field.name)) {
            let value = structure.values().get(field.index).unwrap_or(&Value::Null);
            if let Some(value) = self.moved(part, field, value).map_err(at_field(&field.name))? {
                converted.values_mut()[field.index] = value;
            }
        }
        Ok(converted)
    }

    /// The value in the zone; `None` when it stays as it is.
    fn moved(&self, part: &str, field: &Field, value: &Value) -> Result<Option<Value>> {
        let earlier = |number: i64, in_second: i64| Some(number.saturating_sub(self.offset * in_second).into());
        Ok(match (field.schema.name(), value) {
            (Some("io.debezium.time.Timestamp"), Value::Int64(ms)) => earlier(*ms, 1000),
            (Some("io.debezium.time.MicroTimestamp"), Value::Int64(us)) => earlier(*us, 1_000_000),
            (Some("io.debezium.time.NanoTimestamp"), Value::Int64(ns)) => earlier(*ns, 1_000_000_000),
            (Some(logical::TIMESTAMP), Value::Instant(ms)) => {
                Some(Value::Instant(ms.saturating_sub(self.offset * 1000)))
            }
            (Some(name @ ("io.debezium.time.ZonedTimestamp" | "io.debezium.time.ZonedTime")), Value::String(text)) => {
                let with_date = name == "io.debezium.time.ZonedTimestamp";
                let moved = zoned::moved(text, with_date, self.offset);
                Some(moved.ok_or_else(|| Error::data(format!("{text:?} is no time with an offset")))?.into())
            }
            // The times of the source are moments already.
            (None, Value::Int64(number)) if part == SOURCE => {
                let in_second = match &*field.name {
                    "ts_ms" => 1000,
                    "ts_us" => 1_000_000,
                    "ts_ns" => 1_000_000_000,
                    _ => return Ok(None),
                };
                Some(number.saturating_add(self.offset * in_second).into())
            }
            _ => None,
        })
    }
}
