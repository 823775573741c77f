//! Says which fields a change changed.

use std::sync::Arc;

use connect_api::{Datum, Flow, Record, Result, Schema, Transform, TransformPlugin, Type, Value};

use super::envelope::{AFTER, BEFORE, is_envelope};

connect_api::config! {
    /// Configuration of [`ExtractChangedRecordState`].
    #[derive(Clone, Default)]
    pub struct ExtractChangedRecordStateConfig {
        /// Header for the names of the fields that were changed; none when absent.
        #[serde(rename = "header.changed.name")]
        #[schemars(extend("x-verbatim" = true))]
        pub header_changed_name: Option<String>,
        /// Header for the names of those that were not; none when absent.
        #[serde(rename = "header.unchanged.name")]
        #[schemars(extend("x-verbatim" = true))]
        pub header_unchanged_name: Option<String>,
    }
}

/// Adds headers that list the fields of a row that a change changed, and those it did not. Both lists are empty where
/// there is no row before or none after.
#[derive(Debug)]
pub struct ExtractChangedRecordState {
    changed: Option<List>,
    unchanged: Option<List>,
}

/// A header that holds a list of names.
#[derive(Debug)]
struct List {
    header: Arc<str>,
    schema: Arc<Schema>,
}

impl List {
    fn of(header: Option<String>) -> Result<Option<Self>> {
        let Some(header) = header.filter(|header| !header.trim().is_empty()) else { return Ok(None) };
        let schema = Schema::array(Schema::optional(Type::String)).optional().name(header.as_str()).build()?;
        Ok(Some(Self { header: header.into(), schema }))
    }
}

impl TransformPlugin for ExtractChangedRecordState {
    const NAME: &'static str = "io.debezium.transforms.ExtractChangedRecordState";
    type Config = ExtractChangedRecordStateConfig;

    fn new(config: ExtractChangedRecordStateConfig) -> Result<Self> {
        Ok(Self { changed: List::of(config.header_changed_name)?, unchanged: List::of(config.header_unchanged_name)? })
    }
}

impl Transform for ExtractChangedRecordState {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        if !is_envelope(&record.value) {
            return Ok(Flow::Keep);
        }
        let row = |which| record.value.value.get(which);
        let (changed, unchanged) = compared(row(BEFORE), row(AFTER));
        for (list, names) in [(&self.changed, changed), (&self.unchanged, unchanged)] {
            if let Some(List { header, schema }) = list {
                record.headers.add(Arc::clone(header), Datum::new(Arc::clone(schema), names));
            }
        }
        Ok(Flow::Keep)
    }
}

/// The names of the fields of a row that differ from those of the row before, and of those that do not.
fn compared(before: Option<&Value>, after: Option<&Value>) -> (Vec<Value>, Vec<Value>) {
    match (before, after) {
        (Some(Value::Struct(before)), Some(Value::Struct(after))) => {
            let fields = after.schema().fields().iter();
            let (same, other): (Vec<_>, Vec<_>) = fields.partition(|field| {
                let old = before.schema().field(&field.name).and_then(|old| before.values().get(old.index));
                old == after.values().get(field.index)
            });
            let names = |fields: Vec<&connect_api::Field>| {
                fields.into_iter().map(|field| Arc::clone(&field.name).into()).collect()
            };
            (names(other), names(same))
        }
        (Some(before @ Value::Map(_)), Some(Value::Map(after))) => {
            let named = after.iter().filter_map(|(key, value)| Some((key, key.as_str()?, value)));
            let (same, other): (Vec<_>, Vec<_>) = named.partition(|(_, name, value)| before.get(name) == Some(*value));
            let names =
                |entries: Vec<(&Value, &str, &Value)>| entries.into_iter().map(|entry| entry.0.clone()).collect();
            (names(other), names(same))
        }
        _ => (Vec::new(), Vec::new()),
    }
}
