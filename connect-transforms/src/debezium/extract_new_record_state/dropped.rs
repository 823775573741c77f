//! Fields that a header says to leave out.

use std::collections::BTreeSet;
use std::sync::Arc;

use connect_api::{Datum, Error, Record, Result, Schema, Value};

use super::ExtractNewRecordStateConfig;
use crate::layout::{Layout, Slot};
use crate::schemas::basics;

/// Leaves out the fields that a header lists.
#[derive(Debug)]
pub(super) struct DroppedFields {
    header: String,
    pub(super) from_key: bool,
    /// Only optional fields are left out.
    compatible: bool,
    defaults: bool,
}

impl DroppedFields {
    pub(super) fn of(config: &ExtractNewRecordStateConfig) -> Option<Self> {
        (!config.drop_fields_header_name.trim().is_empty()).then(|| Self {
            header: config.drop_fields_header_name.clone(),
            from_key: config.drop_fields_from_key,
            compatible: config.drop_fields_keep_schema_compatible,
            defaults: config.replace_null_with_default,
        })
    }

    /// The names of the fields, by the first header of the name.
    pub(super) fn names(&self, record: &Record) -> Result<BTreeSet<String>> {
        let expected = |found: &Value| {
            Error::data(format!("header {:?}: a list of strings was expected, {} was found", self.header, found.kind()))
        };
        match record.headers.all(&self.header).next().map(|header| &header.value) {
            None | Some(Value::Null) => Ok(BTreeSet::new()),
            Some(Value::Array(names)) => {
                let name = |name: &Value| name.as_str().map(str::to_owned).ok_or_else(|| expected(name));
                names.iter().map(name).collect()
            }
            Some(other) => Err(expected(other)),
        }
    }

    /// Leaves fields out of a struct or map; other data stays as it is.
    pub(super) fn apply(&self, datum: &mut Datum, names: &BTreeSet<String>) -> Result<()> {
        match &mut datum.value {
            Value::Map(map) if datum.schema.is_none() => {
                Arc::make_mut(map).retain(|(key, _)| !key.as_str().is_some_and(|key| names.contains(key)));
            }
            Value::Struct(structure) => {
                let old = Arc::clone(structure.schema());
                let mut builder = basics(&old, Schema::structure());
                let mut slots = Vec::new();
                for field in old.fields() {
                    let may_go = field.schema.is_optional() || !self.compatible;
                    if !(may_go && names.contains(&*field.name)) {
                        builder = builder.field(Arc::clone(&field.name), &field.schema);
                        slots.push(Slot::Keep(field.index));
                    }
                }
                if slots.len() < old.fields().len() {
                    let layout: Layout<()> = Layout::new(builder.build()?, slots, &old);
                    layout.apply(structure, self.defaults, &|(), _| Ok(Value::Null))?;
                    datum.schema = Some(Arc::clone(layout.schema()));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
