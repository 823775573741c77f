//! Schemas of values that are a payload with columns beside it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use connect_api::{Result, Schema};

use super::config::Additional;

/// How many schemas are kept; beyond that all are made anew.
const KEPT: usize = 64;

/// The route and version of an event.
type Name = (Arc<str>, Option<i32>);

/// Such schemas, by the route and version of the event.
#[derive(Default)]
pub(super) struct Envelopes(Mutex<BTreeMap<Name, Known>>);

/// A schema, with what it was made of.
struct Known {
    row: Arc<Schema>,
    payload: Arc<Schema>,
    schema: Arc<Schema>,
}

impl Envelopes {
    /// The schema of a payload and columns of a row that has them.
    pub(super) fn get(
        &self,
        name: Name,
        row: &Arc<Schema>,
        payload: &Arc<Schema>,
        columns: &[&Additional],
    ) -> Result<Arc<Schema>> {
        // A panic while holding it leaves whole entries.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&name).filter(|known| known.row == *row && known.payload == *payload) {
            return Ok(Arc::clone(&known.schema));
        }
        let (route, version) = &name;
        let mut builder = Schema::structure().name(schema_name(row.name(), route)).field("payload", payload);
        if let Some(version) = version {
            builder = builder.version(*version);
        }
        for column in columns {
            if let Some(field) = row.field(&column.column) {
                builder = builder.field(Arc::clone(&column.name), &field.schema);
            }
        }
        let schema = builder.build()?;
        if known.len() >= KEPT {
            known.clear();
        }
        let made = Known { row: Arc::clone(row), payload: Arc::clone(payload), schema: Arc::clone(&schema) };
        known.insert(name, made);
        Ok(schema)
    }
}

impl fmt::Debug for Envelopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Envelopes")
    }
}

/// The row's name with the route in front of its last part.
fn schema_name(row: Option<&str>, route: &str) -> String {
    match row.map(|row| row.rsplit_once('.').ok_or(row)) {
        None => route.to_owned(),
        Some(Ok((package, last))) => format!("{package}.{route}.{last}"),
        Some(Err(row)) => format!("{route}.{row}"),
    }
}
